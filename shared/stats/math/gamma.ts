/** Coefficients of Stirling's series, B(2k) / (2k (2k-1)). */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360] as const
/** From here on the series is exact to the last digit of a double. */
const LARGE = 13
const MAX_TERMS = 100_000
/** Stands in for 0 in a continued fraction (Lentz). */
const TINY = 1e-300

/**
 * Natural logarithm of the gamma function for x > 0: Stirling's series, after the recurrence has shifted small x up.
 * @throws RangeError unless 0 < x < infinity
 */
export function lnGamma(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) throw new RangeError(`ln gamma of ${x}`)
  let shifted = x
  let product = 1
  while (shifted < LARGE) {
    product *= shifted
    shifted += 1
  }
  let power = 1 / shifted
  let series = 0
  for (const coefficient of STIRLING) {
    series += coefficient * power
    power /= shifted * shifted
  }
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product)
}

/**
 * Regularised upper incomplete gamma function Q(a, x), 0 to 1: the series for small x, else Legendre's continued fraction by Lentz's method
 * (DLMF 8.7.3 and 8.9.2), so that far tails keep their relative accuracy.
 * @throws RangeError unless a > 0 and x >= 0
 */
export function upperGammaShare(a: number, x: number): number {
  if (!(a > 0) || !(x >= 0)) throw new RangeError(`incomplete gamma of ${a}, ${x}`)
  if (x === 0) return 1
  if (x === Number.POSITIVE_INFINITY) return 0
  const front = Math.exp(a * Math.log(x) - x - lnGamma(a))
  return x < a + 1 ? Math.max(0, 1 - front * lowerSeries(a, x)) : Math.min(1, front * upperFraction(a, x))
}

function lowerSeries(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let k = 1; k < MAX_TERMS && term > sum * 1e-17; k += 1) {
    term *= x / (a + k)
    sum += term
  }
  return sum
}

function upperFraction(a: number, x: number): number {
  let b = x + 1 - a
  let c = 1 / TINY
  let d = 1 / b
  let value = d
  for (let k = 1; k < MAX_TERMS; k += 1) {
    const numerator = -k * (k - a)
    b += 2
    d = 1 / nonZero(numerator * d + b)
    c = nonZero(b + numerator / c)
    value *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return value
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value
}
