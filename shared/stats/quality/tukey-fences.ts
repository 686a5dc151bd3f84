import { interpolatedQuantile, sortedFinite } from '../drift/sorted.ts'

/** Limits beyond which a value is an outlier. */
export interface Fences {
  low: number
  high: number
}

/** Distance of the fences from the quartiles, in interquartile ranges: Tukey's "far out" (Exploratory Data Analysis, 1977). */
const FACTOR = 3

/**
 * Q1 - factor (Q3 - Q1) to Q3 + factor (Q3 - Q1), in the unit of the values. Null if the quartiles are equal: half of the reference is one
 * value, and calling every other one an outlier would say nothing.
 */
export function tukeyFences(q1: number, q3: number, factor = FACTOR): Fences | null {
  const reach = factor * (q3 - q1)
  if (!(reach > 0)) return null
  return { low: Math.max(-Number.MAX_VALUE, q1 - reach), high: Math.min(Number.MAX_VALUE, q3 + reach) }
}

/**
 * Fences of reference values, quartiles with linear interpolation as numpy has them; null without values or spread.
 * @throws RangeError if a value is not finite
 */
export function fencesOfValues(values: ArrayLike<number>, factor = FACTOR): Fences | null {
  const sorted = sortedFinite(values)
  const q1 = interpolatedQuantile(sorted, 0.25)
  const q3 = interpolatedQuantile(sorted, 0.75)
  return q1 === null || q3 === null ? null : tukeyFences(q1, q3, factor)
}

/** Fences from the bins of a reference: the quartiles are the edges that reach a quarter and three quarters of the values. */
export function fencesOfBins(bins: { edges: readonly number[]; counts: readonly number[]; max: number }, factor = FACTOR): Fences | null {
  const total = bins.counts.reduce((sum, count) => sum + count, 0)
  const quartile = (share: number): number => {
    let seen = 0
    for (const [bin, count] of bins.counts.entries()) {
      seen += count
      if (seen >= share * total) return bins.edges[bin] ?? bins.max
    }
    return bins.max
  }
  return total === 0 ? null : tukeyFences(quartile(0.25), quartile(0.75), factor)
}
