import { Problem } from '../domain/problem.ts'
import type { SketchState } from '../protocol/telemetry.ts'

/** A sketch keeps at most so many bins; beyond it the lowest ones are merged, so that the tail stays right. */
export const MAX_SKETCH_BINS = 1024
/** A finer accuracy than this would give neighbouring doubles indices that 64-bit floats cannot tell apart. */
const FINEST_ACCURACY = 1e-4

/**
 * Mergeable quantiles with a bound on the relative error: DDSketch (Masson, Rim, Lee, PVLDB 12, 2019).
 * Bin i holds (g^(i-1), g^i] with g = (1+a)/(1-a) and answers 2 g^i/(g+1), which is within a of every value in it.
 *
 * INVARIANTS
 * 1. count = zero + sum of bins; every bin count is a positive whole number.
 * 2. At most 1024 bins. After a collapse the lowest bin holds everything at or below it, and a value below goes there.
 * 3. The bins are the 1024 highest ones ever hit, whatever the order of values and merges, so merging is order-free.
 */
export class LatencySketch {
  readonly accuracy: number
  readonly #logGamma: number
  readonly #bins = new Map<number, number>()
  #count = 0
  #zero = 0
  #sum = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  #collapsed = false
  /** Lowest bin after a collapse. */
  #floor = Number.NEGATIVE_INFINITY

  private constructor(accuracy: number) {
    this.accuracy = accuracy
    this.#logGamma = Math.log((1 + accuracy) / (1 - accuracy))
  }

  /** @param accuracy relative error of a quantile, from 0.0001 to below 1 */
  static empty(accuracy = 0.01): LatencySketch {
    if (!(accuracy >= FINEST_ACCURACY && accuracy < 1)) throw new RangeError(`a sketch cannot have accuracy ${accuracy}`)
    return new LatencySketch(accuracy)
  }

  /** How many values were added. */
  get count(): number {
    return this.#count
  }

