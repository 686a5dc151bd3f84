import { valuesOf, type FeatureCounts } from '../../../shared/stats/reference/feature-counts.ts'
import { emptyLagSums } from '../../../shared/stats/reference/lag-sums.ts'
import type { FeatureBaseline } from '../../../shared/stats/reference-bins.ts'
import type { MaskKind } from './field-masks.ts'
import { twoDigits } from './masks.ts'

/** The sums of fewer values than this would tell single ones. */
const LEAST_IN_SUMS = 20

/**
 * Counts of a masked field: bins stay, as they only say between which values of training one lies. Smallest and largest value, and sums of a few,
 * are values themselves: of a rounded field they are rounded, of a hashed one the range is that of the reference.
 */
export function blurredCounts(counts: FeatureCounts, reference: FeatureBaseline, mask: MaskKind): FeatureCounts {
  if (counts.kind === 'categorical' || reference.kind === 'categorical') return counts
  const values = valuesOf(counts)
  const lag = values < LEAST_IN_SUMS ? { ...emptyLagSums(), count: counts.lag.count } : counts.lag
  if (counts.min === null || counts.max === null) return { ...counts, lag }
  const [min, max] = mask === 'round' ? [twoDigits(counts.min), twoDigits(counts.max)] : [reference.min, reference.max]
  return { ...counts, lag, min, max }
}
