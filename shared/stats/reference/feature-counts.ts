import { Problem } from '../../domain/problem.ts'
import { readConstant, readCount, readCounts, readFields, readNumber, readText, malformedState } from '../read-state.ts'
import { addLagSums, parseLagSums, type LagSums } from './lag-sums.ts'

/** What was counted of a numeric feature against its reference. Counts add exactly, over devices and over time. */
export interface NumericCounts {
  v: 1
  kind: 'numeric'
  /** Of the reference that defines the bins, see `referenceKey`. */
  key: string
  /** Values per bin of the reference. */
  bins: number[]
  /** null and NaN. */
  missing: number
  infinite: number
  wrongType: number
  /** Of the binned values: below the minimum and above the maximum of the reference, and outside its outlier fences. */
  below: number
  above: number
  outliers: number
  min: number | null
  max: number | null
  /** Of values standardised by the reference: mean, deviation and lag-1 autocorrelation follow. */
  lag: LagSums
}

/** What was counted of a categorical feature: its named categories, then `other`, then `unseen`. */
export interface CategoryCounts {
  v: 1
  kind: 'categorical'
  key: string
  bins: number[]
  missing: number
  infinite: number
  wrongType: number
  /** Neighbouring values, and those of them that are equal: their dependence follows. */
  pairs: number
  same: number
}

export type FeatureCounts = NumericCounts | CategoryCounts

/** 100 numeric bins, or 50 categories with `other` and `unseen`. */
export const MOST_BINS = 101

const numericTallies = ['missing', 'infinite', 'wrongType', 'below', 'above', 'outliers'] as const
const categoryTallies = ['missing', 'infinite', 'wrongType', 'pairs', 'same'] as const

/**
 * Adds the second to the first in place.
 * @throws Problem `input.invalid` if they were counted against different references
 */
export function addFeatureCounts(into: FeatureCounts, other: FeatureCounts): void {
  if (into.kind !== other.kind || into.key !== other.key || into.bins.length !== other.bins.length) {
    throw new Problem('input.invalid', `Counts against the references ${into.key} and ${other.key} do not merge.`)
  }
  for (const [bin, count] of other.bins.entries()) into.bins[bin]! += count
  if (into.kind === 'categorical') {
    if (other.kind === 'categorical') for (const name of categoryTallies) into[name] += other[name]
    return
  }
  if (other.kind === 'categorical') return
  for (const name of numericTallies) into[name] += other[name]
  into.min = outer(into.min, other.min, Math.min)
  into.max = outer(into.max, other.max, Math.max)
  addLagSums(into.lag, other.lag)
}

/** A copy that does not change with the original. */
export function copyFeatureCounts(counts: FeatureCounts): FeatureCounts {
  return counts.kind === 'numeric' ? { ...counts, bins: [...counts.bins], lag: { ...counts.lag } } : { ...counts, bins: [...counts.bins] }
}

/** The counts of both, as a new state. */
export function mergeFeatureCounts(a: FeatureCounts, b: FeatureCounts): FeatureCounts {
  const merged = copyFeatureCounts(a)
  addFeatureCounts(merged, b)
  return merged
}

function outer(a: number | null, b: number | null, choose: (a: number, b: number) => number): number | null {
  return a === null || b === null ? (a ?? b) : choose(a, b)
}

/** Finite values that were counted. */
export function valuesOf(counts: FeatureCounts): number {
  return counts.bins.reduce((sum, count) => sum + count, 0)
}

/** All values that were offered, the missing and wrong ones too. */
export function offeredTo(counts: FeatureCounts): number {
  return valuesOf(counts) + counts.missing + counts.infinite + counts.wrongType
}

/**
 * The counts that a parsed JSON value says.
 * @throws Problem `message.malformed` if its parts contradict each other or a field is not one of ours
 */
export function parseFeatureCounts(value: unknown): FeatureCounts {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined
  return kind === 'categorical' ? parseCategories(value) : parseNumeric(value)
}

function parseNumeric(value: unknown): NumericCounts {
  const fields = readFields(value, 'the counts', ['v', 'kind', 'key', 'bins', ...numericTallies, 'min', 'max', 'lag'])
  readConstant(fields.v, 'the version', 1)
  readConstant(fields.kind, 'the kind', 'numeric')
  const tally = (name: (typeof numericTallies)[number]): number => readCount(fields[name], name)
  const counts: NumericCounts = {
    v: 1,
    kind: 'numeric',
    key: readText(fields.key, 'the key', 64),
    bins: readCounts(fields.bins, 'the bins', { min: 1, max: MOST_BINS }),
    missing: tally('missing'),
    infinite: tally('infinite'),
    wrongType: tally('wrongType'),
    below: tally('below'),
    above: tally('above'),
    outliers: tally('outliers'),
    min: fields.min === null ? null : readNumber(fields.min, 'the minimum'),
    max: fields.max === null ? null : readNumber(fields.max, 'the maximum'),
    lag: parseLagSums(fields.lag),
  }
  const values = valuesOf(counts)
  if (counts.below + counts.above > values || counts.outliers > values) throw malformedState('more values are outside than were counted')
  if (counts.lag.count !== values || counts.lag.pairs > values) throw malformedState('the lag sums are not of the counted values')
  const isOrdered = values === 0 ? counts.min === null && counts.max === null : (counts.min ?? 1) <= (counts.max ?? 0)
  if (!isOrdered) throw malformedState('minimum and maximum do not fit the values')
  return counts
}

function parseCategories(value: unknown): CategoryCounts {
  const fields = readFields(value, 'the counts', ['v', 'kind', 'key', 'bins', ...categoryTallies])
  readConstant(fields.v, 'the version', 1)
  readConstant(fields.kind, 'the kind', 'categorical')
  const counts: CategoryCounts = {
    v: 1,
    kind: 'categorical',
    key: readText(fields.key, 'the key', 64),
    bins: readCounts(fields.bins, 'the bins', { min: 2, max: MOST_BINS }),
    missing: readCount(fields.missing, 'missing'),
    infinite: readCount(fields.infinite, 'infinite'),
    wrongType: readCount(fields.wrongType, 'wrongType'),
    pairs: readCount(fields.pairs, 'pairs'),
    same: readCount(fields.same, 'same'),
  }
  if (counts.same > counts.pairs || counts.pairs > valuesOf(counts)) throw malformedState('the pairs are not of the counted values')
  return counts
}
