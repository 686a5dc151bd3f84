/** Probabilities are kept this far from 0 and 1, so that one certain and wrong row does not make the loss infinite. */
const EPSILON = 1e-15

/** Rows and the sum of their losses: two sums add. */
export interface LogLossSum {
  rows: number
  total: number
}

/**
 * Adds a row: -ln of the probability that was given to the true class, after scaling the row to sum 1 as scikit-learn's `log_loss` does.
 * False, with nothing changed, if the scores are no probabilities or the class is none of theirs.
 */
export function addLogLoss(sum: LogLossSum, probabilities: readonly number[], trueClass: number): boolean {
  const whole = probabilities.reduce((total, value) => total + value, 0)
  const given = probabilities[trueClass]
  // Float32 rows sum to 1 within 1e-6 or so; 1e-3 tells probabilities from scores.
  if (given === undefined || !(Math.abs(whole - 1) < 1e-3) || probabilities.some((value) => !(value >= -1e-6))) return false
  sum.rows += 1
  sum.total -= Math.log(Math.min(1 - EPSILON, Math.max(EPSILON, given / whole)))
  return true
}

/** Mean loss in nats, at least 0; lower is better; `null` without rows. */
export function logLoss(sum: LogLossSum): number | null {
  return sum.rows === 0 ? null : sum.total / sum.rows
}
