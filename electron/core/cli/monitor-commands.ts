import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { addMonitorBaselineCommands } from './monitor-baseline-commands.ts'
import { addMonitorDetailCommands } from './monitor-detail-commands.ts'
import {
  bundleSliceOf,
  failOn,
  referenceKindOf,
  sliceOf,
  spanOf,
  wholeOf,
  withFailOn,
  withReference,
  withSlice,
  type SliceFlags,
} from './monitor-flags.ts'
import { figureText, fixed, intervalText, rounded } from './monitor-cells.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'

/** `muster monitor` */
export function addMonitorCommands(program: Command): void {
  const monitor = program
    .command('monitor')
    .description('How models in service do: drift, quality, data quality, and what each verdict rests on.')
    .addHelpText('after', '\nFor pipelines: --fail-on warn|alarm ends with code 1 if a verdict is at that level.')
  withFailOn(withSlice(monitor.command('health', { isDefault: true })))
    .description('Every version in service, or every device of it; what `muster monitor` does without another word.')
    .option('--deployment <name>', 'only this deployment')
    .option('--by <what>', 'version, or device', 'version')
    .option('--limit <n>', 'at most so many rows', '50')
    .action((flags: HealthFlags, command: Command) => health(command, flags))
  withReference(withSlice(monitor.command('drift <deployment> <model>')))
    .description('Drift of every feature, the outcomes and the confidence of NAME@VERSION.')
    .action((deployment: string, model: string, flags: SliceFlags, command: Command) => drift(command, { deployment, model, flags }))
  withReference(withSlice(monitor.command('data-quality <deployment> <model>')))
    .description('Rates of missing, wrong, infinite, out-of-range, outlying and unseen values of NAME@VERSION.')
    .option('--all', 'also rates that are as they were')
    .action((deployment: string, model: string, flags: SliceFlags & { all?: boolean }, command: Command) =>
      dataQuality(command, { deployment, model, flags }),
    )
  addMonitorDetailCommands(monitor)
  addMonitorBaselineCommands(monitor)
}

type HealthFlags = SliceFlags & { by: string; limit: string }

function health(command: Command, flags: HealthFlags): Promise<void> {
  const { by } = flags
  if (by !== 'device' && by !== 'version') throw new Problem('usage', `--by: '${by}' is neither device nor version.`)
  const limit = wholeOf('--limit', flags.limit)
  return withConsole(command, async ({ rpc }) => {
    const deployment = flags.deployment === undefined ? {} : { deployment: flags.deployment }
    const shown = await rpc.call('monitoring.health', { ...sliceOf(flags), ...deployment, by, limit })
    failOn(
      flags.failOn,
      shown.rows.flatMap((row) => [row.drift.state, row.dataQuality.state]),
    )
    return { json: shown, text: () => printHealth(shown) }
  })
}

function printHealth({ rows, total }: OutputOf<'monitoring.health'>): void {
  if (rows.length === 0) {
    printLine('Nothing was counted for this question.')
    return
  }
  printTable(
    ['deployment', 'version', 'device', 'devices', 'requests', 'error rate', 'p95 ms', 'quality', 'estimate', 'drift', 'data quality'],
    rows.map((row) => [
      row.deployment,
      `${row.model}@${row.version}`,
      row.device ?? 'all',
      row.devices,
      row.traffic.requests,
      fixed(row.traffic.errorRate, 4),
      rounded(row.traffic.latencyMs?.p95 ?? null, 3),
      `${row.qualityMeasure} ${figureText(row.quality)}`,
      figureText(row.estimate),
      row.drift.features.length === 0 ? row.drift.state : `${row.drift.state}: ${row.drift.features.slice(0, 3).join(', ')}`,
      row.dataQuality.state,
    ]),
  )
  if (total > rows.length) printLine(`${total - rows.length} more rows; see --limit.`)
  for (const row of rows) for (const finding of row.dataQuality.findings) printLine(`  ${row.device ?? row.deployment}: ${finding}`)
}

interface Asked<Flags extends SliceFlags = SliceFlags> {
  deployment: string
  model: string
  flags: Flags
}

function drift(command: Command, { deployment, model, flags }: Asked): Promise<void> {
  const reference = referenceKindOf(flags.reference)
  const windowMs = spanOf('--window', flags.window)
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('monitoring.drift', { ...bundleSliceOf(flags, deployment, model), reference, windowMs })
    failOn(
      flags.failOn,
      shown.features.map(({ state }) => state),
    )
    return { json: shown, text: () => printDrift(shown) }
  })
}

function printDrift({ reference, features, openWindow, omitted, rule }: OutputOf<'monitoring.drift'>): void {
  printLine(`Against ${reference.name}${reference.why === null ? '' : `: ${reference.state}: ${reference.why}`}`)
  if (features.length > 0) {
    printTable(
      ['name', 'role', 'state', 'effect', 'p (adjusted)', 'effective', 'of', 'windows'],
      features.map(({ name, role, state, last, windows, alarms, warnings }) => [
        ...[name, role, state, fixed(last?.effect ?? null, 3), fixed(last?.pAdjusted ?? null, 4)],
        ...[
          last === null ? null : Math.floor(last.effective),
          last?.n ?? null,
          `${alarms} alarm, ${warnings} warn of ${Math.min(rule.of, windows.length)}`,
        ],
      ]),
    )
    for (const { sentence, state } of features) if (state === 'alarm' || state === 'warn') printLine(`  ${sentence}`)
  }
  if (openWindow !== null) {
    printLine(`Open since ${timeText(openWindow.from)}: ${Math.floor(openWindow.effective)} of ${openWindow.needs} effective values.`)
  }
  if (omitted > 0) printLine(`${omitted} of the bundle are not counted by its devices.`)
}

function dataQuality(command: Command, { deployment, model, flags }: Asked<SliceFlags & { all?: boolean }>): Promise<void> {
  const reference = flags.reference
  if (reference !== 'training' && reference !== 'device-baseline') {
    throw new Problem('usage', `--reference: '${reference}' is neither training nor device-baseline.`)
  }
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('monitoring.dataQuality', { ...bundleSliceOf(flags, deployment, model), reference })
    failOn(
      flags.failOn,
      shown.rates.map(({ state }) => state),
    )
    return { json: shown, text: () => printRates(shown, flags.all === true) }
  })
}

function printRates({ reference, rates }: OutputOf<'monitoring.dataQuality'>, isAll: boolean): void {
  printLine(`Against ${reference.name}${reference.why === null ? '' : `: ${reference.state}: ${reference.why}`}`)
  const shown = isAll ? rates : rates.filter(({ state, current }) => state === 'alarm' || current.successes > 0)
  if (shown.length === 0) {
    printLine(rates.length === 0 ? 'Nothing was counted for this question.' : `None of ${rates.length} rates has a bad value; see --all.`)
    return
  }
  printTable(
    ['name', 'cause', 'state', 'now', 'of', 'reference', 'of', 'difference, 95 %', 'p'],
    shown.map(({ name, cause, state, current, reference: was, low, high, p }) => [
      ...[
        name,
        cause,
        state,
        fixed(current.share, 4),
        current.trials,
        fixed(was.share, 4),
        was.trials,
        intervalText(low, high, 4),
        fixed(p, 4),
      ],
    ]),
  )
}
