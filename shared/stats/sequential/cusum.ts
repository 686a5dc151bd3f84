import { readConstant, readCount, readFields, readNumber } from '../read-state.ts'

/** How the detector reacts; h and k are in standard deviations of the warm-up. */
export interface CusumRule {
  warmUp: number
  /** Half of the shift that matters. */
  k: number
  h: number
}

/** 200 values of warm-up and h = 10: about one false alarm in 25,000 values of normal noise. */
export const defaultCusumRule: CusumRule = { warmUp: 200, k: 0.5, h: 10 }

/** State of the detector: mean and spread of the warm-up, then frozen, and the two sums. */
export interface Cusum extends CusumRule {
  v: 1
  n: number
  mean: number
  m2: number
  up: number
  down: number
}

/** @throws RangeError unless the warm-up has at least two values, k >= 0 and h > 0 */
export function cusum(rule: CusumRule = defaultCusumRule): Cusum {
  const { warmUp, k, h } = rule
  if (!Number.isSafeInteger(warmUp) || warmUp < 2 || !(k >= 0) || !(h > 0)) throw new RangeError('no such detector')
  return { v: 1, warmUp, k, h, n: 0, mean: 0, m2: 0, up: 0, down: 0 }
}

/**
 * Counts a value: two-sided CUSUM (Page, Biometrika 41, 1954), up = max(0, up + d - k sd), down = max(0, down - d - k sd) with d the distance
 * from the frozen mean; alarm above h sd, then both are 0 again. A constant warm-up makes every different value an alarm. Values that are not
 * finite are left out.
 */
export function addToCusum(state: Cusum, value: number): 'up' | 'down' | null {
  if (!Number.isFinite(value)) return null
  if (state.n < state.warmUp) {
    state.n += 1
    const delta = value - state.mean
    state.mean += delta / state.n
    state.m2 += delta * (value - state.mean)
    return null
  }
  const deviation = Math.sqrt(state.m2 / (state.warmUp - 1))
  const distance = value - state.mean
  state.up = Math.max(0, state.up + distance - state.k * deviation)
  state.down = Math.max(0, state.down - distance - state.k * deviation)
  const direction = state.up > state.h * deviation ? 'up' : state.down > state.h * deviation ? 'down' : null
  if (direction !== null) {
    state.up = 0
    state.down = 0
  }
  return direction
}

/** @throws Problem `message.malformed` if the value is no such state */
export function parseCusum(value: unknown): Cusum {
  const fields = readFields(value, 'the detector', ['v', 'warmUp', 'k', 'h', 'n', 'mean', 'm2', 'up', 'down'])
  readConstant(fields.v, 'the version', 1)
  const warmUp = Math.max(2, readCount(fields.warmUp, 'the warm-up'))
  const positive = (one: unknown, what: string): number => readNumber(one, what, { min: 0 })
  return {
    v: 1,
    warmUp,
    k: positive(fields.k, 'k'),
    h: readNumber(fields.h, 'h', { min: Number.MIN_VALUE }),
    n: readNumber(readCount(fields.n, 'n'), 'n', { max: warmUp }),
    mean: readNumber(fields.mean, 'the mean'),
    m2: positive(fields.m2, 'm2'),
    up: positive(fields.up, 'up'),
    down: positive(fields.down, 'down'),
  }
}
