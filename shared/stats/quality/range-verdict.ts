import { lnGamma } from '../math/gamma.ts'
import { newcombeInterval, type Proportion } from '../proportion-interval.ts'
import { defaultRateRule, type RateRule, type RateVerdict } from './rate-verdict.ts'

/**
 * P(at least `outside` of `values` further values lie outside the range of `reference` values of the same distribution), 0 to 1. All orders of
 * the values are equally likely, whatever the distribution: of N = reference + values ranks, the span of the reference ones is at most
 * t = N - outside in C(t, m) + outside C(t - 1, m - 1) of C(N, m) choices. So 110 training rows are left by 1.8 % of all further values.
 * Values that are equal only make it rarer.
 * @throws RangeError unless there are 2 reference values and 0 <= outside <= values, all whole
 */
export function outsideRangeP(outside: number, values: number, reference: number): number {
  const isWhole = [outside, values, reference].every((count) => Number.isSafeInteger(count))
  if (!isWhole || reference < 2 || outside < 0 || outside > values) throw new RangeError(`${outside} of ${values} outside of ${reference}`)
  if (outside === 0) return 1
  const all = reference + values
  const span = all - outside
  const logShare = lnGamma(span + 1) - lnGamma(span - reference + 1) - lnGamma(all + 1) + lnGamma(values + 1)
  return Math.min(1, Math.exp(logShare) * (1 + (outside * reference) / span))
}

/**
 * Verdict on values outside the range of the training rows: alarm if the rate is at least `rise` and p < `alpha`. Training rows are never
 * outside their own range, so that a test of two proportions would take the range of few rows for the range of all.
 * @throws RangeError unless `current` is a proportion
 */
export function rangeVerdict(
  of: { values: number; current: Proportion; referenceId: string },
  rule: RateRule = defaultRateRule,
): RateVerdict {
  const { values, current, referenceId } = of
  const reference = { successes: 0, trials: values }
  const isKnown = values >= 2 && current.trials > 0
  const p = isKnown ? outsideRangeP(current.successes, current.trials, values) : 1
  const difference = isKnown ? current.successes / current.trials : null
  const risen = difference !== null && difference >= rule.rise && p < rule.alpha
  const state = current.trials < rule.leastValues || !isKnown ? 'insufficient data' : risen ? 'alarm' : 'ok'
  return { state, referenceId, reference, current, difference, interval: newcombeInterval(reference, current), p, rule }
}
