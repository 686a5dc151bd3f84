import { betaShare } from '../math/beta.ts'
import { newcombeInterval, type Proportion } from '../proportion-interval.ts'
import type { NumericReference } from '../reference/numeric-counter.ts'
import { clopperPearsonInterval } from './clopper-pearson.ts'
import { defaultRateRule, type RateRule, type RateVerdict } from './rate-verdict.ts'
import { fencesOfBins, type Fences } from './tukey-fences.ts'

/** The rule for outliers: values that far out are rare by definition, so that one point more already matters. */
export const defaultOutlierRule: RateRule = { ...defaultRateRule, rise: 0.01 }

/** Fewer outliers than this are single values, whatever their probability. */
const LEAST_OUTLIERS = 3
/** Rate of outliers that is always granted: a normal distribution has 2 in a million, a mixture of a few machines many more. */
const GRANTED = 0.001

/**
 * How many reference values lie outside the fences, at most: of the bin that a fence cuts, all. Null where there are no fences.
 */
export function referenceOutliers(reference: NumericReference): Proportion | null {
  const fences = fencesOfBins(reference)
  if (fences === null) return null
  const { edges, counts, min, max } = reference
  const trials = counts.reduce((sum, count) => sum + count, 0)
  const successes = counts.reduce((sum, count, bin) => {
    const isBelow = (edges[bin - 1] ?? Math.min(min, edges[0] ?? min)) < fences.low && min < fences.low
    const isAbove = (edges[bin] ?? max) > fences.high
    return isBelow || isAbove ? sum + count : sum
  }, 0)
  return { successes, trials }
}

/**
 * The rate of outliers that the reference lets expect, 0 to 1; null where there are no fences.
 * Reference rows are often too few to have met one: 110 rows without an outlier still allow 2.7 %. Their reach tells more: if the largest value
 * stays within half of the way from quartile to fence, on both sides, the tail is short and only `GRANTED` is expected. (Had an exponential
 * tail 1 % beyond the fence, 110 values would stay that short with probability 0.004; a heavier one more rarely.) Else it is the upper 95 %
 * limit (Clopper, Pearson 1934) of what the reference shows.
 */
export function expectedOutlierRate(reference: NumericReference): number | null {
  const fences = fencesOfBins(reference)
  const seen = referenceOutliers(reference)
  if (fences === null || seen === null) return null
  if (seen.successes === 0 && hasShortTails(reference, fences)) return GRANTED
  return Math.max(GRANTED, clopperPearsonInterval(seen.successes, seen.trials, 0.9)!.high)
}

/** Enough values for their reach to say something about the tails. */
const LEAST_FOR_TAILS = 100

function hasShortTails({ min, max, counts }: NumericReference, { low, high }: Fences): boolean {
  // The fences are three interquartile ranges from their quartiles, and seven from one another.
  const range = (high - low) / 7
  const values = counts.reduce((sum, count) => sum + count, 0)
  return values >= LEAST_FOR_TAILS && max <= high - 1.5 * range && min >= low + 1.5 * range
}

/**
 * Verdict on the rate of outliers: alarm if there are at least three, the rate is `rise` above what the reference lets expect, and so many would
 * come of that expectation with p < `alpha` (exact binomial, one-sided). Null where the reference has no fences.
 * @throws RangeError unless `current` is a proportion
 */
export function outlierVerdict(
  of: { reference: NumericReference; current: Proportion; referenceId: string },
  rule = defaultOutlierRule,
): RateVerdict | null {
  const { reference, current, referenceId } = of
  const expected = expectedOutlierRate(reference)
  const seen = referenceOutliers(reference)
  if (expected === null || seen === null) return null
  const { successes, trials } = current
  const interval = newcombeInterval(seen, current)
  // P(X >= k) of a binomial is the regularised incomplete beta function I_p(k, n - k + 1).
  const p = successes === 0 ? 1 : betaShare(expected, successes, trials - successes + 1)
  const difference = trials === 0 || seen.trials === 0 ? null : successes / trials - seen.successes / seen.trials
  const risen = successes >= LEAST_OUTLIERS && successes / trials >= expected + rule.rise && p < rule.alpha
  const state = trials < rule.leastValues ? 'insufficient data' : risen ? 'alarm' : 'ok'
  return { state, referenceId, reference: seen, current, difference, interval, p, rule }
}
