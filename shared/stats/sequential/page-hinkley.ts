import { readConstant, readCount, readFields, readNumber } from '../read-state.ts'

/** How the detector reacts; `delta` and `threshold` are in the unit of the values, so standardise them or take the logarithm of a latency. */
export interface PageHinkleyRule {
  least: number
  delta: number
  threshold: number
  /** Forgetting of the sum per value, 0 to 1. */
  alpha: number
}

/** The constants of river. */
export const riverPageHinkley: PageHinkleyRule = { least: 30, delta: 0.005, threshold: 50, alpha: 0.9999 }

/** State of the detector. */
export interface PageHinkley extends PageHinkleyRule {
  v: 1
  n: number
  mean: number
  sum: number
}

/** A detector that has seen nothing. */
export function pageHinkley(rule: PageHinkleyRule = riverPageHinkley): PageHinkley {
  const { least, delta, threshold, alpha } = rule
  return { v: 1, least, delta, threshold, alpha, n: 0, mean: 0, sum: 0 }
}

/**
 * Counts a value: S = max(0, alpha S + x - mean - delta), the mean over all values since the last alarm (Page 1954, Hinkley 1971; upward only,
 * as river). True, and everything begins anew, when S reaches the threshold after `least` values. Not a default of ours: its mean follows the
 * shift that it shall find.
 */
export function addToPageHinkley(state: PageHinkley, value: number): boolean {
  if (!Number.isFinite(value)) return false
  state.n += 1
  state.mean += (value - state.mean) / state.n
  state.sum = Math.max(0, state.alpha * state.sum + (value - state.mean - state.delta))
  // Those tools count from 1, so the first answer comes with value `least` - 1; their published indices depend on it.
  const isAlarm = state.n + 1 >= state.least && state.sum >= state.threshold
  if (isAlarm) Object.assign(state, { n: 0, mean: 0, sum: 0 })
  return isAlarm
}

/** @throws Problem `message.malformed` if the value is no such state */
export function parsePageHinkley(value: unknown): PageHinkley {
  const fields = readFields(value, 'the detector', ['v', 'least', 'delta', 'threshold', 'alpha', 'n', 'mean', 'sum'])
  readConstant(fields.v, 'the version', 1)
  return {
    v: 1,
    least: readCount(fields.least, 'least'),
    delta: readNumber(fields.delta, 'delta'),
    threshold: readNumber(fields.threshold, 'the threshold', { min: 0 }),
    alpha: readNumber(fields.alpha, 'alpha', { min: 0, max: 1 }),
    n: readCount(fields.n, 'n'),
    mean: readNumber(fields.mean, 'the mean'),
    sum: readNumber(fields.sum, 'the sum', { min: 0 }),
  }
}
