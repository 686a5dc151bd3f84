import type { HistogramState } from '../../../shared/metrics/duration-histogram.ts'
import { NATIVE_SCHEMA } from '../../../shared/metrics/duration-histogram.ts'
import type { Family } from '../../../shared/metrics/family.ts'
import { exponentialBase } from '../../../shared/stats/sketch/exponential-histogram.ts'
import type { MetricShown } from '../../../shared/rpc/contract/metrics.ts'

/** Metrics as the interface shows them: of a distribution its count, its sum and three quantiles. */
export function shownFamilies(families: readonly Family[]): MetricShown[] {
  return families.map((family) => {
    const { name, type, unit, help } = family
    const series =
      family.type === 'histogram'
        ? family.readings.map(({ labels, histogram }) => ({ labels: { ...labels }, value: null, histogram: shownHistogram(histogram) }))
        : family.readings.map(({ labels, value }) => ({ labels: { ...labels }, value, histogram: null }))
    return { name, type, unit, help, series }
  })
}

function shownHistogram(histogram: HistogramState): NonNullable<MetricShown['series'][number]['histogram']> {
  const { count, sum } = histogram
  return { count, sum, p50: quantile(histogram, 0.5), p95: quantile(histogram, 0.95), p99: quantile(histogram, 0.99) }
}

/** The upper end of the native bucket that holds the quantile; null without values. */
function quantile({ count, zero, cells }: HistogramState, q: number): number | null {
  if (count === 0) return null
  let seen = zero
  const rank = q * count
  if (rank <= seen) return 0
  for (const [index, held] of cells) {
    seen += held
    if (rank <= seen) return exponentialBase(NATIVE_SCHEMA) ** index
  }
  return exponentialBase(NATIVE_SCHEMA) ** (cells.at(-1)?.[0] ?? 0)
}
