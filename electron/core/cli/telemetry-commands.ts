import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { printLine, printTable } from './output.ts'
import { withConsole } from './program.ts'
import { addRetentionCommand } from './retention-command.ts'
import { addSeriesCommands } from './series-commands.ts'
import { timeOf } from './time-flag.ts'
import { addUsageCommand } from './usage-command.ts'

interface TelemetryFlags {
  query: string
  by: string
  since?: string
  ledger?: boolean
}

/** `muster telemetry` */
export function addTelemetryCommands(program: Command): void {
  const telemetry = program.command('telemetry').description('Latency, throughput, errors and accuracy of the fleet.')
  telemetry
    .command('summary', { isDefault: true })
    .description('Per device and version; what `muster telemetry` does without another word.')
    .option('-q, --query <query>', 'which devices', '')
    .option('--by <what>', 'device, or version (merged over devices)', 'device')
    .option('--since <time>', 'from this time on: ISO time, or 15m, 24h, 7d')
    .option('--ledger', 'records per spool: stored, acknowledged, dropped')
    .action((flags: TelemetryFlags, command: Command) => (flags.ledger === true ? ledger(command) : summary(command, flags)))
  addSeriesCommands(telemetry)
  addUsageCommand(telemetry)
  addRetentionCommand(telemetry)
}

function summary(command: Command, flags: TelemetryFlags): Promise<void> {
  if (flags.by !== 'device' && flags.by !== 'version') throw new Problem('usage', `--by: '${flags.by}' is neither device nor version.`)
  const by = flags.by
  const from = flags.since === undefined ? {} : { from: timeOf('--since', flags.since) }
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('telemetry.summary', { query: flags.query, by, ...from })
    return {
      json: shown,
      text: () => (shown.rows.length === 0 ? printLine('No telemetry is stored for this question.') : printSummary(shown.rows)),
    }
  })
}

/** The table that `telemetry` and the demo print. */
export function printSummary(rows: OutputOf<'telemetry.summary'>['rows']): void {
  printTable(
    ['device', 'deployment', 'version', 'requests', 'req/s', 'p50 ms', 'p95 ms', 'p99 ms', 'errors', 'labels', 'quality'],
    rows.map((row) => [
      row.device ?? 'all',
      row.deployment,
      `${row.model}@${row.version}`,
      row.requests,
      rounded(row.requestsPerSecond, 1),
      rounded(row.latencyMs?.p50 ?? null, 3),
      rounded(row.latencyMs?.p95 ?? null, 3),
      rounded(row.latencyMs?.p99 ?? null, 3),
      row.errors,
      row.quality?.labelled ?? 0,
      qualityText(row.quality),
    ]),
  )
}

function qualityText(quality: OutputOf<'telemetry.summary'>['rows'][number]['quality']): string | null {
  if (quality === null) return null
  if (quality.accuracy !== null)
    return `accuracy ${quality.accuracy.toFixed(4)} (95 %: ${quality.accuracyLow!.toFixed(4)} to ${quality.accuracyHigh!.toFixed(4)})`
  return quality.mae === null ? null : `mae ${quality.mae.toFixed(4)}`
}

function rounded(value: number | null, digits: number): number | null {
  return value === null ? null : Number(value.toFixed(digits))
}

function ledger(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('telemetry.ledger', {})
    return {
      json: shown,
      text: () =>
        printTable(
          ['device', 'spool', 'acknowledged through', 'stored', 'declared dropped', 'quarantined', 'late', 'clock jumps'],
          shown.spools.map((one) => [
            ...[one.device, one.spool, one.through, one.stored, one.declaredDropped, one.quarantined],
            ...[one.lateWindows, one.clockJumps],
          ]),
        ),
    }
  })
}
