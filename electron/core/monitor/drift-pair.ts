import type { FeatureWindow } from '../../../shared/stats/drift/score-window.ts'
import { valuesOf, type FeatureCounts } from '../../../shared/stats/reference/feature-counts.ts'
import { featureWindow, referenceCounts, SCORE_BINS, windowAgainst } from '../../../shared/stats/reference/feature-window.ts'
import { effectiveValues, type CountedThing } from './watched-bundle.ts'

/**
 * What was counted beside its reference, ready to be scored. Without counts the window has no values, which answers "insufficient data".
 * @param base counts that are the reference; null: the training rows
 */
export function driftPair(thing: CountedThing, base: FeatureCounts | null, now: FeatureCounts | null, bins = SCORE_BINS): FeatureWindow {
  const { reference } = thing
  const current = now ?? noCounts(thing)
  if (base === null) return featureWindow(reference, current, bins)
  // The reference defines the bins: those of training may all be empty, or lie where this device never is.
  const own = reference.kind === 'numeric' ? { ...reference, counts: base.bins } : reference
  const pair = windowAgainst(own, base, current, bins)
  // Counted values depend on one another, other than training rows: as many as they are worth.
  const values = valuesOf(base)
  const worth = values === 0 ? 1 : Math.min(1, effectiveValues(base) / values)
  return { ...pair, reference: pair.reference.map((count) => count * worth) }
}

function noCounts({ reference, key }: CountedThing): FeatureCounts {
  const bins = referenceCounts(reference).map(() => 0)
  const none = { v: 1 as const, key, bins, missing: 0, infinite: 0, wrongType: 0 }
  if (reference.kind === 'categorical') return { ...none, kind: 'categorical', pairs: 0, same: 0 }
  const lag = { count: 0, sum: 0, squares: 0, pairs: 0, heads: 0, tails: 0, products: 0 }
  return { ...none, kind: 'numeric', below: 0, above: 0, outliers: 0, min: null, max: null, lag }
}
