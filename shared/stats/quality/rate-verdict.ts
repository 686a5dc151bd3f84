import { newcombeInterval, type Interval, type Proportion } from '../proportion-interval.ts'
import { compareProportions } from './two-proportions.ts'

/** When the rate of missing, wrong or outlying values is too high against its reference. */
export interface RateRule {
  /** Rise that matters, a share: 0.05 is five percentage points. */
  rise: number
  /** p below which a rise is no chance. */
  alpha: number
  /** Fewer values than this answer "insufficient data". */
  leastValues: number
}

/** Five points, p < 0.01, 100 values. */
export const defaultRateRule: RateRule = { rise: 0.05, alpha: 0.01, leastValues: 100 }

/** What the two rates say, with all that the verdict rests on. */
export interface RateVerdict {
  state: 'insufficient data' | 'ok' | 'alarm'
  referenceId: string
  reference: Proportion
  current: Proportion
  /** Current rate less that of the reference; null without values. */
  difference: number | null
  interval: Interval | null
  /** Of the hypothesis that the rate did not rise, two-sided; 1 without values. */
  p: number
  rule: RateRule
}

/**
 * Verdict on a rate of bad values: alarm if it rose by at least `rise` and p < `alpha` (two-proportion test, Fisher's for small counts).
 * @throws RangeError unless both are proportions
 */
export function rateVerdict(of: { reference: Proportion; current: Proportion; referenceId: string }, rule = defaultRateRule): RateVerdict {
  const { reference, current, referenceId } = of
  const { twoSided: p } = compareProportions(reference, current)
  const isKnown = reference.trials > 0 && current.trials > 0
  const difference = isKnown ? current.successes / current.trials - reference.successes / reference.trials : null
  const risen = difference !== null && difference >= rule.rise && p < rule.alpha
  const state = current.trials < rule.leastValues || !isKnown ? 'insufficient data' : risen ? 'alarm' : 'ok'
  return { state, referenceId, reference, current, difference, interval: newcombeInterval(reference, current), p, rule }
}
