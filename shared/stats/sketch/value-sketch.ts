import { LatencySketch } from '../latency-sketch.ts'
import { readCount, readFields } from '../read-state.ts'
import { sketchState, type SketchState } from '../../protocol/telemetry.ts'
import { malformedState } from '../read-state.ts'

/** The sketch as it travels. */
export interface ValueSketchState {
  v: 1
  /** Values at or above 0. */
  positive: SketchState
  /** Magnitudes of the values below 0. */
  negative: SketchState
  rejected: number
}

/**
 * Mergeable quantiles of values of either sign, with a bound on the relative error: two latency sketches, one of the magnitudes below zero.
 * What is no finite number is counted apart.
 */
export class ValueSketch {
  readonly #positive: LatencySketch
  readonly #negative: LatencySketch
  #rejected = 0

  private constructor(positive: LatencySketch, negative: LatencySketch) {
    this.#positive = positive
    this.#negative = negative
  }

  /** @param accuracy relative error of a quantile, from 0.0001 to below 1 */
  static empty(accuracy = 0.01): ValueSketch {
    return new ValueSketch(LatencySketch.empty(accuracy), LatencySketch.empty(accuracy))
  }

  /** How many values were counted. */
  get count(): number {
    return this.#positive.count + this.#negative.count
  }

  /** How many of them are below 0. */
  get negativeCount(): number {
    return this.#negative.count
  }

  /** What was offered and is no finite number. */
  get rejected(): number {
    return this.#rejected
  }

  /** Counts a value; false, and counted as rejected, for what is no finite number. */
  add(value: number): boolean {
    if (value < 0 ? this.#negative.add(-value) : this.#positive.add(value)) return true
    this.#rejected += 1
    return false
  }

  /** @throws Problem `input.invalid` if the accuracies differ */
  merge(other: ValueSketch): void {
    this.#positive.merge(other.#positive)
    this.#negative.merge(other.#negative)
    this.#rejected += other.#rejected
  }

  /** The value of rank floor(q (n-1)), within the accuracy; null without values or for a q outside 0 to 1. */
  quantile(q: number): number | null {
    if (this.count === 0 || !(q >= 0 && q <= 1)) return null
    const rank = Math.floor(q * (this.count - 1))
    const below = this.#negative.count
    if (rank >= below) return this.#positive.atRank(rank - below)
    const magnitude = this.#negative.atRank(below - 1 - rank)
    return magnitude === null ? null : -magnitude
  }

  /** The sketch as it travels; equal sketches give equal states. */
  state(): ValueSketchState {
    return { v: 1, positive: this.#positive.state(), negative: this.#negative.state(), rejected: this.#rejected }
  }

  /** @throws Problem `message.malformed` if the value is no such state */
  static parse(value: unknown): ValueSketch {
    const fields = readFields(value, 'the value sketch', ['v', 'positive', 'negative', 'rejected'])
    if (fields.v !== 1) throw malformedState('the version is not 1')
    const [positive, negative] = [sketchState.safeParse(fields.positive), sketchState.safeParse(fields.negative)]
    if (!positive.success || !negative.success) throw malformedState('a side of the value sketch is no sketch')
    if (positive.data.accuracy !== negative.data.accuracy) throw malformedState('the sides of the value sketch differ in accuracy')
    if (negative.data.zero > 0) throw malformedState('the negative side has zeros')
    const sketch = new ValueSketch(LatencySketch.fromState(positive.data), LatencySketch.fromState(negative.data))
    sketch.#rejected = readCount(fields.rejected, 'rejected')
    return sketch
  }
}
