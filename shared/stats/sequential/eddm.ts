import { malformedState, readConstant, readCount, readFields, readNumber } from '../read-state.ts'

/** Outcomes before the best is taken, errors that must be exceeded before the first answer, and the ratios below which it warns and alarms. */
const [WARM_UP, ERRORS, WARN, ALARM] = [30, 30, 0.95, 0.9] as const

/** State of the detector: outcomes, the distances between errors as Welford sums, and the best mean + 2 sd so far. */
export interface Eddm {
  v: 1
  /** What is taken off the number of distances for the standard deviation. */
  ddof: 0 | 1
  n: number
  lastError: number
  errors: number
  mean: number
  m2: number
  best: number
}

/** A detector that has seen nothing; river had ddof 0 up to version 0.14. */
export function eddm(ddof: 0 | 1 = 0): Eddm {
  return { v: 1, ddof, n: 0, lastError: 0, errors: 0, mean: 0, m2: 0, best: 0 }
}

/**
 * Counts an outcome: early drift detection by the distance between errors (Baena-Garcia et al. 2006), alarm where (mean + 2 sd) / its maximum
 * < 0.9, warning below 0.95, as river. After an alarm it begins anew. For comparison with other tools only: it raises false
 * alarms before the change even on the stream that river publishes.
 */
export function addToEddm(state: Eddm, isError: boolean): 'alarm' | 'warn' | null {
  state.n += 1
  if (!isError) return null
  state.errors += 1
  const distance = state.n - state.lastError
  state.lastError = state.n
  const delta = distance - state.mean
  state.mean += delta / state.errors
  state.m2 += delta * (distance - state.mean)
  const reach = state.mean + 2 * Math.sqrt(state.errors > state.ddof ? state.m2 / (state.errors - state.ddof) : 0)
  if (state.n < WARM_UP) return null
  state.best = Math.max(state.best, reach)
  if (state.errors <= ERRORS || reach >= WARN * state.best) return null
  if (reach >= ALARM * state.best) return 'warn'
  Object.assign(state, eddm(state.ddof))
  return 'alarm'
}

/** @throws Problem `message.malformed` if the value is no such state */
export function parseEddm(value: unknown): Eddm {
  const fields = readFields(value, 'the detector', ['v', 'ddof', 'n', 'lastError', 'errors', 'mean', 'm2', 'best'])
  readConstant(fields.v, 'the version', 1)
  if (fields.ddof !== 0 && fields.ddof !== 1) throw malformedState('ddof is neither 0 nor 1')
  const n = readCount(fields.n, 'n')
  return {
    v: 1,
    ddof: fields.ddof,
    n,
    lastError: readNumber(readCount(fields.lastError, 'lastError'), 'lastError', { max: n }),
    errors: readNumber(readCount(fields.errors, 'errors'), 'errors', { max: n }),
    mean: readNumber(fields.mean, 'the mean', { min: 0 }),
    m2: readNumber(fields.m2, 'm2', { min: 0 }),
    best: readNumber(fields.best, 'best', { min: 0 }),
  }
}
