import type { Baseline } from '../domain/bundle.ts'

/** Bins that are stored of a numeric feature: fine enough to derive 10 from, small enough for a device. */
export const REFERENCE_BINS = 100
/** A numeric feature with at most so many distinct values is treated as categories (the cut of Evidently, `stattests/utils.py`). */
const CATEGORICAL_UP_TO = 20
/** Categories that are kept by name; the rest is `other`. */
const NAMED_CATEGORIES = 50

export type FeatureBaseline = Baseline['features'][number]

/**
 * Inner borders of at most `bins` bins: inverse-ECDF quantiles of the reference, by whole-number arithmetic so that every border is a
 * data value and the borders of 10 bins are among those of 100. Bin k is (edge[k-1], edge[k]], the outer ones are open.
 * A repeated border and one at the maximum are dropped; a constant reference has none.
 * @param sorted finite values, ascending
 */
export function quantileEdges(sorted: ArrayLike<number>, bins: number): number[] {
  const edges: number[] = []
  const maximum = sorted[sorted.length - 1]
  for (let k = 1; k < bins && sorted.length > 0; k += 1) {
    const edge = sorted[Math.floor((sorted.length * k + bins - 1) / bins) - 1]!
    if (edge !== maximum && edge !== edges.at(-1)) edges.push(edge)
  }
  return edges
}

/** The bin of a value, 0 to `edges.length`, by binary search. The value is a finite number. */
export function binOf(edges: readonly number[], value: number): number {
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (value <= edges[middle]!) high = middle
    else low = middle + 1
  }
  return low
}

/** Counts of coarser bins whose edges are all among the finer ones. */
export function coarsenCounts(fine: { edges: readonly number[]; counts: readonly number[] }, coarseEdges: readonly number[]): number[] {
  const counts = Array.from({ length: coarseEdges.length + 1 }, () => 0)
  for (const [bin, count] of fine.counts.entries()) {
    const upper = fine.edges[bin]
    counts[upper === undefined ? coarseEdges.length : binOf(coarseEdges, upper)]! += count
  }
  return counts
}

/** Name of a number as a category: its shortest decimal form, with one zero. */
export function numberCategory(value: number): string {
  return String(value === 0 ? 0 : value)
}

/**
 * The training distribution of one feature. NaN counts as missing, ±Infinity as infinite, neither falls into a bin.
 * Values must be as the model's datatype stores them (`Math.fround` for FP32), or a device would put equal values elsewhere.
 */
export function featureBaseline(name: string, values: ArrayLike<number>): FeatureBaseline {
  const finite = Float64Array.from(values).filter(Number.isFinite).sort()
  let missing = 0
  for (let i = 0; i < values.length; i += 1) if (Number.isNaN(values[i]!)) missing += 1
  const infinite = values.length - missing - finite.length
  const distinct = distinctCounts(finite, CATEGORICAL_UP_TO)
  if (finite.length === 0 || (distinct !== null && infinite === 0))
    return categorical(name, distinct ?? new Map(), { missing, other: infinite })
  return binned(name, finite, { missing, infinite })
}

/** The distribution of numbers in bins, however few values differ: for what a model answers to a few rows. Null without a finite value. */
export function binnedBaseline(name: string, values: ArrayLike<number>): FeatureBaseline | null {
  const finite = Float64Array.from(values).filter(Number.isFinite).sort()
  if (finite.length === 0) return null
  const missing = Array.from(values).filter(Number.isNaN).length
  return binned(name, finite, { missing, infinite: values.length - missing - finite.length })
}

function binned(name: string, finite: Float64Array, rest: { missing: number; infinite: number }): FeatureBaseline {
  const edges = quantileEdges(finite, REFERENCE_BINS)
  const counts = Array.from({ length: edges.length + 1 }, () => 0)
  for (const value of finite) counts[binOf(edges, value)]! += 1
  return { kind: 'numeric', name, edges, counts, ...rest, min: finite[0]!, max: finite.at(-1)!, ...spread(finite) }
}

/** The training distribution of a column of texts; `other` are values that were not counted by name. */
export function textBaseline(name: string, counts: ReadonlyMap<string, number>, rest: { missing: number; other: number }): FeatureBaseline {
  return categorical(name, counts, rest)
}

/** Categories by how often they occur, equal ones by name. */
function categorical(name: string, counts: ReadonlyMap<string, number>, rest: { missing: number; other: number }): FeatureBaseline {
  const ordered = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  const other = ordered.slice(NAMED_CATEGORIES).reduce((total, [, count]) => total + count, rest.other)
  return { kind: 'categorical', name, categories: ordered.slice(0, NAMED_CATEGORIES), other, missing: rest.missing }
}

/** Distinct values with their counts; `null` if there are more than `limit`. */
function distinctCounts(values: Float64Array, limit: number): Map<string, number> | null {
  const counts = new Map<string, number>()
  for (const value of values) {
    const category = numberCategory(value)
    counts.set(category, (counts.get(category) ?? 0) + 1)
    if (counts.size > limit) return null
  }
  return counts
}

/** Beyond this the square of a value, or the distance of two, may leave the doubles; such values are scaled down meanwhile. */
const SQUARABLE = 1e150

/** Mean and standard deviation (n - 1), by Welford's recurrence, of ascending finite values; both finite. */
function spread(values: Float64Array): { mean: number; standardDeviation: number } {
  const largest = Math.max(Math.abs(values[0]!), Math.abs(values.at(-1)!))
  const scale = largest > SQUARABLE ? largest : 1
  let mean = 0
  let m2 = 0
  for (const [i, value] of values.entries()) {
    const delta = value / scale - mean
    mean += delta / (i + 1)
    m2 += delta * (value / scale - mean)
  }
  const deviation = values.length < 2 ? 0 : Math.sqrt(m2 / (values.length - 1))
  return { mean: mean * scale, standardDeviation: Math.min(Number.MAX_VALUE, deviation * scale) }
}
