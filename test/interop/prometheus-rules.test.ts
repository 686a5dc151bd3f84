import { copyFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { agentRules, consoleRules } from '../../build/prometheus/alert-rules.ts'
import { temporaryDirectory } from '../harness/fleet.ts'
import { openMetricsDesk } from '../harness/metrics-desk.ts'
import { hasPrometheus, promtool } from '../harness/prometheus.ts'

const RULES = resolve('build/prometheus/muster-rules.yaml')
const names = [...consoleRules, ...agentRules].map(({ name }) => name)
/** Four days, as the longest rule looks three days back; a sample each five minutes is enough for rates over ten. */
const MINUTES = 4 * 1440
const STEP_MINUTES = 5

test.skipIf(!hasPrometheus)('the metrics of the console are clean to promtool', async () => {
  const desk = await openMetricsDesk()
  expect(promtool(['check', 'metrics'], await (await desk.scrape(desk.token)).text())).toEqual([0, ''])
})

test.skipIf(!hasPrometheus)('alert rules and the example of a configuration are valid to promtool', () => {
  expect(promtool(['check', 'rules', RULES])).toEqual([0, expect.stringContaining(`${names.length} rules found`)])
  const directory = temporaryDirectory()
  for (const file of ['prometheus.example.yaml', 'muster-rules.yaml']) copyFileSync(join('build/prometheus', file), join(directory, file))
  writeFileSync(join(directory, 'muster-token'), 'x')
  expect(promtool(['check', 'config', join(directory, 'prometheus.example.yaml')])).toEqual([0, expect.stringContaining('SUCCESS')])
})

const bundle = 'instance="c",deployment="reader",model="digits",version="1.0.0"'
type Series = Record<string, [healthy: string, sick: string]>

/** Every metric that a rule looks at, as it is in a healthy fleet and in one where all is wrong. */
const series: Series = {
  'up{job="muster-console",instance="c"}': ['1', '0'],
  'up{job="muster-agent",instance="a"}': ['1', '0'],
  'muster_broker_up{instance="c"}': ['1', '0'],
  'muster_store_writable{instance="c"}': ['1', '0'],
  'muster_alerts{instance="c",severity="critical",state="firing",deployment=""}': ['0', '1'],
  'muster_alerts{instance="c",severity="warning",state="firing",deployment="reader"}': ['3', '3'],
  'muster_devices{instance="c",health="ok"}': ['95', '5'],
  'muster_devices{instance="c",health="offline"}': ['5', '5'],
  'muster_devices{instance="c",health="failed"}': ['0', '1'],
  [`muster_fleet_inference_requests_total{${bundle}}`]: ['0+100', '0+100'],
  [`muster_fleet_inference_errors_total{${bundle}}`]: ['0+1', '0+20'],
  [`muster_fleet_inference_not_finite_total{${bundle}}`]: ['0', '0+1'],
  [`muster_deployment_devices{${bundle},state="ordered"}`]: ['100', '100'],
  [`muster_deployment_devices{${bundle},state="active"}`]: ['100', '90'],
  'muster_outbox_messages{instance="c"}': ['0', '4'],
  'muster_ingest_quarantined_total{instance="c"}': ['0', '0+1'],
  'muster_ingest_refused_total{instance="c"}': ['0', '0'],
  'muster_backup_failed{instance="c"}': ['0', '1'],
  'muster_backup_last_good_timestamp_seconds{instance="c"}': ['0+300', '0'],
  'muster_otlp_dropped_total{instance="c",signal="logs"}': ['0', '0+1'],
  'muster_forward_up{instance="c",forward="ops",kind="webhook"}': ['1', '0'],
  'muster_source_up{instance="c",source="lab",kind="mlflow"}': ['1', '0'],
  'muster_model_loaded{instance="a",deployment="reader",model="digits",version="1.0.0",role="active"}': ['1', '0'],
  'muster_model_loaded{instance="a",deployment="reader",model="digits",version="1.1.0",role="shadow"}': ['0', '0'],
  'muster_inference_requests_total{instance="a",deployment="reader",code="ok"}': ['0+100', '0+100'],
  'muster_inference_requests_total{instance="a",deployment="reader",code="inference.failed"}': ['0+1', '0+20'],
}

/** Runs the rules over the series; promtool fails unless exactly these alerts fire at the end. */
function firing(state: 'healthy' | 'sick', alerts: readonly string[]): ReturnType<typeof promtool> {
  const expected = alerts.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 }))
  const tests = {
    rule_files: [RULES],
    evaluation_interval: '30m',
    tests: [
      {
        interval: `${STEP_MINUTES}m`,
        input_series: Object.entries(series).map(([name, values]) => ({
          series: name,
          values: `${values[state === 'healthy' ? 0 : 1]}x${MINUTES / STEP_MINUTES}`,
        })),
        promql_expr_test: [{ expr: 'count by (alertname) (ALERTS{alertstate="firing"})', eval_time: `${MINUTES}m`, exp_samples: expected }],
      },
    ],
  }
  const file = join(temporaryDirectory(), 'tests.yaml')
  writeFileSync(file, JSON.stringify(tests))
  return promtool(['test', 'rules', file])
}

test.skipIf(!hasPrometheus)('a healthy fleet is quiet, and where all is wrong every rule fires', () => {
  expect(firing('healthy', [])).toEqual([0, expect.stringContaining('SUCCESS')])
  expect(firing('sick', names)).toEqual([0, expect.stringContaining('SUCCESS')])
  // The check itself sees a rule that does not fire.
  expect(firing('healthy', names.slice(0, 1))[0]).toBe(1)
})
