import { countPair, sumOverShares, type BinCounts } from './counts.ts'

/**
 * Total variation distance, sum |p - q| / 2: the share of values that would have to move, 0 to 1; null if a side is empty.
 * @throws RangeError if the bins differ in number or a count is negative
 */
export function totalVariation(reference: BinCounts, current: BinCounts): number | null {
  const pair = countPair(reference, current)
  if (pair === null) return null
  return Math.min(1, sumOverShares(pair, (p, q) => Math.abs(p - q)) / 2)
}

/** The largest change of a single bin. */
export interface LargestChange {
  /** max |p - q|, 0 to 1. */
  distance: number
  /** The first bin that changed so much. */
  bin: number
}

/**
 * L-infinity distance, max |p - q|, with its bin; unlike the sums over bins it does not grow with their number without drift, so it is the one
 * to show for many categories. Null if a side is empty.
 * @throws RangeError if the bins differ in number or a count is negative
 */
export function lInfinity(reference: BinCounts, current: BinCounts): LargestChange | null {
  const pair = countPair(reference, current)
  if (pair === null) return null
  const largest = { distance: 0, bin: 0 }
  for (const [bin, count] of reference.entries()) {
    const distance = Math.abs(count / pair.m - current[bin]! / pair.n)
    if (distance > largest.distance) Object.assign(largest, { distance, bin })
  }
  return largest
}
