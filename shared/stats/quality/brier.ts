/** Rows and the sum of their squared errors: two sums add. */
export interface BrierSum {
  rows: number
  total: number
}

/** Adds a row: (p - y)^2 with the probability of the positive class (Brier, Mon. Weather Rev. 78, 1950). False, with nothing changed, for what is no probability. */
export function addBrier(sum: BrierSum, probability: number, isPositive: boolean): boolean {
  if (!(probability >= 0 && probability <= 1)) return false
  sum.rows += 1
  sum.total += (probability - (isPositive ? 1 : 0)) ** 2
  return true
}

/** Adds a row of several classes: the sum of (p_k - y_k)^2 over them, as Brier defined it, 0 to 2. */
export function addBrierClasses(sum: BrierSum, probabilities: readonly number[], trueClass: number): boolean {
  if (probabilities[trueClass] === undefined || !probabilities.every((p) => p >= 0 && p <= 1)) return false
  sum.rows += 1
  sum.total += probabilities.reduce((total, p, k) => total + (p - (k === trueClass ? 1 : 0)) ** 2, 0)
  return true
}

/** Mean squared error of the probabilities, 0 to 1 for two classes; lower is better; null without rows. */
export function brierScore(sum: BrierSum): number | null {
  return sum.rows === 0 ? null : sum.total / sum.rows
}
