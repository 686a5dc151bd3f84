import { lnGamma } from '../math/gamma.ts'
import type { Interval } from '../proportion-interval.ts'

/** Halvings of 0 to 1: finer than any rate that can be told apart. */
const STEPS = 60

/**
 * Limits of one proportion that hold at all times together with probability 1 - alpha, exactly and at any rate, 0 and 1 included: those p at which the
 * uniform mixture B(k + 1, n - k + 1) / (p^k (1 - p)^(n - k)) is below 1 / alpha (Robbins, Ann. Math. Stat. 41, 1970; Ville 1939). Within 0 to 1;
 * counts may be effective ones, no whole numbers. Null without trials.
 */
export function proportionBounds(successes: number, trials: number, alpha: number): Interval | null {
  if (!(trials > 0) || !(successes >= 0 && successes <= trials)) return null
  const failures = trials - successes
  const mixture = lnGamma(successes + 1) + lnGamma(failures + 1) - lnGamma(trials + 2)
  const isOutside = (p: number): boolean => mixture - part(successes, Math.log(p)) - part(failures, Math.log1p(-p)) >= Math.log(1 / alpha)
  const centre = successes / trials
  return {
    low: successes === 0 ? 0 : border(0, centre, isOutside),
    high: failures === 0 ? 1 : border(1, centre, isOutside),
  }
}

/** 0 x -infinity is 0 here. */
function part(count: number, log: number): number {
  return count === 0 ? 0 : count * log
}

/** The p between an outer and an inner one at which the outside begins, on its outer side. */
function border(outer: number, inner: number, isOutside: (p: number) => boolean): number {
  let [out, within] = [outer, inner]
  for (let step = 0; step < STEPS; step += 1) {
    const middle = (out + within) / 2
    if (isOutside(middle)) out = middle
    else within = middle
  }
  return out
}
