import { upperGammaShare } from './gamma.ts'

/** P(Z >= z) of a standard normal variable, Q(1/2, z^2/2)/2 on its side, 0 to 1, with relative accuracy in the tail. */
export function normalTail(z: number): number {
  if (Number.isNaN(z)) throw new RangeError('normal tail of NaN')
  const half = upperGammaShare(0.5, (z * z) / 2) / 2
  return z >= 0 ? half : 1 - half
}

/** P(|Z| >= |z|) of a standard normal variable, 0 to 1. */
export function normalTwoSided(z: number): number {
  return Math.min(1, 2 * normalTail(Math.abs(z)))
}

/**
 * The z with P(Z >= z) = `alpha`, by bisection.
 * @throws RangeError unless 0 < alpha < 1
 */
export function normalCritical(alpha: number): number {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`normal critical value of ${alpha}`)
  if (alpha > 0.5) return -normalCritical(1 - alpha)
  let low = 0
  let high = 40
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2
    if (normalTail(middle) > alpha) low = middle
    else high = middle
  }
  return (low + high) / 2
}
