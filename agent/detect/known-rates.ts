import { fencesOfBins } from '../../shared/stats/quality/tukey-fences.ts'
import type { Proportion } from '../../shared/stats/proportion-interval.ts'
import type { FeatureBaseline } from '../../shared/stats/reference-bins.ts'
import { referenceCounts } from '../../shared/stats/reference/feature-window.ts'

/**
 * No value of training is outside the range of training, and yet the next one is with a chance of about 2 of m + 1, which itself varies: beyond the
 * upper Wilson limit of 4 of m it is for one feature in 3,000.
 */
const CHANCE_OUTSIDE = 4

/** How often a value of the feature was missing in training; null: the reference has no rows. */
export function knownMissing(reference: FeatureBaseline): Proportion | null {
  const values = sum(referenceCounts(reference))
  return values === 0 ? null : { successes: reference.missing, trials: values + reference.missing }
}

/**
 * How often a value has to be expected outside of what training had: beyond range or fences, or a category that was never named. Null: nobody can
 * tell, as the reference has no rows, or does not name all its categories.
 */
export function knownOutside(reference: FeatureBaseline): Proportion | null {
  const trials = sum(referenceCounts(reference))
  if (trials === 0) return null
  if (reference.kind === 'numeric') return { successes: Math.min(trials, CHANCE_OUTSIDE + beyondFences(reference)), trials }
  if (reference.other > 0) return null
  // What is new tomorrow is about as frequent as what was there once: Good, Biometrika 40, 1953.
  const once = reference.categories.filter(([, count]) => count === 1).length
  return { successes: Math.min(trials, CHANCE_OUTSIDE + once), trials }
}

/** At most so many values of training lie beyond the fences: those of all bins that reach there. */
function beyondFences(reference: Extract<FeatureBaseline, { kind: 'numeric' }>): number {
  const fences = fencesOfBins(reference)
  if (fences === null) return 0
  const { edges, counts, min, max } = reference
  return sum(counts.filter((_, bin) => (edges[bin - 1] ?? min) < fences.low || (edges[bin] ?? max) > fences.high))
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
