import type { Distribution } from '../../../shared/stats/reference/distribution.ts'
import { copyFeatureCounts, type FeatureCounts } from '../../../shared/stats/reference/feature-counts.ts'

/**
 * What all others counted: counts add exactly, so the sum of the fleet without one device is the merge of the others, and costs the same for
 * ten devices and ten thousand. Null where the sum does not hold the device. Smallest and largest value stay those of all.
 */
export function withoutOne(all: Distribution, one: Distribution): Distribution | null {
  const features = new Map<string, FeatureCounts>()
  for (const [name, counts] of all.features) {
    const rest = subtract(counts, one.features.get(name) ?? null)
    if (rest === undefined) return null
    if (rest !== null) features.set(name, rest)
  }
  const outcome = subtract(all.outcome, one.outcome)
  const confidence = subtract(all.confidence, one.confidence)
  const rows = all.rows - one.rows
  // Expected outcomes are not a reference of anything.
  return outcome === undefined || confidence === undefined || rows < 0 ? null : { rows, features, outcome, confidence, estimate: null }
}

/** undefined: the second is not part of the first. */
function subtract(all: FeatureCounts | null, one: FeatureCounts | null): FeatureCounts | null | undefined {
  if (all === null || one === null) return one === null ? all : undefined
  if (all.key !== one.key || all.kind !== one.kind || all.bins.length !== one.bins.length) return undefined
  const rest = copyFeatureCounts(all)
  for (const [bin, count] of one.bins.entries()) rest.bins[bin]! -= count
  for (const tally of ['missing', 'infinite', 'wrongType'] as const) rest[tally] -= one[tally]
  if (rest.kind === 'categorical' && one.kind === 'categorical') {
    rest.pairs -= one.pairs
    rest.same -= one.same
  } else if (rest.kind === 'numeric' && one.kind === 'numeric') {
    for (const tally of ['below', 'above', 'outliers'] as const) rest[tally] -= one[tally]
    for (const sum of ['count', 'sum', 'squares', 'pairs', 'heads', 'tails', 'products'] as const) rest.lag[sum] -= one.lag[sum]
    // Rounding of a sum of squares must not go below what it sums.
    rest.lag.squares = Math.max(0, rest.lag.squares)
  }
  return rest.bins.some((count) => count < 0) ? undefined : rest
}
