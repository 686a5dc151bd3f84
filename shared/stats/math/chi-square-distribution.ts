import { upperGammaShare } from './gamma.ts'

/** P(X >= x) of a chi-square variable, Q(df/2, x/2), 0 to 1; 1 without degrees of freedom. */
export function chiSquareTail(x: number, df: number): number {
  if (df <= 0 || x <= 0) return 1
  return upperGammaShare(df / 2, x / 2)
}

/**
 * The x whose tail is `alpha`, by bisection down to the last digit.
 * @throws RangeError unless 0 < alpha < 1 and df > 0
 */
export function chiSquareCritical(alpha: number, df: number): number {
  if (!(alpha > 0 && alpha < 1) || !(df > 0)) throw new RangeError(`chi-square critical value of ${alpha}, ${df}`)
  let low = 0
  let high = df
  while (chiSquareTail(high, df) > alpha) high *= 2
  for (let step = 0; step < 200; step += 1) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) break
    if (chiSquareTail(middle, df) > alpha) low = middle
    else high = middle
  }
  return (low + high) / 2
}
