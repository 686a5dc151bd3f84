import { countPair, type BinCounts } from './counts.ts'
import { sortedFinite } from './sorted.ts'

/** A smaller standard deviation than this does not divide (Evidently, `wasserstein_distance_norm.py`). */
const LEAST_DEVIATION = 0.001

/**
 * Wasserstein distance of order 1, the integral of |F - G| (Vaserstein 1969), in the unit of the values, at least 0; null if a side is empty.
 * @throws RangeError if a value is not finite
 */
export function wasserstein(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  const a = sortedFinite(x)
  const b = sortedFinite(y)
  if (a.length === 0 || b.length === 0) return null
  let i = 0
  let j = 0
  let sum = 0
  let value = Math.min(a[0]!, b[0]!)
  while (i < a.length || j < b.length) {
    const next = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY)
    sum += Math.abs(i / a.length - j / b.length) * (next - value)
    value = next
    while (a[i] === value) i += 1
    while (b[j] === value) j += 1
  }
  return sum
}

/** The distance in standard deviations of the reference, W1 / max(deviation, 0.001); `deviation` divides by n (ddof 0). */
export function wassersteinNormalised(distance: number, deviation: number): number {
  return distance / Math.max(deviation, LEAST_DEVIATION)
}

/** A distance from bins, and how far it may be from that of the values behind them. */
export interface BinnedWasserstein {
  distance: number
  error: number
}

/**
 * Wasserstein distance from bins, all of a bin's values taken at its middle: |distance - W1| <= mean half-width under the reference + mean
 * half-width under the current counts. Null if a side is empty.
 * @param bounds the B + 1 borders of B bins, ascending; the outer ones are the least and the largest value of both sides
 * @throws RangeError if the borders do not fit the bins or do not ascend, or a count is negative
 */
export function wassersteinFromBins(bounds: readonly number[], reference: BinCounts, current: BinCounts): BinnedWasserstein | null {
  if (bounds.length !== reference.length + 1) throw new RangeError(`${bounds.length} borders do not fit ${reference.length} bins`)
  if (!bounds.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound >= bounds[i - 1]!))) {
    throw new RangeError('the borders of the bins do not ascend')
  }
  const pair = countPair(reference, current)
  if (pair === null) return null
  let [f, g, distance, error] = [0, 0, 0, 0]
  for (const [bin, count] of reference.entries()) {
    const half = bounds[bin + 1]! / 2 - bounds[bin]! / 2
    error += (count / pair.m + current[bin]! / pair.n) * half
    f += count
    g += current[bin]!
    const toNext = bin + 2 < bounds.length ? half + (bounds[bin + 2]! / 2 - bounds[bin + 1]! / 2) : 0
    distance += Math.abs(f / pair.m - g / pair.n) * toNext
  }
  return { distance, error }
}
