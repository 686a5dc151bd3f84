import { normalCritical } from '../math/normal-distribution.ts'
import { countPair, type BinCounts } from '../drift/counts.ts'
import { sortedFinite } from '../drift/sorted.ts'

/** By how much the second sample lies above the first. */
export interface ShiftEstimate {
  /** Median of all differences second - first, in the unit of the values. */
  shift: number
  low: number
  high: number
}

/**
 * Shift between two samples: the median of all n m differences (Hodges, Lehmann, Ann. Math. Stat. 34, 1963) with the interval of Moses, whose ends are the differences of
 * rank n m / 2 -+ z sqrt(n m (n + m + 1) / 12). Found by bisection on the value, so memory stays that of the samples. Null if a side is empty.
 * @throws RangeError if a value is not finite or the level is not between 0 and 1
 */
export function shiftOfValues(first: ArrayLike<number>, second: ArrayLike<number>, level = 0.95): ShiftEstimate | null {
  const ones = (values: Float64Array): number[] => Array.from(values, () => 1)
  const [a, b] = [sortedFinite(first), sortedFinite(second)]
  return estimate({ values: a, counts: ones(a) }, { values: b, counts: ones(b) }, level)
}

/**
 * The same from counts over common ordered bins, all values of a bin taken at its representative.
 * @throws RangeError if the bins differ in number or a count is negative
 */
export function shiftFromBins(values: readonly number[], first: BinCounts, second: BinCounts, level = 0.95): ShiftEstimate | null {
  if (values.length !== first.length || countPair(first, second) === null) return null
  return estimate({ values, counts: first }, { values, counts: second }, level)
}

interface Weighted {
  values: ArrayLike<number>
  counts: BinCounts
}

function estimate(first: Weighted, second: Weighted, level: number): ShiftEstimate | null {
  if (!(level > 0 && level < 1)) throw new RangeError(`a level of ${level}`)
  const n = first.counts.reduce((sum, count) => sum + count, 0)
  const m = second.counts.reduce((sum, count) => sum + count, 0)
  const pairs = n * m
  if (pairs === 0) return null
  const reach = normalCritical((1 - level) / 2) * Math.sqrt((pairs * (n + m + 1)) / 12)
  const at = (rank: number): number => differenceAt(first, second, Math.min(pairs, Math.max(1, rank)))
  const shift = (at(Math.floor((pairs + 1) / 2)) + at(Math.ceil((pairs + 1) / 2))) / 2
  return { shift, low: at(Math.round(pairs / 2 - reach)), high: at(pairs + 1 - Math.round(pairs / 2 - reach)) }
}

/** The difference of a rank, 1 for the smallest. */
function differenceAt(first: Weighted, second: Weighted, rank: number): number {
  let low = second.values[0]! - first.values[first.values.length - 1]!
  let high = second.values[second.values.length - 1]! - first.values[0]!
  if (pairsUpTo(first, second, low) >= rank) return low
  for (let step = 0; step < 200; step += 1) {
    const middle = low + (high - low) / 2
    if (middle <= low || middle >= high) break
    if (pairsUpTo(first, second, middle) >= rank) high = middle
    else low = middle
  }
  return high
}

/** Pairs with second - first <= limit; one pass over both, as the first that qualify only move up. */
function pairsUpTo(first: Weighted, second: Weighted, limit: number): number {
  let pairs = 0
  let tooSmall = 0
  let i = 0
  const n = first.counts.reduce((sum, count) => sum + count, 0)
  for (let j = 0; j < second.values.length; j += 1) {
    while (i < first.values.length && second.values[j]! - first.values[i]! > limit) {
      tooSmall += first.counts[i]!
      i += 1
    }
    pairs += second.counts[j]! * (n - tooSmall)
  }
  return pairs
}
