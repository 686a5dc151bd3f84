import { readConstant, readCount, readFields, readNumber } from '../read-state.ts'

/** Outcomes before the first answer, and how many standard errors above the best error rate count. */
const [WARM_UP, WARN, ALARM] = [30, 2, 3] as const

/** State of the detector: outcomes since the last alarm, and the lowest error rate with its standard error. */
export interface Ddm {
  v: 1
  n: number
  errors: number
  /** null until the first 30 outcomes. */
  leastRate: number | null
  leastError: number | null
}

/** A detector that has seen nothing. */
export function ddm(): Ddm {
  return { v: 1, n: 0, errors: 0, leastRate: null, leastError: null }
}

/**
 * Counts an outcome: drift detection method (Gama et al., SBIA 2004), alarm where p + s > p_min + 3 s_min, warning at 2, s = sqrt(p (1 - p) / n).
 * Strictly above, so that a stream of errors only is quiet. After an alarm it begins anew. Not a default of ours: a lucky start freezes p_min.
 */
export function addToDdm(state: Ddm, isError: boolean): 'alarm' | 'warn' | null {
  state.n += 1
  if (isError) state.errors += 1
  if (state.n < WARM_UP) return null
  const rate = state.errors / state.n
  const error = Math.sqrt((rate * (1 - rate)) / state.n)
  if (state.leastRate === null || state.leastError === null || rate + error <= state.leastRate + state.leastError) {
    state.leastRate = rate
    state.leastError = error
  }
  if (rate + error > state.leastRate + ALARM * state.leastError) {
    Object.assign(state, ddm())
    return 'alarm'
  }
  return rate + error > state.leastRate + WARN * state.leastError ? 'warn' : null
}

/** @throws Problem `message.malformed` if the value is no such state */
export function parseDdm(value: unknown): Ddm {
  const fields = readFields(value, 'the detector', ['v', 'n', 'errors', 'leastRate', 'leastError'])
  readConstant(fields.v, 'the version', 1)
  const n = readCount(fields.n, 'n')
  const errors = readNumber(readCount(fields.errors, 'errors'), 'errors', { max: n })
  const least = (one: unknown): number | null => (one === null ? null : readNumber(one, 'the least rate', { min: 0, max: 1 }))
  return { v: 1, n, errors, leastRate: least(fields.leastRate), leastError: least(fields.leastError) }
}
