/** Counts of predictions: row = true class, column = predicted class. Matrices of equal classes add cell by cell. */
export type Confusion = number[][]

/** A matrix of zeros for so many classes. */
export function emptyConfusion(classes: number): Confusion {
  return Array.from({ length: classes }, () => zeros(classes))
}

/** The diagonal and the margins of a confusion matrix, one entry per class: all that the scores need, also of very many classes. */
export interface ClassCounts {
  right: number[]
  support: number[]
  predicted: number[]
}

/** No predictions of so many classes. */
export function emptyCounts(classes: number): ClassCounts {
  return { right: zeros(classes), support: zeros(classes), predicted: zeros(classes) }
}

/** Counts one row by class index. */
export function addPrediction(counts: ClassCounts, truth: number, predicted: number): void {
  counts.support[truth]! += 1
  counts.predicted[predicted]! += 1
  if (truth === predicted) counts.right[truth]! += 1
}

/** The counts that a confusion matrix holds. */
export function countsOfConfusion(confusion: Confusion): ClassCounts {
  return {
    right: confusion.map((row, k) => row[k]!),
    support: confusion.map(sum),
    predicted: confusion.map((_, column) => sum(confusion.map((row) => row[column]!))),
  }
}

/** Scores of one class. A score without a denominator is 0, but recall without a true row is undefined: null. */
export interface ClassScores {
  precision: number
  recall: number | null
  f1: number
  /** Rows whose true class it is. */
  support: number
  /** Rows that were predicted as it. */
  predicted: number
}

/** Scores over all classes; null where undefined. */
export interface ClassificationScores {
  rows: number
  /** Share of right predictions. */
  accuracy: number | null
  /** Mean F1 of the classes that occur as truth or prediction. */
  macroF1: number | null
  /** Mean F1 of all declared classes; one that never occurs counts 0 (the rule of scikit-learn). */
  macroF1AllLabels: number | null
  /** Mean F1 weighted by support. */
  weightedF1: number | null
  /** Mean recall; null if a declared class has no true row. */
  balancedAccuracy: number | null
  /** Matthews correlation (Gorodkin 2004), -1 to 1; 0 when its denominator is. */
  mcc: number | null
  /** Cohen's kappa; null when chance alone agrees always. */
  kappa: number | null
  perClass: ClassScores[]
}

/** Scores in the terms and conventions of scikit-learn 1.x with `zero_division=0`. */
export function classificationScores(counts: ClassCounts): ClassificationScores {
  const { support, predicted } = counts
  const rows = sum(support)
  const right = sum(counts.right)
  const perClass = support.map((_, k) => classScores(counts.right[k]!, support[k]!, predicted[k]!))
  const occurring = perClass.filter((scores) => scores.support > 0 || scores.predicted > 0)
  const recalls = perClass.map((scores) => scores.recall).filter((recall) => recall !== null)
  return {
    rows,
    accuracy: ratio(right, rows),
    macroF1: mean(occurring.map((scores) => scores.f1)),
    macroF1AllLabels: rows === 0 ? null : mean(perClass.map((scores) => scores.f1)),
    weightedF1: ratio(sum(perClass.map((scores) => scores.f1 * scores.support)), rows),
    balancedAccuracy: recalls.length === perClass.length ? mean(recalls) : null,
    ...agreement({ rows, right, support, predicted }),
    perClass,
  }
}

function classScores(right: number, support: number, predicted: number): ClassScores {
  return {
    precision: ratio(right, predicted) ?? 0,
    recall: ratio(right, support),
    f1: ratio(2 * right, support + predicted) ?? 0,
    support,
    predicted,
  }
}

/** Matthews correlation and kappa, both from the margins of the matrix. */
function agreement(of: { rows: number; right: number; support: number[]; predicted: number[] }): {
  mcc: number | null
  kappa: number | null
} {
  if (of.rows === 0) return { mcc: null, kappa: null }
  // Shares instead of counts: products of counts would leave the whole numbers that a double holds.
  const truth = of.support.map((count) => count / of.rows)
  const guess = of.predicted.map((count) => count / of.rows)
  const right = of.right / of.rows
  const chance = sum(truth.map((share, k) => share * guess[k]!))
  const spread = Math.sqrt((1 - sum(truth.map((share) => share * share))) * (1 - sum(guess.map((share) => share * share))))
  const constant = of.support.some((count) => count === of.rows) || of.predicted.some((count) => count === of.rows)
  const always = of.support.some((count, k) => count === of.rows && of.predicted[k] === of.rows)
  return { mcc: constant ? 0 : (right - chance) / spread, kappa: always ? null : (right - chance) / (1 - chance) }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}

function mean(values: readonly number[]): number | null {
  return ratio(sum(values), values.length)
}

function zeros(length: number): number[] {
  return Array.from({ length }, () => 0)
}
