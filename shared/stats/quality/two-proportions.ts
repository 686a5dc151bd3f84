import { normalTail, normalTwoSided } from '../math/normal-distribution.ts'
import type { Proportion } from '../proportion-interval.ts'
import { hypergeometric } from '../math/hypergeometric.ts'

/** A test that two proportions are equal; `greater`: that the second is not larger. */
export interface ProportionTest {
  twoSided: number
  greater: number
}

/** @throws RangeError unless 0 <= successes <= trials, both whole */
function check({ successes, trials }: Proportion): void {
  if (!Number.isSafeInteger(successes) || !Number.isSafeInteger(trials) || successes < 0 || successes > trials) {
    throw new RangeError(`${successes} of ${trials} is no proportion`)
  }
}

/**
 * Pooled z-test of two proportions: (p2 - p1) / sqrt(p (1 - p)(1/n1 + 1/n2)) with p of both together. z is 0 and both p are 1 where there is
 * nothing to compare; p 0 to 1. Not for expected counts below 5: see `fisherExact`.
 * @throws RangeError unless both are proportions
 */
export function twoProportionZ(first: Proportion, second: Proportion): ProportionTest & { z: number } {
  check(first)
  check(second)
  const pooled = (first.successes + second.successes) / (first.trials + second.trials)
  if (first.trials === 0 || second.trials === 0 || pooled === 0 || pooled === 1) return { z: 0, twoSided: 1, greater: 1 }
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / first.trials + 1 / second.trials))
  const z = (second.successes / second.trials - first.successes / first.trials) / error
  return { z, twoSided: normalTwoSided(z), greater: normalTail(z) }
}

/**
 * Exact test of two proportions given the total of successes (Fisher 1934); two-sided: all outcomes that are no more likely than this one. p 0 to 1.
 * @throws RangeError unless both are proportions
 */
export function fisherExact(first: Proportion, second: Proportion): ProportionTest {
  check(first)
  check(second)
  if (first.trials === 0 || second.trials === 0) return { twoSided: 1, greater: 1 }
  const { low, shares } = hypergeometric(first.trials + second.trials, first.successes + second.successes, second.trials)
  const here = second.successes - low
  const sum = (keep: (share: number, k: number) => boolean): number =>
    Math.min(
      1,
      shares.reduce((total, share, k) => total + (keep(share, k) ? share : 0), 0),
    )
  // A hair of tolerance: an equally likely outcome may be computed a hair more likely.
  return { twoSided: sum((share) => share <= shares[here]! * (1 + 1e-7)), greater: sum((_, k) => k >= here) }
}

/** The z-test, or Fisher's if one of the four expected counts is below 5. */
export function compareProportions(first: Proportion, second: Proportion): ProportionTest & { method: 'z' | 'fisher' } {
  check(first)
  check(second)
  const pooled = (first.successes + second.successes) / (first.trials + second.trials)
  const least = Math.min(first.trials, second.trials) * Math.min(pooled, 1 - pooled)
  if (least >= 5) {
    const { twoSided, greater } = twoProportionZ(first, second)
    return { twoSided, greater, method: 'z' }
  }
  return { ...fisherExact(first, second), method: 'fisher' }
}
