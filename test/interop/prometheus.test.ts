import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { deployEverywhere, importSample, startFleet, type TestFleet } from '../harness/console.ts'
import { call, inferBody } from '../harness/local-api.ts'
import { labelledRows } from '../harness/manifest.ts'
import { hasPrometheus, promtool, startPrometheus, type Prometheus, type Sample } from '../harness/prometheus.ts'

const labels = 'deployment="digits",model="digits",version="1.2.0"'
const REQUESTS = 8

/** A token that may scrape and nothing else, as the guide makes it. */
async function scrapeToken({ host }: TestFleet): Promise<string> {
  const { ticket, secret } = await host.rpc!.call('tokens.prepare', {})
  await host.rpc!.call('tokens.create', { ticket, name: 'prometheus', role: 'viewer', methods: ['metrics.show'], days: 30 })
  return secret
}

/** The value of the only series of a query; null: there is none yet. */
async function valueOf(prometheus: Prometheus, expr: string): Promise<number | null> {
  const [sample] = await prometheus.query(expr)
  return sample?.value === undefined ? null : Number(sample.value[1])
}

/** What Grafana would ask for each panel of the dashboard that is shipped, over all deployments. */
function dashboardQueries(): { panel: string; expr: string }[] {
  const { panels } = JSON.parse(readFileSync('build/grafana/muster-dashboard.json', 'utf8')) as {
    panels: { title: string; targets?: { expr: string }[] }[]
  }
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ panel: title, expr: expr.replaceAll('$deployment', '.*').replaceAll('$__rate_interval', '1m') })),
  )
}

/** Panels of what this fleet has not: nobody told it a label. */
const emptyPanels = ['Measured accuracy, 24 hours', 'Labels behind the accuracy']

const hasNumber = (samples: Sample[]): boolean => samples.some(({ value }) => value !== undefined && Number.isFinite(Number(value[1])))

test.skipIf(!hasPrometheus)(
  'a real Prometheus scrapes console and agent, with classic and with native histograms, and counts what was asked',
  async () => {
    const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1'] })
    const [agent] = fleet.agents
    await importSample(fleet.host, 'digits', '1.2.0')
    await deployEverywhere(fleet, 'digits', '1.2.0')
    const token = await scrapeToken(fleet)
    const console_ = { name: 'muster-console', target: new URL(fleet.host.address.url).host }
    const jobs = [
      { ...console_, token },
      { name: 'muster-agent', target: new URL(agent!.url).host },
      { name: 'intruder', target: console_.target, token: 'wrong' },
    ]
    const [classic, native] = await Promise.all([
      startPrometheus(jobs, { hasNativeHistograms: false }),
      startPrometheus(jobs, { hasNativeHistograms: true }),
    ])
    const { row } = labelledRows('digits/holdout.csv', 1)[0]!
    for (let i = 0; i < REQUESTS; i += 1) await call(`${agent!.url}/v2/models/digits/infer`, { body: inferBody('pixels', [row]) })

    for (const prometheus of [classic, native]) {
      const is = (expr: string, value: number) =>
        until(`${expr} to be ${value}`, 60, async () => (await valueOf(prometheus, expr)) === value)
      await is('up{job="muster-console"}', 1)
      await is('up{job="muster-agent"}', 1)
      await is('muster_devices_online', 1)
      await is(`muster_deployment_devices{${labels},state="active"}`, 1)
      await is(`muster_model_loaded{${labels},role="active"}`, 1)
      await is(`muster_inference_requests_total{${labels},code="ok"}`, REQUESTS)
      // What the agent has counted itself arrives at the console with its windows.
      await is(`muster_fleet_inference_requests_total{${labels}}`, REQUESTS)
      const scraped = async () => (await prometheus.targets()).find(({ labels: of }) => of['job'] === 'intruder')
      await until('the intruder to have tried', 60, async () => (await scraped())?.health !== 'unknown')
      const intruder = await scraped()
      expect([intruder?.health, intruder?.lastError]).toEqual(['down', expect.stringContaining('403')])
    }
    for (const name of ['muster_inference_duration_seconds', 'muster_fleet_inference_duration_seconds']) {
      expect(await valueOf(classic, `${name}_count{${labels}}`)).toBe(REQUESTS)
      expect(await valueOf(classic, `${name}_bucket{${labels},le="+Inf"}`)).toBe(REQUESTS)
      const [sample] = await native.query(`${name}{${labels}}`)
      expect(Number(sample?.histogram?.[1].count)).toBe(REQUESTS)
      expect(sample!.histogram![1].buckets.reduce((sum, [, , , count]) => sum + Number(count), 0)).toBe(REQUESTS)
      // Both forms hold one distribution: the finer quantile is not above the end of the classic bucket that holds it.
      const p95 = (await valueOf(native, `histogram_quantile(0.95, ${name}{${labels}})`))!
      const holding = await classic.query(`${name}_bucket{${labels},le!="+Inf"} >= ${0.95 * REQUESTS}`)
      expect(p95).toBeGreaterThan(0)
      expect(p95).toBeLessThanOrEqual(Math.min(...holding.map(({ metric }) => Number(metric['le']))) * 2 ** (1 / 8))
    }

    const asked = dashboardQueries()
    expect(asked.length).toBeGreaterThan(25)
    for (const prometheus of [classic, native]) {
      // An expression that is none, or of a form that its function does not take, is an error of the server.
      for (const { expr } of asked) await prometheus.query(expr)
      let missing: string[] = []
      const look = async (): Promise<boolean> => {
        await call(`${agent!.url}/v2/models/digits/infer`, { body: inferBody('pixels', [row]) })
        const shown = new Set<string>()
        for (const { panel, expr } of asked) if (hasNumber(await prometheus.query(expr))) shown.add(panel)
        missing = [...new Set(asked.map(({ panel }) => panel))].filter((panel) => !shown.has(panel))
        return missing.length <= emptyPanels.length
      }
      await until('the panels to have numbers', 240, look).catch(() => undefined)
      expect(missing).toEqual(emptyPanels)
    }

    const metrics = await (await fetch(`${fleet.host.address.url}/metrics`, { headers: { authorization: `Bearer ${token}` } })).text()
    expect(promtool(['check', 'metrics'], metrics)).toEqual([0, ''])
  },
  900_000,
)
