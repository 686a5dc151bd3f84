import { countPair, sumOverShares, type BinCounts } from './counts.ts'

/**
 * Kullback-Leibler divergence of the reference from the current distribution, sum p ln(p / q) (Kullback, Leibler 1951), in nats, at least 0.
 * Null if a side is empty, or if it is infinite: a bin of the reference is empty now.
 * @throws RangeError if the bins differ in number or a count is negative
 */
export function klDivergence(reference: BinCounts, current: BinCounts): number | null {
  const pair = countPair(reference, current)
  if (pair === null || reference.some((count, bin) => count > 0 && current[bin] === 0)) return null
  return Math.max(
    0,
    sumOverShares(pair, (p, q) => (p === 0 ? 0 : p * Math.log(p / q))),
  )
}
