import type { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import { wilsonOfShare, type Interval } from '../../../../shared/stats/proportion-interval.ts'
import type { RegressionSums } from '../../../../shared/stats/regression.ts'

/** Quantile of the standard normal distribution at 0.975. */
const Z = 1.959963984540054
/** A mean of fewer values is not near enough to a normal one for its limits to say more than the values do. */
const LEAST_VALUES = 5
/** Limits of a share of fewer independent trials reach over so much of a chart that they hide all others. */
const LEAST_TRIALS = 20

/** A value of one window with the limits that chance alone may give it, 95 % of the time; null: nothing was counted. */
export interface Ranged {
  value: number | null
  range: Interval | null
}

/** Nothing was counted in a window. */
export const notKnown: Ranged = { value: null, range: null }

/** A share of what was counted, Wilson's interval; none of a few. @param effect how many events are worth one independent event */
export function rangedShare(events: number, trials: number, effect = 1): Ranged {
  if (trials === 0) return notKnown
  const value = events / trials
  if (trials / effect < LEAST_TRIALS) return { value, range: null }
  return { value, range: wilsonOfShare(value, trials / effect) }
}

/** A quantile, with the two order statistics that enclose it: no shape of the distribution is assumed. Of few values, none is known to be above it. */
export function rangedQuantile(sketch: LatencySketch, q: number): Ranged {
  const value = sketch.quantile(q)
  if (value === null) return notKnown
  const half = Z * Math.sqrt((q * (1 - q)) / sketch.count)
  const [low, high] = [sketch.quantile(q - half), sketch.quantile(q + half)]
  return { value, range: low === null || high === null ? null : { low, high } }
}

/** The mean absolute error, by the spread of the errors; none that is below zero. */
export function rangedError({ rows, absolute, squared }: RegressionSums): Ranged {
  if (rows === 0) return notKnown
  const value = absolute / rows
  if (rows < LEAST_VALUES) return { value, range: null }
  const half = Z * Math.sqrt(Math.max(0, squared / rows - value ** 2) / (rows - 1))
  return { value, range: { low: Math.max(0, value - half), high: value + half } }
}
