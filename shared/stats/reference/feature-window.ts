import { Problem } from '../../domain/problem.ts'
import { effectiveSize, lagOneCorrelation, repeatCorrelation } from '../drift/effective-size.ts'
import type { FeatureWindow } from '../drift/score-window.ts'
import { coarsenCounts, type FeatureBaseline } from '../reference-bins.ts'
import { valuesOf, type FeatureCounts, type NumericCounts } from './feature-counts.ts'
import type { NumericReference } from './numeric-counter.ts'
import { referenceKey } from './reference-key.ts'

/** Bins that drift is scored on; the stored 100 add up to them. */
export const SCORE_BINS = 10

/**
 * Edges of about `bins` bins out of the stored ones, each the least that reaches k / bins of the reference: the same as cutting the values
 * themselves, as every edge is an inverse-ECDF quantile.
 */
export function coarseEdges({ edges, counts }: Pick<NumericReference, 'edges' | 'counts'>, bins = SCORE_BINS): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const chosen: number[] = []
  let seen = 0
  let next = 1
  for (const [bin, edge] of edges.entries()) {
    seen += counts[bin]!
    if (next >= bins || seen * bins < next * total) continue
    chosen.push(edge)
    while (next < bins && seen * bins >= next * total) next += 1
  }
  return chosen
}

/** Reference counts of the bins as a counter has them: named categories, `other`, and none `unseen`. */
export function referenceCounts(feature: FeatureBaseline): number[] {
  return feature.kind === 'numeric' ? feature.counts : [...feature.categories.map(([, count]) => count), feature.other, 0]
}

/**
 * A feature of the reference beside what was counted of it, for `scoreWindow`: numeric features on about 10 bins.
 * @throws Problem `input.invalid` if the counts are against another reference
 */
export function featureWindow(reference: FeatureBaseline, counts: FeatureCounts, bins = SCORE_BINS): FeatureWindow {
  if (
    counts.kind !== reference.kind ||
    counts.key !== referenceKey(reference) ||
    counts.bins.length !== referenceCounts(reference).length
  ) {
    throw new Problem('input.invalid', `The counts of ${reference.name} are against another reference.`)
  }
  const n = valuesOf(counts)
  const correlation = correlationOf(counts)
  const common = { feature: reference.name, correlation, effective: effectiveSize(n, correlation) }
  if (reference.kind === 'categorical')
    return { ...common, kind: 'categorical', reference: referenceCounts(reference), current: counts.bins }
  const edges = coarseEdges(reference, bins)
  const coarse = (fine: number[]): number[] => coarsenCounts({ edges: reference.edges, counts: fine }, edges)
  return { ...common, kind: 'numeric', reference: coarse(reference.counts), current: coarse(counts.bins) }
}

/** Two windows of one feature against each other, e.g. a device against its baseline or its peers; the first is the reference. */
export function windowAgainst(reference: FeatureBaseline, first: FeatureCounts, second: FeatureCounts, bins = SCORE_BINS): FeatureWindow {
  const [base, now] = [featureWindow(reference, first, bins), featureWindow(reference, second, bins)]
  return { ...now, reference: base.current }
}

function correlationOf(counts: FeatureCounts): number | null {
  return counts.kind === 'numeric' ? lagOneCorrelation(counts.lag) : repeatCorrelation(counts, counts.bins)
}

/** Mean and standard deviation (n) of the counted values, in their unit, from the lag sums; null without values. */
export function spreadOf(reference: NumericReference, { lag }: NumericCounts): { mean: number; deviation: number } | null {
  if (lag.count === 0) return null
  const scale = reference.standardDeviation > 0 && Number.isFinite(1 / reference.standardDeviation) ? reference.standardDeviation : 1
  const mean = lag.sum / lag.count
  return { mean: reference.mean + scale * mean, deviation: scale * Math.sqrt(Math.max(0, lag.squares / lag.count - mean * mean)) }
}

/** The share of values that differ from a constant reference; null if the reference is not constant or there are no values. */
export function shareOffConstant(reference: FeatureBaseline, counts: FeatureCounts): number | null {
  if (reference.kind !== 'categorical' || reference.categories.length !== 1 || reference.other > 0) return null
  const values = valuesOf(counts)
  return values === 0 ? null : 1 - counts.bins[0]! / values
}
