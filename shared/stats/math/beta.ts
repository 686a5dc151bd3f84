import { lnGamma } from './gamma.ts'

const MAX_TERMS = 10_000
const TINY = 1e-300

/**
 * Regularised incomplete beta function I_x(a, b), 0 to 1: continued fraction by Lentz's method (DLMF 8.17.22).
 * @throws RangeError unless 0 <= x <= 1, a > 0 and b > 0
 */
export function betaShare(x: number, a: number, b: number): number {
  if (!(x >= 0 && x <= 1) || !(a > 0) || !(b > 0)) throw new RangeError(`incomplete beta of ${x}, ${a}, ${b}`)
  if (x === 0 || x === 1) return x
  // The fraction converges fast only on this side of the mean.
  if (x > (a + 1) / (a + b + 2)) return Math.max(0, 1 - tail(1 - x, b, a))
  return tail(x, a, b)
}

function tail(x: number, a: number, b: number): number {
  const front = Math.exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a
  let c = 1
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1))
  let value = d
  for (let k = 1; k < MAX_TERMS; k += 1) {
    const even = (k * (b - k) * x) / ((a + 2 * k - 1) * (a + 2 * k))
    d = 1 / nonZero(1 + even * d)
    c = nonZero(1 + even / c)
    value *= d * c
    const odd = (-(a + k) * (a + b + k) * x) / ((a + 2 * k) * (a + 2 * k + 1))
    d = 1 / nonZero(1 + odd * d)
    c = nonZero(1 + odd / c)
    value *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return Math.min(1, front * value)
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value
}

/**
 * The x with I_x(a, b) = `share`, by bisection.
 * @throws RangeError unless 0 <= share <= 1
 */
export function betaQuantile(share: number, a: number, b: number): number {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`beta quantile of ${share}`)
  let low = 0
  let high = 1
  for (let step = 0; step < 200; step += 1) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) break
    if (betaShare(middle, a, b) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** P(|T| >= |t|) of Student's t with `df` > 0 degrees of freedom, I_{df/(df+t^2)}(df/2, 1/2), 0 to 1. */
export function studentTwoSided(t: number, df: number): number {
  return betaShare(df / (df + t * t), df / 2, 0.5)
}
