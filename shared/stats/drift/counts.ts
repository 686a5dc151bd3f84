/** Counts per bin. A weighted or scaled count may be a fraction. */
export type BinCounts = readonly number[]

/** Both distributions over the same bins; `m` and `n` are the totals of the reference and of the current one. */
export interface CountPair {
  reference: BinCounts
  current: BinCounts
  m: number
  n: number
}

/** The sum of counts. */
export function totalOf(counts: BinCounts): number {
  let total = 0
  for (const count of counts) total += count
  return total
}

/**
 * The two sides with their totals; null if one of them is empty: then no measure is defined.
 * @throws RangeError if the bins differ in number, or a count is negative or not finite
 */
export function countPair(reference: BinCounts, current: BinCounts): CountPair | null {
  if (reference.length !== current.length) throw new RangeError(`${reference.length} bins do not compare with ${current.length}`)
  if (![...reference, ...current].every((count) => count >= 0 && Number.isFinite(count))) throw new RangeError('a count is no count')
  const m = totalOf(reference)
  const n = totalOf(current)
  return m === 0 || n === 0 ? null : { reference, current, m, n }
}

/** Sums `term(p, q)` over the shares of the bins. */
export function sumOverShares(pair: CountPair, term: (p: number, q: number) => number): number {
  let sum = 0
  for (const [bin, count] of pair.reference.entries()) sum += term(count / pair.m, pair.current[bin]! / pair.n)
  return sum
}

/**
 * The pair without the bins that are empty on both sides: they say nothing, yet would cost a degree of freedom and, with a floor, look like a
 * difference between two totals.
 */
export function withoutEmptyBins(pair: CountPair): CountPair {
  const used = pair.reference.map((count, bin) => count > 0 || pair.current[bin]! > 0)
  return { ...pair, reference: pair.reference.filter((_, bin) => used[bin]), current: pair.current.filter((_, bin) => used[bin]) }
}

/**
 * The bin counts of both, added.
 * @throws RangeError if the bins differ in number
 */
export function addCounts(a: BinCounts, b: BinCounts): number[] {
  if (a.length !== b.length) throw new RangeError(`${a.length} bins do not add to ${b.length}`)
  return a.map((count, bin) => count + b[bin]!)
}
