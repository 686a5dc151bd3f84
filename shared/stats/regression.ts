/** Sums over pairs of true and predicted values. */
export interface RegressionSums {
  rows: number
  absolute: number
  squared: number
  /** Sum of predicted - true. */
  signed: number
  /** Mean of the true values, and the sum of their squared distances from it (Welford 1962, so that large offsets lose no digits). */
  mean: number
  m2: number
  /** Sum of |error / true value|, and the rows it is over: those whose true value is not next to 0. */
  relative: number
  relativeRows: number
}

/** Scores of a regression; null where undefined. */
export interface RegressionScores {
  rows: number
  /** Mean absolute error. */
  mae: number | null
  /** Root of the mean squared error. */
  rmse: number | null
  /** Coefficient of determination, 1 - SSE/SST; null if all true values are equal. */
  r2: number | null
  /** Mean of predicted - true. */
  bias: number | null
  /** Mean absolute relative error, a share; rows with a true value next to 0 are left out. */
  mape: number | null
}

const NEXT_TO_ZERO = 1e-9

/** No rows yet. */
export function emptyRegression(): RegressionSums {
  return { rows: 0, absolute: 0, squared: 0, signed: 0, mean: 0, m2: 0, relative: 0, relativeRows: 0 }
}

/** Adds a pair; false, with nothing changed, if one of them is not finite. */
export function addRegression(sums: RegressionSums, actual: number, predicted: number): boolean {
  if (!Number.isFinite(actual) || !Number.isFinite(predicted)) return false
  const error = predicted - actual
  sums.rows += 1
  sums.absolute += Math.abs(error)
  sums.squared += error * error
  sums.signed += error
  const delta = actual - sums.mean
  sums.mean += delta / sums.rows
  sums.m2 += delta * (actual - sums.mean)
  if (Math.abs(actual) >= NEXT_TO_ZERO) {
    sums.relative += Math.abs(error / actual)
    sums.relativeRows += 1
  }
  return true
}

/** The sums over the rows of both (Chan, Golub, LeVeque 1979 for the spread). */
export function mergeRegression(a: RegressionSums, b: RegressionSums): RegressionSums {
  if (a.rows === 0 || b.rows === 0) return { ...(a.rows === 0 ? b : a) }
  const rows = a.rows + b.rows
  const delta = b.mean - a.mean
  return {
    rows,
    absolute: a.absolute + b.absolute,
    squared: a.squared + b.squared,
    signed: a.signed + b.signed,
    mean: a.mean + (delta * b.rows) / rows,
    m2: a.m2 + b.m2 + (delta * delta * a.rows * b.rows) / rows,
    relative: a.relative + b.relative,
    relativeRows: a.relativeRows + b.relativeRows,
  }
}

/** Scores of the sums. */
export function regressionScores(sums: RegressionSums): RegressionScores {
  const per = (total: number, rows: number): number | null => (rows === 0 || !Number.isFinite(total) ? null : total / rows)
  const meanSquare = per(sums.squared, sums.rows)
  return {
    rows: sums.rows,
    mae: per(sums.absolute, sums.rows),
    rmse: meanSquare === null ? null : Math.sqrt(meanSquare),
    r2: sums.m2 > 0 && Number.isFinite(sums.squared) && Number.isFinite(sums.m2) ? 1 - sums.squared / sums.m2 : null,
    bias: per(sums.signed, sums.rows),
    mape: per(sums.relative, sums.relativeRows),
  }
}
