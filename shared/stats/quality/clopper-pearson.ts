import { betaQuantile } from '../math/beta.ts'
import type { Interval } from '../proportion-interval.ts'

/**
 * Exact interval of a proportion from the binomial distribution (Clopper, Pearson, Biometrika 26, 1934), within 0 to 1; it covers at least
 * `level`, usually more than Wilson's. Null without trials.
 * @throws RangeError unless 0 <= successes <= trials, both whole, and 0 < level < 1
 */
export function clopperPearsonInterval(successes: number, trials: number, level = 0.95): Interval | null {
  if (!Number.isSafeInteger(successes) || !Number.isSafeInteger(trials) || successes < 0 || successes > trials) {
    throw new RangeError(`${successes} of ${trials} is no proportion`)
  }
  if (!(level > 0 && level < 1)) throw new RangeError(`a level of ${level}`)
  if (trials === 0) return null
  const tail = (1 - level) / 2
  return {
    low: successes === 0 ? 0 : betaQuantile(tail, successes, trials - successes + 1),
    high: successes === trials ? 1 : betaQuantile(1 - tail, successes + 1, trials - successes),
  }
}