  /** Counts a value (ms); false, with nothing changed, for NaN, an infinity, a negative value or a weight that is no positive whole number. */
  add(value: number, weight = 1): boolean {
    // Not a comparison alone: null and '5' would pass it, and be counted where no value is.
    if (!Number.isFinite(value) || value < 0 || !isCount(weight) || weight === 0) return false
    this.#count += weight
    this.#sum = finite(this.#sum + value * weight)
    if (value < this.#min) this.#min = value === 0 ? 0 : value
    if (value > this.#max) this.#max = value === 0 ? 0 : value
    if (value === 0) this.#zero += weight
    else this.#addToBin(Math.ceil(Math.log(value) / this.#logGamma), weight)
    return true
  }

  /**
   * Adds everything the other sketch has seen; the other stays as it is.
   * @throws Problem `input.invalid` if the accuracies differ: their bins have different borders
   */
  merge(other: LatencySketch): void {
    if (other.accuracy !== this.accuracy) {
      throw new Problem('input.invalid', `Sketches of accuracy ${this.accuracy} and ${other.accuracy} do not merge.`)
    }
    // A copy: a sketch may be merged with itself.
    const bins = [...other.#bins]
    this.#count += other.#count
    this.#zero += other.#zero
    this.#sum = finite(this.#sum + other.#sum)
    this.#min = Math.min(this.#min, other.#min)
    this.#max = Math.max(this.#max, other.#max)
    if (other.#collapsed) this.#raiseFloor(other.#floor)
    for (const [index, weight] of bins) this.#addToBin(index, weight)
  }

  /**
   * Adds what a state says, as `merge(fromState(state))` does and without the sketch in between.
   * @throws Problem `message.malformed` if its parts contradict each other, `input.invalid` if the accuracies differ
   */
  mergeState(state: SketchState): void {
    const wrong = contradiction(state)
    if (wrong !== null) throw new Problem('message.malformed', `Latency sketch: ${wrong}.`)
    if (state.accuracy !== this.accuracy)
      throw new Problem('input.invalid', `Sketches of accuracy ${this.accuracy} and ${state.accuracy} do not merge.`)
    this.#count += state.count
    this.#zero += state.zero
    this.#sum = finite(this.#sum + state.sum)
    this.#min = Math.min(this.#min, state.min ?? Number.POSITIVE_INFINITY)
    this.#max = Math.max(this.#max, state.max ?? Number.NEGATIVE_INFINITY)
    if (state.collapsed) this.#raiseFloor(state.bins[0]![0])
    for (const [index, weight] of state.bins) this.#addToBin(index, weight)
  }

  /** The value of rank floor(q (n-1)), within the accuracy; `null` without values or for a q outside 0 to 1. */
  quantile(q: number): number | null {
    if (this.#count === 0 || !(q >= 0 && q <= 1)) return null
    return this.atRank(Math.floor(q * (this.#count - 1)))
  }

  /** The value of a rank, 0 for the smallest, within the accuracy; `null` if there is no such rank. */
  atRank(rank: number): number | null {
    if (!(rank >= 0 && rank < this.#count)) return null
    if (rank < this.#zero) return 0
    let seen = this.#zero
    for (const index of this.#indices()) {
      seen += this.#bins.get(index)!
      if (rank < seen) return this.#valueOf(index)
    }
    return this.#max
  }

  /** How many values are in bins above that of `value`: all that are larger by more than twice the accuracy, and none that is smaller (unless collapsed). */
  countAbove(value: number): number {
    if (value === 0) return this.#count - this.#zero
    if (!(value > 0)) return value < 0 ? this.#count : 0
    const limit = Math.ceil(Math.log(value) / this.#logGamma)
    let above = 0
    for (const [index, weight] of this.#bins) if (index > limit) above += weight
    return above
  }

  /** The sketch as it travels; equal sketches give equal states. */
  state(): SketchState {
    return {
      accuracy: this.accuracy,
      count: this.#count,
      zero: this.#zero,
      sum: this.#sum,
      min: this.#count === 0 ? null : this.#min,
      max: this.#count === 0 ? null : this.#max,
      collapsed: this.#collapsed,
      bins: this.#indices().map((index) => [index, this.#bins.get(index)!]),
    }
  }

  /** @throws Problem `message.malformed` if the parts contradict each other */
  static fromState(state: SketchState): LatencySketch {
    const wrong = contradiction(state)
    if (wrong !== null) throw new Problem('message.malformed', `Latency sketch: ${wrong}.`)
    const sketch = new LatencySketch(state.accuracy)
    sketch.#count = state.count
    sketch.#zero = state.zero
    sketch.#sum = state.sum
    if (state.min !== null) sketch.#min = state.min
    if (state.max !== null) sketch.#max = state.max
    sketch.#collapsed = state.collapsed
    if (state.collapsed) sketch.#floor = state.bins[0]![0]
    for (const [index, count] of state.bins) sketch.#bins.set(index, count)
    return sketch
  }

  #addToBin(exact: number, weight: number): void {
    const index = exact < this.#floor ? this.#floor : exact
    const before = this.#bins.get(index)
    this.#bins.set(index, (before ?? 0) + weight)
    if (before === undefined && this.#bins.size > MAX_SKETCH_BINS) this.#collapse()
  }

  #collapse(): void {
    let lowest = Number.POSITIVE_INFINITY
    let next = Number.POSITIVE_INFINITY
    for (const index of this.#bins.keys()) {
      if (index < lowest) {
        next = lowest
        lowest = index
      } else if (index < next) next = index
    }
    this.#collapsed = true
    this.#raiseFloor(next)
  }

  /** Everything below `floor` moves into that bin. */
  #raiseFloor(floor: number): void {
    this.#collapsed = true
    if (floor <= this.#floor) return
    this.#floor = floor
    let moved = 0
    for (const [index, weight] of this.#bins) {
      if (index >= floor) continue
      moved += weight
      this.#bins.delete(index)
    }
    if (moved > 0) this.#addToBin(floor, moved)
  }

  #indices(): number[] {
    return [...this.#bins.keys()].sort((a, b) => a - b)
  }

  #valueOf(index: number): number {
    const value = (2 * Math.exp(index * this.#logGamma)) / (Math.exp(this.#logGamma) + 1)
    return Math.min(this.#max, Math.max(this.#min, value))
  }
}

/** A sum beyond the largest double stays there: a state never holds an infinity. */
function finite(sum: number): number {
  return Math.min(sum, Number.MAX_VALUE)
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

/** Why a state cannot be one of ours, or `null`: also one that no schema has seen, so that NaN and a negative count never get in. */
function contradiction(state: SketchState): string | null {
  if (!(state.accuracy >= FINEST_ACCURACY && state.accuracy < 1)) return `accuracy ${state.accuracy} is not supported`
  // ln of the smallest and largest double is within 745: an index beyond that belongs to no value.
  const furthest = Math.ceil(746 / Math.log((1 + state.accuracy) / (1 - state.accuracy)))
  if (!isCount(state.count) || !isCount(state.zero)) return 'a count is no whole number'
  if (state.bins.length > MAX_SKETCH_BINS) return `it has more than ${MAX_SKETCH_BINS} bins`
  let counted = state.zero
  for (const [position, [index, count]] of state.bins.entries()) {
    if (!isCount(count) || count === 0) return `bin ${index} holds ${count} values`
    if (!Number.isSafeInteger(index) || Math.abs(index) > furthest) return `bin ${index} is out of range`
    if (position > 0 && index <= state.bins[position - 1]![0]) return 'bins are not in ascending order'
    counted += count
  }
  if (counted !== state.count) return `the bins hold ${counted} values and the count is ${state.count}`
  if (!Number.isFinite(state.sum) || state.sum < 0) return 'the sum is no sum of latencies'
  if (state.collapsed && state.bins.length === 0) return 'it is collapsed and has no bins'
  return extremesContradiction(state)
}

function extremesContradiction({ count, zero, min, max }: SketchState): string | null {
  if (count === 0) return min === null && max === null ? null : 'it is empty and has a minimum or maximum'
  if (min === null || max === null) return 'it has values and no minimum or maximum'
  if (!(min >= 0 && max >= min && max <= Number.MAX_VALUE)) return `minimum ${min} and maximum ${max} do not fit`
  return zero > 0 === (min === 0) ? null : 'the minimum does not fit the zeros'
}
