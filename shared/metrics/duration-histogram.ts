import { exponentialIndex } from '../stats/sketch/exponential-histogram.ts'

/** Upper bounds of the classic buckets, seconds: a small model takes tens of microseconds, a large one seconds. */
export const durationBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const

/** Resolution of the native buckets: each is 2^(1/8), 9 %, wider than the one before. */
export const NATIVE_SCHEMA = 3
/** A native bucket of zeros holds what is at or below this, 2^-20 s: one microsecond. */
export const ZERO_THRESHOLD = 2 ** -20
/** Longer than 2^14 s, four and a half hours, no request takes: such a value counts in the last native bucket. */
const LONGEST = 2 ** 14

/** Durations as they are exposed. */
export interface HistogramState {
  count: number
  /** Seconds. */
  sum: number
  /** Per classic bucket, and beyond the last one; not cumulative. */
  buckets: readonly number[]
  /** Values at or below `ZERO_THRESHOLD`. */
  zero: number
  /** Native buckets that hold something, ascending: index i is (2^((i-1)/8), 2^(i/8)], as Prometheus counts them. */
  cells: readonly (readonly [index: number, count: number])[]
}

/**
 * Durations in classic and native buckets at once.
 *
 * INVARIANTS
 * 1. count = sum of the classic buckets = zeros + sum of the native cells.
 * 2. At most 272 cells: 34 powers of two in eight parts.
 */
export class DurationHistogram {
  readonly #buckets = new Float64Array(durationBounds.length + 1)
  readonly #cells = new Map<number, number>()
  #count = 0
  #zero = 0
  #sum = 0

  /** Counts a duration; what is no time that passed counts nowhere. */
  add(seconds: number): void {
    if (this.count(seconds, 1)) this.#sum += seconds
  }

  /** Counts durations that are known by their middle, without adding to the sum; false, with nothing changed, for what is none. */
  count(seconds: number, weight: number): boolean {
    if (!(seconds >= 0 && Number.isFinite(seconds))) return false
    let bucket = 0
    while (bucket < durationBounds.length && seconds > durationBounds[bucket]!) bucket += 1
    this.#buckets[bucket]! += weight
    this.#count += weight
    if (seconds <= ZERO_THRESHOLD) {
      this.#zero += weight
      return true
    }
    // OpenTelemetry counts buckets by their lower end, Prometheus by their upper one.
    const cell = exponentialIndex(Math.min(seconds, LONGEST), NATIVE_SCHEMA) + 1
    this.#cells.set(cell, (this.#cells.get(cell) ?? 0) + weight)
    return true
  }

  /** Adds to the sum what `count` leaves out. */
  addToSum(seconds: number): void {
    if (seconds > 0 && Number.isFinite(seconds)) this.#sum += seconds
  }

  /** What was counted so far. */
  state(): HistogramState {
    return {
      ...{ count: this.#count, sum: this.#sum, buckets: [...this.#buckets], zero: this.#zero },
      cells: [...this.#cells].sort(([a], [b]) => a - b),
    }
  }
}
