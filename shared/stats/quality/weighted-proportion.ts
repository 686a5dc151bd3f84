import { wilsonOfShare, type ConfidenceLevel, type Interval } from '../proportion-interval.ts'

/** Sums over rows that were sampled at known rates; weight = 1 / rate. They add. */
export interface WeightedProportion {
  rows: number
  weights: number
  weightsSquared: number
  /** Weights of the successes. */
  successes: number
}

/** No rows yet. */
export function emptyWeightedProportion(): WeightedProportion {
  return { rows: 0, weights: 0, weightsSquared: 0, successes: 0 }
}

/** Counts a row; false, with nothing changed, for a weight that is not above 0 and finite. */
export function addWeighted(sums: WeightedProportion, isSuccess: boolean, weight: number): boolean {
  if (!(weight > 0 && weight < Number.POSITIVE_INFINITY)) return false
  sums.rows += 1
  sums.weights += weight
  sums.weightsSquared += weight * weight
  if (isSuccess) sums.successes += weight
  return true
}

/** The sums over the rows of both. */
export function mergeWeighted(a: WeightedProportion, b: WeightedProportion): WeightedProportion {
  return {
    rows: a.rows + b.rows,
    weights: a.weights + b.weights,
    weightsSquared: a.weightsSquared + b.weightsSquared,
    successes: a.successes + b.successes,
  }
}

/** The share in the population, with the number of equally weighted rows that it is worth. */
export interface WeightedEstimate extends Interval {
  share: number
  rows: number
  /** (sum w)^2 / sum w^2 (Kish 1965), at most `rows`. */
  effectiveRows: number
}

/**
 * Share of successes in the population that the rows were sampled from: sum w y / sum w, the ratio form of the estimator of Horvitz and
 * Thompson (JASA 47, 1952), with the Wilson interval for the effective number of rows. Null without rows.
 */
export function weightedProportion(sums: WeightedProportion, level: ConfidenceLevel = 0.95): WeightedEstimate | null {
  if (sums.rows === 0) return null
  const share = Math.min(1, sums.successes / sums.weights)
  const effectiveRows = Math.min(sums.rows, (sums.weights * sums.weights) / sums.weightsSquared)
  return { share, rows: sums.rows, effectiveRows, ...wilsonOfShare(share, effectiveRows, level) }
}
