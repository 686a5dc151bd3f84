import type { TelemetrySeries } from '../../../../shared/rpc/contract/telemetry-series.ts'
import type { ReadDb } from '../open.ts'
import type { SubjectFilter } from './fleet-series.ts'
import { bucketAt, type Grid } from './grid.ts'
import { qualityParts } from './quality-slices.ts'
import { openSeries, type RateOf } from './series.ts'
import type { CountedSubject } from './slice.ts'
import { trafficParts } from './traffic-slices.ts'

/** Series of some devices: of a grid that sums fit from sums, else from their windows; labels in either case by the row. */
export function deviceSeries(
  db: ReadDb,
  grid: Grid,
  options: SubjectFilter & { devices: readonly string[]; by: 'all' | 'version' },
): TelemetrySeries[] {
  const series = openSeries(grid, options.by)
  addParts(db, grid, { series, filter: options, devices: options.devices })
  const rateOf: RateOf = options.devices.length === 1 ? 'covered' : 'elapsed'
  return series.finish(rateOf)
}

/** Adds what sums, or records, say of a slice to the buckets of a grid. */
export function addParts(
  db: ReadDb,
  grid: Grid,
  { series, filter, devices }: { series: ReturnType<typeof openSeries>; filter: SubjectFilter; devices: readonly string[] | null },
  of: { quality: boolean } = { quality: true },
): void {
  const cut = { bucketMs: grid.bucketMs, origin: grid.from, by: 'version' as const }
  const slice = { devices, deployment: filter.deployment, from: grid.from, through: grid.through }
  const isWanted = (subject: CountedSubject): boolean =>
    (filter.model === undefined || subject.model === filter.model) && (filter.version === undefined || subject.version === filter.version)
  // The part of a bucket that is coarser than the grid, where nothing finer is left, goes to its begin.
  const bucketOf = (at: number): number => bucketAt(grid, Math.max(at, grid.from))
  for (const { key, subject, sum } of trafficParts(db, slice, cut)) {
    if (subject === null || !isWanted(subject)) continue
    const { causes, validation, latency, ...state } = sum.state()
    series.addTraffic(subject, bucketOf(key.bucket), { ...state, causes, validation, sketch: latency.state() })
  }
  if (!of.quality) return
  for (const { key, subject, sum } of qualityParts(db, slice, cut)) {
    if (subject === null || !isWanted(subject)) continue
    const { rows, classified, right } = sum.state
    series.addQuality(subject, bucketOf(key.bucket), { labelled: rows, classified, correct: right })
  }
}
