import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { MetricShown } from '../../../shared/rpc/contract/metrics.ts'
import { addOtlpCommands } from './otlp-commands.ts'
import { printLine, printTable } from './output.ts'
import { withConsole } from './program.ts'

const scrapeHelp = `
Prometheus scrapes the same with a token:
  muster tokens create prometheus --role viewer --methods metrics.show --expires 365d
Its job, with the secret in a file of its own (the address is what --json names as url):
  - job_name: muster-console
    authorization: { credentials_file: /etc/prometheus/muster-token }
    static_configs: [{ targets: ["127.0.0.1:8320"] }]
A dashboard and alert rules are in build/grafana and build/prometheus.

Examples:
  muster metrics show muster_devices
  muster metrics show --json`

/** `muster metrics …` */
export function addMetricsCommands(program: Command): void {
  const metrics = program.command('metrics').description('Metrics of the console: shown, scraped by Prometheus, exported by OpenTelemetry.')
  metrics
    .command('show [name]', { isDefault: true })
    .description('Show the metrics, or those whose name begins so.')
    .addHelpText('after', scrapeHelp)
    .action((name: string | undefined, _: unknown, command: Command) => show(command, name ?? ''))
  addOtlpCommands(metrics)
}

function show(command: Command, prefix: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { url, families } = await rpc.call('metrics.show', {})
    const wanted = families.filter(({ name }) => name.startsWith(prefix))
    if (wanted.length === 0)
      throw new Problem('usage', `There is no metric '${prefix}'.`, { hint: '`muster metrics show` lists them all.' })
    return {
      json: { url, families: wanted },
      text() {
        printTable(
          ['metric', 'labels', 'value'],
          wanted.flatMap((family) => family.series.map((one) => [family.name, labelsText(one.labels), valueText(family, one)])),
        )
        if (url !== null) printLine(`Scraped at ${url} with a token of the role viewer.`)
      },
    }
  })
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}

function valueText({ unit }: MetricShown, { value, histogram }: MetricShown['series'][number]): string | number | null {
  if (histogram === null) return value
  const { count, p50, p95, p99 } = histogram
  const seconds = (of: number | null): string => (of === null ? '–' : `${Number(of.toPrecision(3))} ${unit}`)
  return `${count} values, p50 ≤ ${seconds(p50)}, p95 ≤ ${seconds(p95)}, p99 ≤ ${seconds(p99)}`
}
