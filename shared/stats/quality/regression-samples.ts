import { interpolatedQuantile, sortedFinite } from '../drift/sorted.ts'

/**
 * Median of |predicted - true|, in the unit of the values; null without rows. It needs the rows: for a fleet, take the median of a merged sketch of the errors.
 * @throws RangeError if the two differ in length or a value is not finite
 */
export function medianAbsoluteError(actual: readonly number[], predicted: readonly number[]): number | null {
  return interpolatedQuantile(sortedFinite(pairs(actual, predicted).map(([y, p]) => Math.abs(p - y))), 0.5)
}

/**
 * Symmetric mean absolute relative error, mean of 2 |p - y| / (|p| + |y|), 0 to 2; a pair of zeros counts 0. Null without rows.
 * @throws RangeError if the two differ in length or a value is not finite
 */
export function symmetricRelativeError(actual: readonly number[], predicted: readonly number[]): number | null {
  const rows = pairs(actual, predicted)
  if (rows.length === 0) return null
  return rows.reduce((sum, [y, p]) => sum + (p === y ? 0 : (2 * Math.abs(p - y)) / (Math.abs(p) + Math.abs(y))), 0) / rows.length
}

function pairs(actual: readonly number[], predicted: readonly number[]): [number, number][] {
  if (actual.length !== predicted.length) throw new RangeError('true and predicted values differ in number')
  if (![...actual, ...predicted].every(Number.isFinite)) throw new RangeError('a value is not finite')
  return actual.map((y, i) => [y, predicted[i]!])
}
