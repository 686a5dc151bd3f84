import { classificationScores, countsOfConfusion, emptyConfusion, type ClassificationScores } from '../classification.ts'

/**
 * Expected outcomes of predictions without labels, from their calibrated probabilities (CBPE, NannyML `performance_estimation.rst`). An
 * estimate that sees covariate shift and cannot see concept drift: say so wherever it is shown. The sums add.
 */
export interface ExpectedOutcomes {
  rows: number
  tp: number
  fp: number
  fn: number
  tn: number
  /** Sum of c (1 - c) over the rows, c the probability of the predicted class. */
  variance: number
}

/** No rows yet. */
export function emptyExpectedOutcomes(): ExpectedOutcomes {
  return { rows: 0, tp: 0, fp: 0, fn: 0, tn: 0, variance: 0 }
}

/** Counts a row: p is the calibrated probability of the positive class, and the row was predicted as positive from `threshold` on. False for what is no probability. */
export function addExpectedOutcome(sums: ExpectedOutcomes, p: number, threshold = 0.5): boolean {
  if (!(p >= 0 && p <= 1)) return false
  sums.rows += 1
  sums.variance += p * (1 - p)
  if (p >= threshold) {
    sums.tp += p
    sums.fp += 1 - p
  } else {
    sums.fn += p
    sums.tn += 1 - p
  }
  return true
}

/** The sums over the rows of both. */
export function mergeExpectedOutcomes(a: ExpectedOutcomes, b: ExpectedOutcomes): ExpectedOutcomes {
  const { rows, tp, fp, fn, tn, variance } = b
  return { rows: a.rows + rows, tp: a.tp + tp, fp: a.fp + fp, fn: a.fn + fn, tn: a.tn + tn, variance: a.variance + variance }
}

/** Estimated scores, each 0 to 1; null where undefined. */
export interface EstimatedScores {
  rows: number
  accuracy: number | null
  /** Standard error of the accuracy that these very rows turn out to have. */
  accuracyError: number | null
  precision: number | null
  recall: number | null
  f1: number | null
  specificity: number | null
}

/** The usual scores of the expected outcomes. */
export function estimatedScores({ rows, tp, fp, fn, tn, variance }: ExpectedOutcomes): EstimatedScores {
  const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null)
  return {
    rows,
    accuracy: ratio(tp + tn, rows),
    accuracyError: ratio(Math.sqrt(variance), rows),
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    f1: ratio(2 * tp, 2 * tp + fp + fn),
    specificity: ratio(tn, tn + fp),
  }
}

/** Expected confusion of several classes; rows = true class. Cells add. */
export function emptyExpectedConfusion(classes: number): number[][] {
  return emptyConfusion(classes)
}

/** Counts a row of calibrated probabilities in the column of its most probable class (the first of equals); false for what are no probabilities. */
export function addExpectedConfusion(confusion: number[][], probabilities: readonly number[]): boolean {
  if (probabilities.length !== confusion.length || !probabilities.every((p) => p >= 0 && p <= 1)) return false
  const predicted = probabilities.reduce((best, p, k) => (p > probabilities[best]! ? k : best), 0)
  for (const [truth, p] of probabilities.entries()) confusion[truth]![predicted]! += p
  return true
}

/** Estimated scores of several classes; accuracy is the mean of the largest probabilities. */
export function estimatedClassScores(confusion: number[][]): ClassificationScores {
  return classificationScores(countsOfConfusion(confusion))
}
