import { countPair, sumOverShares, type BinCounts } from './counts.ts'

/**
 * Jensen-Shannon divergence, (KL(p, M) + KL(q, M)) / 2 with M = (p + q) / 2 (Lin, IEEE Trans. Inf. Theory 37, 1991), in bits, 0 to 1;
 * an empty bin needs no floor. Null if a side is empty.
 * @throws RangeError if the bins differ in number or a count is negative
 */
export function jsDivergence(reference: BinCounts, current: BinCounts): number | null {
  const pair = countPair(reference, current)
  if (pair === null) return null
  const sum = sumOverShares(pair, (p, q) => half(p, q) + half(q, p))
  // Rounding may leave a hair below 0 or above 1.
  return Math.min(1, Math.max(0, sum / 2))
}

/** p log2(p / M); a share of 0 has no part in it. */
function half(p: number, q: number): number {
  return p === 0 ? 0 : p * Math.log2((2 * p) / (p + q))
}

/**
 * Jensen-Shannon distance, the root of the divergence: a metric, 0 to 1 in base 2, 0 to sqrt(ln 2) = 0.83255 in base e (as scipy and
 * Evidently have it). Null if a side is empty.
 */
export function jsDistance(reference: BinCounts, current: BinCounts, base: 2 | 'e' = 2): number | null {
  const bits = jsDivergence(reference, current)
  return bits === null ? null : Math.sqrt(base === 2 ? bits : bits * Math.LN2)
}

/** What the divergence in bits is on average without drift, about (B - 1)(1/n + 1/m) / (8 ln 2): the PSI has eight times its curvature. */
export function jsNullMean(bins: number, n: number, m: number): number {
  return (Math.max(0, bins - 1) * (1 / n + 1 / m)) / (8 * Math.LN2)
}

/** Distance in base 2 without its bias, sqrt(max(0, divergence - its mean without drift)), 0 to 1. */
export function jsDistanceAdjusted(divergence: number, bins: number, n: number, m: number): number {
  return Math.sqrt(Math.max(0, divergence - jsNullMean(bins, n, m)))
}
