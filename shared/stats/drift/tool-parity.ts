import { totalOf } from './counts.ts'
import { hellinger } from './hellinger.ts'
import { jsDistance } from './jensen-shannon.ts'
import { psi } from './psi.ts'
import { sortedFinite } from './sorted.ts'

/** Numbers of another tool on the same values. */
export interface ParityScores {
  edges: number[]
  reference: number[]
  current: number[]
}

/**
 * Evidently's numeric PSI and JS distance for more than 20 distinct values (`legacy/calculations/stattests/utils.py`): equal-width bins over reference and
 * current together, as many as Sturges' rule gives for both; empty bins 0.0001; base e. Null if a side is empty or all values are equal.
 * @throws RangeError if a value is not finite
 */
export function evidentlyNumeric(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): (ParityScores & { psi: number; jsDistance: number }) | null {
  const [r, c] = [sortedFinite(reference), sortedFinite(current)]
  if (r.length === 0 || c.length === 0) return null
  const [low, high] = [Math.min(r[0]!, c[0]!), Math.max(r.at(-1)!, c.at(-1)!)]
  if (low === high) return null
  // numpy turns the width of Sturges' bins into their number.
  const width = (high - low) / (Math.log2(r.length + c.length) + 1)
  const edges = evenEdges(low, high, Math.ceil((high - low) / width))
  const counts = { reference: histogram(r, edges), current: histogram(c, edges) }
  const index = psi(counts.reference, counts.current, 'evidently')!
  return { edges, ...counts, psi: index, jsDistance: jsDistance(counts.reference, counts.current, 'e')! }
}

/**
 * NannyML's JS distance and Hellinger distance of a continuous column (`drift/univariate/methods.py`): Doane's bins on the reference, what falls
 * outside them is one more bin (`leftover`, a share of the current values), base 2. Null if a side is empty or the reference is constant.
 * @throws RangeError if a value is not finite
 */
export function nannymlContinuous(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): (ParityScores & { leftover: number; jsDistance: number; hellinger: number }) | null {
  const [r, c] = [sortedFinite(reference), sortedFinite(current)]
  if (r.length === 0 || c.length === 0 || r[0] === r.at(-1)) return null
  const edges = evenEdges(r[0]!, r.at(-1)!, doaneBins(r))
  const inside = histogram(c, edges)
  const outside = c.length - totalOf(inside)
  const [x, y] = [
    [...histogram(r, edges), 0],
    [...inside, outside],
  ]
  return { edges, reference: x, current: y, leftover: outside / c.length, jsDistance: jsDistance(x, y)!, hellinger: hellinger(x, y)! }
}

/** Doane's number of bins (Am. Stat. 30, 1976): 1 + log2 n + log2(1 + |skewness| / its standard deviation), as numpy turns it into a width. */
function doaneBins(values: Float64Array): number {
  const n = values.length
  if (n <= 2) return 1
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n)
  const skewness = values.reduce((sum, value) => sum + ((value - mean) / deviation) ** 3, 0) / n
  const error = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)))
  return Math.ceil(1 + Math.log2(n) + Math.log2(1 + Math.abs(skewness) / error))
}

function evenEdges(low: number, high: number, bins: number): number[] {
  return Array.from({ length: bins + 1 }, (_, k) => (k === bins ? high : low + (k * (high - low)) / bins))
}

/** Counts of [lo, hi) bins, the last closed; values outside are in none. */
function histogram(values: Float64Array, edges: readonly number[]): number[] {
  const counts = Array.from({ length: edges.length - 1 }, () => 0)
  let bin = 0
  for (const value of values) {
    if (value < edges[0]! || value > edges.at(-1)!) continue
    while (bin < counts.length - 1 && value >= edges[bin + 1]!) bin += 1
    counts[bin]! += 1
  }
  return counts
}
