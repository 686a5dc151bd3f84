/** Below this the alternating series loses digits and the theta-function form converges at once. */
const SMALL = 1.18
const LARGEST_MATRIX = 201

/** Limit distribution of the Kolmogorov statistic, P(K >= t) = 2 sum (-1)^(k-1) exp(-2 k^2 t^2), 0 to 1 (Kolmogorov 1933; theta form below 1.18). */
export function kolmogorovTail(t: number): number {
  if (!(t > 0)) return 1
  if (t < SMALL) {
    let sum = 0
    for (let k = 1; k <= 8; k += 1) sum += Math.exp(-((2 * k - 1) ** 2 * Math.PI ** 2) / (8 * t * t))
    return clamp(1 - (Math.sqrt(2 * Math.PI) / t) * sum)
  }
  let sum = 0
  for (let k = 1; k <= 40; k += 1) sum += (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * t * t)
  return clamp(2 * sum)
}

/**
 * Exact P(D_n >= d) of one sample of n values against a continuous distribution: matrix power of Marsaglia, Tsang, Wang (J. Stat. Softw. 8, 2003).
 * It is what scipy's `asymp` mode uses with n = round(n_e).
 * @throws RangeError if n d is above 100: the matrix would be too large
 */
export function kolmogorovExactTail(d: number, n: number): number {
  if (!(d > 0)) return 1
  if (d >= 1) return 0
  const k = Math.floor(n * d) + 1
  const size = 2 * k - 1
  if (size > LARGEST_MATRIX) throw new RangeError(`the exact Kolmogorov distribution of ${n} values at ${d} is too large`)
  let result = power(transition(size, k - n * d), n)[k - 1]![k - 1]!
  for (let i = 1; i <= n; i += 1) result *= i / n
  return clamp(1 - result)
}

function transition(size: number, h: number): number[][] {
  const matrix = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => (i - j + 1 < 0 ? 0 : 1)))
  for (let i = 0; i < size; i += 1) {
    matrix[i]![0]! -= h ** (i + 1)
    matrix[size - 1]![i]! -= h ** (size - i)
  }
  matrix[size - 1]![0]! += 2 * h - 1 > 0 ? (2 * h - 1) ** size : 0
  for (let i = 0; i < size; i += 1) for (let j = 0; j < size; j += 1) for (let g = 1; g <= i - j + 1; g += 1) matrix[i]![j]! /= g
  return matrix
}

function power(matrix: number[][], exponent: number): number[][] {
  if (exponent === 1) return matrix
  const half = power(matrix, exponent >> 1)
  const square = product(half, half)
  return exponent % 2 === 0 ? square : product(square, matrix)
}

function product(a: number[][], b: number[][]): number[][] {
  return a.map((row) => row.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)))
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share))
}
