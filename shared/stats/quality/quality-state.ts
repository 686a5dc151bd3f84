import { addConfidence, emptyCalibration, mergeCalibration, type CalibrationBins } from './calibration.ts'
import { addRegression, emptyRegression, mergeRegression, type RegressionSums } from '../regression.ts'
import { addWeighted, emptyWeightedProportion, mergeWeighted, type WeightedProportion } from './weighted-proportion.ts'

/** Pairs of true and predicted class that are told apart; a pair on top counts as wrong or right, without its classes. */
const MOST_PAIRS = 10_000
/** Bins of the score for areas: those of `emptyScoreBins`. */
const CONFIDENCE_BINS = 200

/** What labels say of predictions, in sums that add: over devices, over time, over feedback and the labelling desk. */
export interface QualityState {
  /** Labelled rows: classes and values. */
  rows: number
  classified: number
  right: number
  /** Rows by true and predicted class; the key is `JSON.stringify([actual, predicted])`. */
  pairs: Map<string, number>
  /** Confidence against right or wrong, in the bins of the reliability diagram. */
  calibration: CalibrationBins
  /** The same in bins of 1/200, for areas and expected errors of two classes. */
  fine: CalibrationBins
  /** Rows with a confidence: sum of (p - y)^2 and of -ln p of the truth as far as the top class tells. */
  confident: { rows: number; squared: number }
  regression: RegressionSums
  /** The share of right rows in the population that the labelled samples stand for; rows of feedback weigh 1. */
  weighted: WeightedProportion
}

/** A labelled row. */
export interface LabelledRow {
  predicted: string | number
  actual: string | number
  confidence: number | null
  /** Inverse of the rate at which it was chosen to be labelled. */
  weight: number
}

/** No labels yet. */
export function emptyQuality(): QualityState {
  return {
    ...{ rows: 0, classified: 0, right: 0, pairs: new Map(), calibration: emptyCalibration(), fine: emptyCalibration(CONFIDENCE_BINS) },
    ...{ confident: { rows: 0, squared: 0 }, regression: emptyRegression(), weighted: emptyWeightedProportion() },
  }
}

/** Counts a row. Two numbers are a regression; anything else is a class, right if the texts are equal. */
export function addLabelled(state: QualityState, { predicted, actual, confidence, weight }: LabelledRow): void {
  state.rows += 1
  if (typeof predicted === 'number' && typeof actual === 'number') {
    addRegression(state.regression, actual, predicted)
    return
  }
  const isRight = String(predicted) === String(actual)
  state.classified += 1
  if (isRight) state.right += 1
  addPair(state.pairs, JSON.stringify([String(actual), String(predicted)]), 1)
  addWeighted(state.weighted, isRight, weight)
  if (confidence === null || !addConfidence(state.calibration, confidence, isRight)) return
  addConfidence(state.fine, confidence, isRight)
  state.confident.rows += 1
  state.confident.squared += (confidence - (isRight ? 1 : 0)) ** 2
}

/** The sums over the rows of both, as a new state. */
export function mergeQuality(a: QualityState, b: QualityState): QualityState {
  const pairs = new Map(a.pairs)
  for (const [pair, count] of b.pairs) addPair(pairs, pair, count)
  return {
    rows: a.rows + b.rows,
    classified: a.classified + b.classified,
    right: a.right + b.right,
    pairs,
    calibration: mergeCalibration(a.calibration, b.calibration),
    fine: mergeCalibration(a.fine, b.fine),
    confident: { rows: a.confident.rows + b.confident.rows, squared: a.confident.squared + b.confident.squared },
    regression: mergeRegression(a.regression, b.regression),
    weighted: mergeWeighted(a.weighted, b.weighted),
  }
}

function addPair(pairs: Map<string, number>, pair: string, count: number): void {
  const name = pairs.has(pair) || pairs.size < MOST_PAIRS ? pair : JSON.stringify(['', pairIsRight(pair) ? '' : 'other'])
  pairs.set(name, (pairs.get(name) ?? 0) + count)
}

function pairIsRight(pair: string): boolean {
  const [actual, predicted] = JSON.parse(pair) as [string, string]
  return actual === predicted
}

/** The confusion matrix over the classes that occur or are declared: rows are true, columns predicted. */
export function confusionOf(state: QualityState, declared: readonly string[]): { labels: string[]; matrix: number[][] } {
  const labels = [...declared]
  const cells = [...state.pairs].map(([pair, count]) => ({ pair: JSON.parse(pair) as [string, string], count }))
  for (const { pair } of cells) for (const name of pair) if (!labels.includes(name)) labels.push(name)
  const indices = new Map(labels.map((label, i) => [label, i] as const))
  const matrix = labels.map(() => labels.map(() => 0))
  for (const { pair, count } of cells) matrix[indices.get(pair[0])!]![indices.get(pair[1])!]! += count
  return { labels, matrix }
}
