import type { OutputOf } from '../../../shared/rpc/contract.ts'
import type { TelemetrySeries } from '../../../shared/rpc/contract/telemetry-series.ts'
import type { Series } from '../../../shared/charts/line.ts'

const MINUTE = 60_000

/** Periods of the charts; buckets are never shorter than a minute, for the core keeps none. */
export const periods = {
  '15m': { title: '15 min', ms: 15 * MINUTE, buckets: 15 },
  '1h': { title: '1 h', ms: 60 * MINUTE, buckets: 60 },
  '6h': { title: '6 h', ms: 360 * MINUTE, buckets: 120 },
  '24h': { title: '24 h', ms: 1440 * MINUTE, buckets: 144 },
  '7d': { title: '7 d', ms: 7 * 1440 * MINUTE, buckets: 168 },
} as const
export type Period = keyof typeof periods

/** The span of a period up to now, aligned to its buckets, so that it changes once per bucket and not with every look at the clock. */
export function spanOf(period: Period, now: number): { from: number; through: number; buckets: number } {
  const { ms, buckets } = periods[period]
  const bucketMs = ms / buckets
  const through = Math.ceil(now / bucketMs) * bucketMs
  return { from: through - ms, through, buckets }
}

/** The moments that a grid's values stand for: the middle of each bucket, or its start. */
export function timesOf(grid: { from: number; bucketMs: number; buckets: number }, at: 'middle' | 'start'): number[] {
  const shift = at === 'middle' ? grid.bucketMs / 2 : 0
  return Array.from({ length: grid.buckets }, (_, i) => grid.from + i * grid.bucketMs + shift)
}

/** Latency as three lines; the band lies around the median, from the fast half to the slowest of a hundred. */
export function latencySeries({ latencyMs: { p50, p95, p99 } }: TelemetrySeries): Series[] {
  return [
    { id: 'p50', name: 'p50', values: p50, band: p50.map((low, i) => (low === null || p99[i] == null ? null : { low, high: p99[i] })) },
    { id: 'p95', name: 'p95', values: p95 },
    { id: 'p99', name: 'p99', values: p99 },
  ]
}

/** Accuracy with its interval as a band. */
export function accuracySeries({ accuracy, accuracyLow, accuracyHigh }: TelemetrySeries): Series[] {
  const band = accuracy.map((_, i) =>
    accuracyLow[i] == null || accuracyHigh[i] == null ? null : { low: accuracyLow[i], high: accuracyHigh[i] },
  )
  return [{ id: 'accuracy', name: 'accuracy', values: accuracy, band }]
}

/** True if anything was measured. */
export function hasValues(values: readonly (number | null)[]): boolean {
  return values.some((value) => value !== null)
}

/** The newest measure, or `null`. */
export function lastValue(values: readonly (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null
}

/** True if the device told of its models in the period: else there is nothing to draw. */
export function hasModelMeasures(series: TelemetrySeries | undefined): series is TelemetrySeries {
  return series !== undefined && (series.totals.requests > 0 || series.totals.labelled > 0)
}

/** True if the device told of its machine in the period. */
export function hasMachineMeasures(resources: OutputOf<'telemetry.resources'>): boolean {
  return hasValues(resources.cpuCores) || hasValues(resources.memoryUsedBytes) || hasValues(resources.diskFreeBytes)
}
