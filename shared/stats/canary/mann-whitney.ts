import { normalTwoSided } from '../math/normal-distribution.ts'
import { countPair, type BinCounts } from '../drift/counts.ts'
import { sortedFinite } from '../drift/sorted.ts'

/** How two samples compare by rank. */
export interface RankTest {
  /** Pairs in which the second is larger, ties as half. */
  u: number
  /** U / (n m), the probability that a value of the second is larger than one of the first ("common language effect size"), 0 to 1. */
  effect: number
  /** How far the effect of the values behind the bins may be from it; 0 for values. */
  effectError: number
  /** With tie and continuity correction; 0 without variance. */
  z: number
  /** Two-sided, 0 to 1; 1 without variance. */
  p: number
}

/** From values: null if a side is empty. `exactP` is there for small samples without ties. */
export interface ExactRankTest extends RankTest {
  exactP: number | null
}

/** Up to this many pairs, and without ties, the exact distribution is given too. */
const EXACT_PAIRS = 2500

/**
 * Rank test of Mann and Whitney (Ann. Math. Stat. 18, 1947) from values, as scipy's `mannwhitneyu`: normal approximation with corrections for
 * ties and continuity. A fixed-horizon comparison: do not look at it repeatedly.
 * @throws RangeError if a value is not finite
 */
export function mannWhitney(first: ArrayLike<number>, second: ArrayLike<number>): ExactRankTest | null {
  const [a, b] = [sortedFinite(first), sortedFinite(second)]
  const groups: { first: number; second: number }[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const value = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY)
    const group = { first: 0, second: 0 }
    for (; a[i] === value; i += 1) group.first += 1
    for (; b[j] === value; j += 1) group.second += 1
    groups.push(group)
  }
  const test = mannWhitneyFromBins(
    groups.map((group) => group.first),
    groups.map((group) => group.second),
  )
  if (test === null) return null
  const hasTies = groups.some((group) => group.first + group.second > 1)
  const exactP = hasTies || a.length * b.length > EXACT_PAIRS ? null : exactRankP(test.u, a.length, b.length)
  return { ...test, effectError: 0, exactP }
}

/**
 * The same from counts over common ordered bins, e.g. merged latency sketches: values of one bin are ties, so the effect is right within half the
 * share of pairs that share a bin. Null if a side is empty.
 * @throws RangeError if the bins differ in number or a count is negative
 */
export function mannWhitneyFromBins(first: BinCounts, second: BinCounts): RankTest | null {
  const pair = countPair(first, second)
  if (pair === null) return null
  const { m, n } = pair
  let [below, u, shared, ties] = [0, 0, 0, 0]
  for (const [bin, count] of first.entries()) {
    const other = second[bin]!
    const all = count + other
    u += other * (below + count / 2)
    shared += count * other
    ties += all * (all * all - 1)
    below += count
  }
  const total = m + n
  const variance = total < 2 ? 0 : ((m * n) / 12) * (total + 1 - ties / (total * (total - 1)))
  const effect = { u, effect: u / (m * n), effectError: shared / (2 * m * n) }
  if (!(variance > 1e-12 * m * n)) return { ...effect, z: 0, p: 1 }
  const distance = u - (m * n) / 2
  const z = (Math.sign(distance) * Math.max(0, Math.abs(distance) - 0.5)) / Math.sqrt(variance)
  return { ...effect, z, p: normalTwoSided(z) }
}

/** Two-sided p from the exact distribution of U, by the recurrence over the largest value. */
function exactRankP(u: number, n: number, m: number): number {
  // ways[k] = orders of i first and j second values with U = k, as a share.
  let rows = Array.from({ length: m + 1 }, () => [1])
  for (let i = 1; i <= n; i += 1) {
    const next: number[][] = [[1]]
    for (let j = 1; j <= m; j += 1) next.push(mix(rows[j]!, shift(next[j - 1]!, i), i / (i + j)))
    rows = next
  }
  const shares = rows[m]!
  const tail = Math.max(u, n * m - u)
  return Math.min(1, 2 * shares.reduce((sum, share, k) => sum + (k >= tail ? share : 0), 0))
}

function shift(shares: number[], by: number): number[] {
  return [...Array.from({ length: by }, () => 0), ...shares]
}

/** The largest value belongs to the first sample with `weight`, else to the second, which then beats all of the first. */
function mix(first: number[], second: number[], weight: number): number[] {
  return Array.from({ length: Math.max(first.length, second.length) }, (_, k) => weight * (first[k] ?? 0) + (1 - weight) * (second[k] ?? 0))
}
