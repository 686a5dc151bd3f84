import type { Command } from 'commander'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'
import { timeOf } from './time-flag.ts'

interface SeriesFlags {
  device?: string
  query: string
  deployment?: string
  model?: string
  modelVersion?: string
  since: string
  until?: string
  buckets: string
  by: string
}

/** `muster telemetry series`, `resources`: measures over time. */
export function addSeriesCommands(telemetry: Command): void {
  telemetry
    .command('series')
    .description('Requests, errors, latency and accuracy over time.')
    .option('--device <device>', 'of one device')
    .option('-q, --query <query>', 'of the devices that a query selects; default: the whole fleet', '')
    .option('--deployment <name>', 'only this deployment')
    .option('--model <name>', 'only this model')
    .option('--model-version <version>', 'only this version')
    .option('--since <time>', 'from this time on: ISO time, or 15m, 24h, 7d', '1h')
    .option('--until <time>', 'up to this time; default: now')
    .option('--buckets <n>', 'at most so many points', '12')
    .option('--by <what>', 'all, or version', 'all')
    .action((flags: SeriesFlags, command: Command) => series(command, flags))
  telemetry
    .command('resources <device>')
    .description('CPU, memory, disk and temperature of a device over time.')
    .option('--since <time>', 'from this time on: ISO time, or 15m, 24h, 7d', '1h')
    .option('--until <time>', 'up to this time; default: now')
    .option('--buckets <n>', 'at most so many points', '12')
    .action((device: string, flags: SeriesFlags, command: Command) => resources(command, device, flags))
}

function rangeOf(flags: Pick<SeriesFlags, 'since' | 'until' | 'buckets'>): { from: number; through: number; buckets: number } {
  const through = flags.until === undefined ? Date.now() : timeOf('--until', flags.until)
  return { from: timeOf('--since', flags.since), through, buckets: Number(flags.buckets) }
}

function series(command: Command, flags: SeriesFlags): Promise<void> {
  const input = {
    ...rangeOf(flags),
    ...(flags.device === undefined ? {} : { device: flags.device }),
    ...(flags.deployment === undefined ? {} : { deployment: flags.deployment }),
    ...(flags.model === undefined ? {} : { model: flags.model }),
    ...(flags.modelVersion === undefined ? {} : { version: flags.modelVersion }),
    query: flags.query,
    by: flags.by === 'version' ? ('version' as const) : ('all' as const),
  }
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('telemetry.series', input)
    return {
      json: shown,
      text() {
        if (shown.series.length === 0) printLine('No telemetry is stored for this question.')
        for (const one of shown.series) printSeries(shown, one)
      },
    }
  })
}

function printSeries(grid: OutputOf<'telemetry.series'>, one: OutputOf<'telemetry.series'>['series'][number]): void {
  if (one.version !== null) printLine(`${one.deployment}: ${one.model}@${one.version}`)
  printTable(
    ['from', 'requests', 'req/s', 'errors', 'p50 ms', 'p95 ms', 'p99 ms', 'labelled', 'accuracy'],
    one.requests.map((requests, i) => [
      timeText(grid.from + i * grid.bucketMs),
      requests,
      rounded(one.requestsPerSecond[i], 2),
      one.errors[i]!,
      rounded(one.latencyMs.p50[i], 3),
      rounded(one.latencyMs.p95[i], 3),
      rounded(one.latencyMs.p99[i], 3),
      one.labelled[i]!,
      rounded(one.accuracy[i], 4),
    ]),
  )
}

function resources(command: Command, device: string, flags: SeriesFlags): Promise<void> {
  const input = { device, ...rangeOf(flags) }
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('telemetry.resources', input)
    const mega = (bytes: number | null | undefined): number | null => rounded(bytes == null ? null : bytes / 1e6, 0)
    return {
      json: shown,
      text: () =>
        printTable(
          ['from', 'CPU cores', 'agent MB', 'memory used MB', 'disk free MB', '°C', 'records waiting'],
          shown.cpuCores.map((cpu, i) => [
            timeText(shown.from + i * shown.bucketMs),
            rounded(cpu, 2),
            mega(shown.agentRssBytes[i]),
            mega(shown.memoryUsedBytes[i]),
            mega(shown.diskFreeBytes[i]),
            rounded(shown.temperatureCelsius[i], 1),
            rounded(shown.spoolRecords[i], 0),
          ]),
        ),
    }
  })
}

function rounded(value: number | null | undefined, digits: number): number | null {
  return value == null ? null : Number(value.toFixed(digits))
}
