/** Two-sided confidence levels that are offered, with the quantile of the standard normal distribution at (1 + level) / 2. */
const normalQuantiles = { 0.9: 1.6448536269514722, 0.95: 1.959963984540054, 0.99: 2.5758293035489004 } as const
export type ConfidenceLevel = keyof typeof normalQuantiles

/** A closed range of values. */
export interface Interval {
  low: number
  high: number
}

/**
 * Wilson score interval of a proportion (Wilson, JASA 22, 1927), within 0 to 1; `null` without trials.
 * @throws RangeError unless 0 <= successes <= trials, both whole
 */
export function wilsonInterval(successes: number, trials: number, level: ConfidenceLevel = 0.95): Interval | null {
  if (!Number.isSafeInteger(successes) || !Number.isSafeInteger(trials) || successes < 0 || successes > trials) {
    throw new RangeError(`${successes} of ${trials} is no proportion`)
  }
  if (trials === 0) return null
  const { low, high } = wilsonOfShare(successes / trials, trials, level)
  // At the ends the formula gives exactly 0 or 1; the float sum may be a hair off.
  return { low: successes === 0 ? 0 : low, high: successes === trials ? 1 : high }
}

/**
 * The same interval for a share of an effective number of trials, which need not be whole: weighted or dependent ones.
 * @throws RangeError unless 0 <= share <= 1 and trials > 0
 */
export function wilsonOfShare(p: number, trials: number, level: ConfidenceLevel = 0.95): Interval {
  if (!(p >= 0 && p <= 1) || !(trials > 0)) throw new RangeError(`${p} of ${trials} is no share`)
  const z = normalQuantiles[level]
  const scale = 1 + (z * z) / trials
  const centre = (p + (z * z) / (2 * trials)) / scale
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials))
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) }
}

/** Successes among trials, both whole. */
export interface Proportion {
  successes: number
  trials: number
}

/**
 * Interval of the difference `second - first` of two independent proportions: method 10 of Newcombe, Statistics in Medicine 17, 1998,
 * from the Wilson limits of each. Within -1 to 1; `null` if one has no trials.
 */
export function newcombeInterval(first: Proportion, second: Proportion, level: ConfidenceLevel = 0.95): Interval | null {
  const a = wilsonInterval(first.successes, first.trials, level)
  const b = wilsonInterval(second.successes, second.trials, level)
  if (a === null || b === null) return null
  const pa = first.successes / first.trials
  const pb = second.successes / second.trials
  return { low: pb - pa - Math.hypot(pb - b.low, a.high - pa), high: pb - pa + Math.hypot(b.high - pb, pa - a.low) }
}
