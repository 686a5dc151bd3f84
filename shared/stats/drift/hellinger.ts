import { countPair, sumOverShares, type BinCounts } from './counts.ts'

/**
 * Hellinger distance, sqrt(sum (sqrt p - sqrt q)^2 / 2) (Hellinger 1909), a metric, 0 to 1; null if a side is empty.
 * @throws RangeError if the bins differ in number or a count is negative
 */
export function hellinger(reference: BinCounts, current: BinCounts): number | null {
  const pair = countPair(reference, current)
  if (pair === null) return null
  return Math.min(1, Math.sqrt(sumOverShares(pair, (p, q) => (Math.sqrt(p) - Math.sqrt(q)) ** 2) / 2))
}
