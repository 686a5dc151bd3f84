import { kolmogorovTail } from '../math/kolmogorov-distribution.ts'
import { countPair, type BinCounts } from './counts.ts'
import { sortedFinite } from './sorted.ts'

/**
 * Two-sample Kolmogorov-Smirnov distance D = max |F - G| of the empirical distributions (Smirnov 1939), 0 to 1, both read after a whole group
 * of equal values. Null if a side is empty.
 * @throws RangeError if a value is not finite
 */
export function ksDistance(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  const a = sortedFinite(x)
  const b = sortedFinite(y)
  if (a.length === 0 || b.length === 0) return null
  let i = 0
  let j = 0
  let largest = 0
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!)
    while (i < a.length && a[i] === value) i += 1
    while (j < b.length && b[j] === value) j += 1
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length))
  }
  return largest
}

/** Effective size of two samples, n m / (n + m). */
export function ksEffectiveSize(n: number, m: number): number {
  return (n * m) / (n + m)
}

/** P(a distance this large without drift), 0 to 1, with the small-sample correction of Stephens (JRSS B 32, 1970): Q((sqrt(n_e) + 0.12 + 0.11 / sqrt(n_e)) D). */
export function ksP(distance: number, n: number, m: number): number {
  const root = Math.sqrt(ksEffectiveSize(n, m))
  return kolmogorovTail((root + 0.12 + 0.11 / root) * distance)
}

/** The same in the limit of large samples, Q(sqrt(n_e) D), as many tools have it. */
export function ksLimitP(distance: number, n: number, m: number): number {
  return kolmogorovTail(Math.sqrt(ksEffectiveSize(n, m)) * distance)
}

/** Bounds of the distance of the values behind the bins. */
export interface KsBounds {
  /** max |F - G| at the edges; p from it is conservative. */
  lower: number
  upper: number
}

/**
 * Bounds of the Kolmogorov-Smirnov distance from ordered bins: max |F_i - G_i| <= D <= max(F_{i+1} - G_i, G_{i+1} - F_i); they are apart by at
 * most the largest share of a bin. Null if a side is empty.
 * @throws RangeError if the bins differ in number or a count is negative
 */
export function ksFromBins(reference: BinCounts, current: BinCounts): KsBounds | null {
  const pair = countPair(reference, current)
  if (pair === null) return null
  let [f, g, lower, upper] = [0, 0, 0, 0]
  for (const [bin, count] of reference.entries()) {
    const nextF = f + count
    const nextG = g + current[bin]!
    upper = Math.max(upper, nextF / pair.m - g / pair.n, nextG / pair.n - f / pair.m)
    lower = Math.max(lower, Math.abs(nextF / pair.m - nextG / pair.n))
    f = nextF
    g = nextG
  }
  return { lower, upper: Math.min(1, upper) }
}
