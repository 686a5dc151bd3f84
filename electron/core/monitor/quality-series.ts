import type { ResultOf } from '../../../shared/rpc/contract.ts'
import { bucketAt, gridOf } from '../store/telemetry/grid.ts'
import type { Slice } from '../store/telemetry/slice.ts'
import type { MonitorParts } from './monitor-parts.ts'
import type { Subject } from './monitor.ts'
import { accuracyFigure, estimateFigure, maeFigure, noFigure } from './quality.ts'
import { estimatesOf, labelsOf, mergedQuality } from './quality-of.ts'

/** Sums are kept of five minutes and longer; a shorter bucket would read every record. */
const UNIT_MS = 300_000

/** Quality over time: measured beside estimated, in equal buckets. */
export function qualitySeries(
  parts: MonitorParts,
  of: Subject & { from: number },
  buckets: number,
): ResultOf<'monitoring.quality'>['series'] {
  const grid = gridOf({ from: of.from, through: of.through, buckets }, UNIT_MS)
  // Buckets of a cut begin at multiples of their length: so does the series.
  const from = Math.floor(grid.from / grid.bucketMs) * grid.bucketMs
  const aligned = { ...grid, from, buckets: Math.min(400, Math.ceil((of.through - from) / grid.bucketMs)) }
  const slice: Slice = { devices: of.devices, deployment: of.deployment, digests: [of.digest], from: of.from, through: of.through }
  const cut = { bucketMs: grid.bucketMs, by: 'all' } as const
  const isRegression = parts.bundle(of.digest)?.task === 'regression'
  const { feedback, desk } = labelsOf(parts, slice, cut)
  const labels = Map.groupBy([...feedback, ...desk], ({ key }) => bucketAt(aligned, key.bucket))
  const estimates = new Map(estimatesOf(parts, slice, cut).map(({ key, state }) => [bucketAt(aligned, key.bucket), state.estimate]))
  const all = Array.from({ length: aligned.buckets }, (_, bucket) => bucket)
  return {
    ...{ from, bucketMs: grid.bucketMs },
    measured: all.map((bucket) => {
      const members = labels.get(bucket)
      if (members === undefined) return noFigure
      return isRegression ? maeFigure(mergedQuality(members)) : accuracyFigure(mergedQuality(members))
    }),
    estimated: all.map((bucket) => estimateFigure(estimates.get(bucket) ?? null)),
  }
}
