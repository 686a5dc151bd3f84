import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { figureText, fixed, intervalText, rounded } from './monitor-cells.ts'
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
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'

/** `muster monitor feature`, `quality`, `peers` */
export function addMonitorDetailCommands(monitor: Command): void {
  const detail = withReference(withSlice(monitor.command('feature <deployment> <model> <feature>')))
  detail
    .description('One feature of NAME@VERSION: reference and now, distances, and the devices that pull it.')
    .option('--role <role>', 'feature, outcome or confidence', 'feature')
    .option('--bins <n>', 'bins of the picture', '10')
    .action((deployment: string, model: string, name: string, flags: FeatureFlags) => feature(detail, { deployment, model, name, flags }))
  withSlice(monitor.command('quality <deployment> <model>'))
    .description('Quality of NAME@VERSION by labels, with intervals, beside the estimate without labels.')
    .option('--buckets <n>', 'at most so many points over time', '12')
    .action((deployment: string, model: string, flags: SliceFlags & { buckets: string }, command: Command) =>
      quality(command, { deployment, model, flags }),
    )
  withFailOn(monitor.command('peers <device>'))
    .description('A device against the other devices that run the same version in the same time.')
    .option('--since <time>', 'from this time on: ISO time, or 15m, 24h, 7d', '24h')
    .option('--until <time>', 'up to this time; default: now')
    .action((device: string, flags: SliceFlags, command: Command) => peers(command, device, flags))
}

type FeatureFlags = SliceFlags & { role: string; bins: string }
type FeatureRole = 'feature' | 'outcome' | 'confidence'

function roleOf(text: string): FeatureRole {
  if (text === 'feature' || text === 'outcome' || text === 'confidence') return text
  throw new Problem('usage', `--role: '${text}' is neither feature, outcome nor confidence.`)
}

function feature(command: Command, of: { deployment: string; model: string; name: string; flags: FeatureFlags }): Promise<void> {
  const { deployment, model, name, flags } = of
  const asked = {
    ...{ role: roleOf(flags.role), feature: name, bins: wholeOf('--bins', flags.bins) },
    ...{ reference: referenceKindOf(flags.reference), windowMs: spanOf('--window', flags.window) },
  }
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('monitoring.feature', { ...bundleSliceOf(flags, deployment, model), ...asked })
    failOn(flags.failOn, [shown.verdict.state])
    return { json: shown, text: () => printFeature(shown) }
  })
}

function printFeature({ verdict, bins, measures, devices, now, was }: OutputOf<'monitoring.feature'>): void {
  printLine(verdict.sentence)
  printLine('')
  const share = (count: number, total: number): string | null => (total === 0 ? null : `${((100 * count) / total).toFixed(1)} %`)
  const [m, n] = [bins.reduce((sum, bin) => sum + bin.reference, 0), bins.reduce((sum, bin) => sum + bin.current, 0)]
  printTable(
    ['bin', 'reference', 'now', 'reference share', 'share now'],
    bins.map((bin) => [bin.label, bin.reference, bin.current, share(bin.reference, m), share(bin.current, n)]),
  )
  printLine('')
  printTable(
    ['', 'mean', 'deviation', 'min', 'max'],
    [
      ['reference', rounded(was.mean, 4), rounded(was.deviation, 4), rounded(was.min, 4), rounded(was.max, 4)],
      ['now', rounded(now.mean, 4), rounded(now.deviation, 4), rounded(now.min, 4), rounded(now.max, 4)],
    ],
  )
  printLine('')
  printTable(
    ['distance', 'value', 'note'],
    measures.map(({ measure, value, note }) => [measure, rounded(value, 4), note]),
  )
  if (devices.length === 0) return
  printLine('')
  printTable(
    ['device', 'values', 'effect', 'state'],
    devices.map(({ device, n: values, effect, state }) => [device, values, rounded(effect, 4), state]),
  )
}

function quality(command: Command, of: { deployment: string; model: string; flags: SliceFlags & { buckets: string } }): Promise<void> {
  const { deployment, model, flags } = of
  const buckets = wholeOf('--buckets', flags.buckets)
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('monitoring.quality', { ...bundleSliceOf(flags, deployment, model), buckets })
    return { json: shown, text: () => printQuality(shown) }
  })
}

function printQuality(shown: OutputOf<'monitoring.quality'>): void {
  const { labelled, coverage, sources, regression } = shown
  const share = coverage === null ? '' : `, ${(100 * coverage).toFixed(1)} % of the predictions`
  printLine(`${labelled} labelled rows${share}: ${sources.feedback} of devices, ${sources.desk} of the desk`)
  if (regression !== null) {
    printTable(
      ['MAE', 'RMSE', 'R²', 'bias', 'MAPE'],
      [[regression.mae, regression.rmse, regression.r2, regression.bias, regression.mape].map((value) => rounded(value, 4))],
    )
  } else {
    printTable(
      ['figure', 'value'],
      [
        ['accuracy', figureText(shown.accuracy)],
        ['weighted', figureText(shown.weighted)],
        ['estimate', figureText(shown.estimate)],
        ['macro F1', fixed(shown.macroF1, 4)],
        ['balanced accuracy', fixed(shown.balancedAccuracy, 4)],
        ['MCC', fixed(shown.mcc, 4)],
        ['ECE', fixed(shown.ece, 4)],
        ['Brier', fixed(shown.brier, 4)],
      ],
    )
  }
  if (shown.classes.length > 0) {
    printLine('')
    printTable(
      ['class', 'support', 'predicted', 'precision', 'recall', 'F1'],
      shown.classes.map((one) => [one.label, one.support, one.predicted, fixed(one.precision, 4), fixed(one.recall, 4), fixed(one.f1, 4)]),
    )
  }
  printLine('')
  printTable(
    ['from', 'measured', 'estimated'],
    shown.series.measured.map((figure, i) => [
      timeText(shown.series.from + i * shown.series.bucketMs),
      figureText(figure),
      figureText(shown.series.estimated[i]!),
    ]),
  )
}

function peers(command: Command, device: string, flags: SliceFlags): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { from, through } = sliceOf({ ...flags, query: '' })
    const shown = await rpc.call('monitoring.peers', { device, from, ...(through === undefined ? {} : { through }) })
    const figures = shown.deployments.flatMap((one) => one.figures)
    failOn(flags.failOn, [
      ...shown.deployments.map(({ drift }) => drift.state),
      // A difference is no drift, and has one level only.
      ...(figures.some(({ state }) => state === 'differs') ? ['warn'] : []),
    ])
    return {
      json: shown,
      text() {
        if (shown.deployments.length === 0) printLine('The device counted nothing in this time.')
        for (const one of shown.deployments) printPeers(one)
      },
    }
  })
}

function printPeers({
  deployment,
  model,
  version,
  peers: count,
  figures,
  drift,
}: OutputOf<'monitoring.peers'>['deployments'][number]): void {
  printLine(`${deployment}: ${model}@${version}, ${count} peers; drift against them: ${drift.state}`)
  printTable(
    ['figure', 'unit', 'device', 'peers', '10 % to 90 %', 'rank', 'state'],
    figures.map(({ measure, unit, device, peers: all, low, high, rank, state }) => [
      ...[measure, unit, rounded(device, 4), rounded(all, 4), intervalText(low, high, 4), rank, state],
    ]),
  )
  for (const { sentence, state } of drift.features) if (state === 'alarm' || state === 'warn') printLine(`  ${sentence}`)
}
