/**
 * Likelihood ratio of the mixture sequential probability ratio test for a difference of means (Johari, Koomen, Pekelis, Walsh, KDD 2017):
 * sqrt(2 s / (2 s + n t)) exp(n^2 t d^2 / (4 s (2 s + n t))) for n values per arm, variance s of a value, and a N(0, t) mixture over the difference d.
 * Reject at 1 / alpha; min(1, 1 / ratio) is an always-valid p. At least 0 and finite. The confidence sequence is preferred.
 * @throws RangeError unless n >= 0, s > 0 and t > 0
 */
export function msprtRatio(of: { difference: number; n: number; variance: number; mixture: number }): number {
  const { difference, n, variance, mixture } = of
  if (!(n >= 0) || !(variance > 0) || !(mixture > 0)) throw new RangeError('no such test')
  const sum = 2 * variance + n * mixture
  const exponent = (n * n * mixture * difference * difference) / (4 * variance * sum)
  return Math.min(Number.MAX_VALUE, Math.sqrt((2 * variance) / sum) * Math.exp(exponent))
}
