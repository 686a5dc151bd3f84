import { chiSquareCritical, chiSquareTail } from '../math/chi-square-distribution.ts'
import { countPair, sumOverShares, type BinCounts, type CountPair } from './counts.ts'

/**
 * What an empty bin counts as. Ours is `half-count`: max(count, 1/2) / total. The others reproduce other tools: `textbook` has no answer
 * then, `evidently` takes 0.0001 (or a millionth of the smallest share), `deepchecks` lifts every share to 0.01.
 */
export const psiFloors = ['half-count', 'textbook', 'evidently', 'deepchecks'] as const
export type PsiFloor = (typeof psiFloors)[number]

/**
 * Population stability index, sum (p - q) ln(p / q) over the bins (Lewis 1994; Siddiqi 2006), in nats, at least 0; floored shares are not
 * renormalised. Null if a side is empty, or if a bin is and the floor is `textbook`.
 * @throws RangeError if the bins differ in number or a count is negative
 */
export function psi(reference: BinCounts, current: BinCounts, floor: PsiFloor = 'half-count'): number | null {
  const pair = countPair(reference, current)
  if (pair === null) return null
  if (floor === 'textbook' && [...reference, ...current].includes(0)) return null
  return sumOverShares(floored(pair, floor), (p, q) => (p - q) * Math.log(p / q))
}

/** The pair as shares of total 1 each, with the floor applied. */
function floored(pair: CountPair, floor: PsiFloor): CountPair {
  return { reference: lift(pair.reference, pair.m, floor), current: lift(pair.current, pair.n, floor), m: 1, n: 1 }
}

function lift(counts: BinCounts, total: number, floor: PsiFloor): number[] {
  if (floor === 'half-count') return counts.map((count) => Math.max(count, 0.5) / total)
  const shares = counts.map((count) => count / total)
  if (floor === 'deepchecks') return shares.map((share) => Math.max(share, 0.01))
  if (floor === 'textbook') return shares
  const smallest = Math.min(...shares.filter((share) => share > 0))
  const zero = smallest <= 0.0001 ? smallest / 1e6 : 0.0001
  return shares.map((share) => (share === 0 ? zero : share))
}

/** What the index is on average without any drift, (B - 1)(1/n + 1/m) for B bins (Yurdakul 2018). */
export function psiNullMean(bins: number, n: number, m: number): number {
  return Math.max(0, bins - 1) * (1 / n + 1 / m)
}

/**
 * The index without its bias, max(0, PSI - (B - 1)(1/n + 1/m)), at least 0: it does not grow when n shrinks. For dependent samples `n` is
 * their effective number.
 */
export function psiAdjusted(index: number, bins: number, n: number, m: number): number {
  return Math.max(0, index - psiNullMean(bins, n, m))
}

/** P(an index this large without drift), from PSI / (1/n + 1/m) ~ chi-square(B - 1) (Yurdakul 2018), 0 to 1. */
export function psiEvidence(index: number, bins: number, n: number, m: number): number {
  return chiSquareTail(index / (1 / n + 1 / m), bins - 1)
}

/** The index that is exceeded with probability `alpha` without drift; 0 for a single bin. */
export function psiCritical(alpha: number, bins: number, n: number, m: number): number {
  return bins < 2 ? 0 : chiSquareCritical(alpha, bins - 1) * (1 / n + 1 / m)
}
