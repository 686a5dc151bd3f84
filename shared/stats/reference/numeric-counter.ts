import type { FeatureBaseline } from '../reference-bins.ts'
import { fencesOfBins } from '../quality/tukey-fences.ts'
import { mergeFeatureCounts, type NumericCounts } from './feature-counts.ts'
import { LAG_SLOTS, LagCounter } from './lag-sums.ts'
import { referenceKey } from './reference-key.ts'

/** A numeric feature of the baseline. */
export type NumericReference = Extract<FeatureBaseline, { kind: 'numeric' }>

/** Cells of the table that leads a value to its bin: well above the bins, so that most cells hold one edge at most. */
const CELLS = 256
/** The cells say a bin in one byte; a reference has at most 100 edges. */
const MOST_EDGES = 255
/** The cells divide the middle of the edges evenly; the share of edges on either side shares a cell, so that a long tail does not widen all. */
const TAIL = 0.1
/**
 * All numbers of a counter are in one typed array, so that a value touches few cache lines: the lag sums, the limits that every value is compared
 * with (`INNER` is the nearer of range and fence), what is counted, the bins, the edges.
 */
const [INNER_LOW, INNER_HIGH, RANGE_LOW, RANGE_HIGH, FENCE_LOW, FENCE_HIGH, ORIGIN, PER_UNIT] = slotsFrom(LAG_SLOTS)
const TALLIES = LAG_SLOTS + 8
const [MISSING, INFINITE, WRONG_TYPE, BELOW, ABOVE, OUTLIERS, LEAST, LARGEST] = slotsFrom(TALLIES)
const BINS = TALLIES + 8

/** Eight neighbouring slots. */
function slotsFrom(first: number): [number, number, number, number, number, number, number, number] {
  return [first, first + 1, first + 2, first + 3, first + 4, first + 5, first + 6, first + 7]
}

/**
 * Counts one numeric feature against its reference: constant memory, no allocation per value.
 *
 * INVARIANTS
 * 1. Every value is in exactly one of: a bin, missing, infinite, wrong type.
 * 2. A value's bin is that of `binOf`: the first whose edge is not below it.
 */
export class NumericCounter {
  readonly #key: string
  readonly #slots: Float64Array
  /** First slot of the edges; the bins end there. */
  readonly #edges: number
  readonly #lag: LagCounter
  /** First bin that a value of a cell may fall into; the last is the first of the next cell. */
  readonly #first = new Uint8Array(CELLS + 1)

  /** @throws RangeError if the reference has more edges than any of ours */
  constructor(reference: NumericReference) {
    const { min, max, edges } = reference
    if (edges.length > MOST_EDGES) throw new RangeError(`a reference of ${edges.length} edges`)
    this.#key = referenceKey(reference)
    this.#edges = BINS + edges.length + 1
    this.#slots = new Float64Array(this.#edges + edges.length)
    this.#slots.set(edges, this.#edges)
    this.#lag = new LagCounter(reference.mean, reference.standardDeviation, this.#slots)
    const { low, high } = fencesOfBins(reference) ?? { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
    const origin = edges[Math.floor(edges.length * TAIL)] ?? 0
    const span = (edges[Math.ceil(edges.length * (1 - TAIL)) - 1] ?? 0) - origin
    const perUnit = (CELLS - 1) / span
    const isUsable = Number.isFinite(span) && Number.isFinite(perUnit) && perUnit > 0
    this.#slots.set([Math.max(min, low), Math.min(max, high), min, max, low, high, origin, isUsable ? perUnit : 0], INNER_LOW)
    // A larger value is never in a smaller cell: a value is above all edges of earlier cells, and at or below those of later ones.
    for (const [bin, edge] of edges.entries()) this.#first.fill(bin + 1, this.#cellOf(edge) + 1)
    this.#forgetExtremes()
  }

  /** Counts a value of any type: null, undefined and NaN are missing, what is no number is of the wrong type. */
  add(value: unknown): void {
    if (typeof value === 'number') this.addNumber(value)
    else this.#slots[value === null || value === undefined ? MISSING : WRONG_TYPE]! += 1
  }

  /** Counts a number; NaN is missing. */
  addNumber(value: number): void {
    const slots = this.#slots
    // An infinity or NaN minus itself is NaN.
    if (value - value !== 0) {
      slots[Number.isNaN(value) ? MISSING : INFINITE]! += 1
      return
    }
    slots[BINS + this.#binOf(value)]! += 1
    if (value < slots[LEAST]!) slots[LEAST] = value
    if (value > slots[LARGEST]!) slots[LARGEST] = value
    if (value < slots[INNER_LOW]! || value > slots[INNER_HIGH]!) this.#countOutside(value)
    this.#lag.add(value)
  }

  #countOutside(value: number): void {
    const slots = this.#slots
    if (value < slots[RANGE_LOW]!) slots[BELOW]! += 1
    else if (value > slots[RANGE_HIGH]!) slots[ABOVE]! += 1
    if (this.isOutlier(value)) slots[OUTLIERS]! += 1
  }

  /** Counts a column of row-major values: `start`, `start + stride`, ... without leaving the typed array. */
  addColumn(values: ArrayLike<number>, start: number, stride: number): void {
    for (let i = start; i < values.length; i += stride) this.addNumber(values[i]!)
  }

  /** True if the value is outside the outlier fences of the reference: the sampling policy may want it. */
  isOutlier(value: number): boolean {
    return value < this.#slots[FENCE_LOW]! || value > this.#slots[FENCE_HIGH]!
  }

  /** Grows with every value that is outside the range or the outlier fences of the reference, until the next window begins. */
  get strange(): number {
    return this.#slots[BELOW]! + this.#slots[ABOVE]! + this.#slots[OUTLIERS]!
  }

  /** Says that time is missing before the next value. */
  interrupt(): void {
    this.#lag.interrupt()
  }

  /**
   * Adds what was counted before, e.g. before a restart within the window.
   * @throws Problem `input.invalid` if it was counted against another reference
   */
  merge(counts: NumericCounts): void {
    const { bins, missing, infinite, wrongType, below, above, outliers, min, max } = mergeFeatureCounts(
      this.counts(),
      counts,
    ) as NumericCounts
    this.#slots.set([missing, infinite, wrongType, below, above, outliers], MISSING)
    this.#slots[LEAST] = min ?? Number.POSITIVE_INFINITY
    this.#slots[LARGEST] = max ?? Number.NEGATIVE_INFINITY
    this.#slots.set(bins, BINS)
    this.#lag.merge(counts.lag)
  }

  /** The counts as they travel; equal counters give equal states. */
  counts(): NumericCounts {
    const slots = this.#slots
    const isEmpty = !(slots[LEAST]! <= slots[LARGEST]!)
    return {
      v: 1,
      kind: 'numeric',
      key: this.#key,
      bins: Array.from(slots.subarray(BINS, this.#edges)),
      missing: slots[MISSING]!,
      infinite: slots[INFINITE]!,
      wrongType: slots[WRONG_TYPE]!,
      below: slots[BELOW]!,
      above: slots[ABOVE]!,
      outliers: slots[OUTLIERS]!,
      min: isEmpty ? null : positiveZero(slots[LEAST]!),
      max: isEmpty ? null : positiveZero(slots[LARGEST]!),
      lag: this.#lag.sums(),
    }
  }

  /** Begins the next window; the previous value stays the neighbour of the next one. */
  restart(): void {
    this.#slots.fill(0, TALLIES, this.#edges)
    this.#forgetExtremes()
    this.#lag.restart()
  }

  #forgetExtremes(): void {
    this.#slots[LEAST] = Number.POSITIVE_INFINITY
    this.#slots[LARGEST] = Number.NEGATIVE_INFINITY
  }

  #cellOf(value: number): number {
    const cell = (value - this.#slots[ORIGIN]!) * this.#slots[PER_UNIT]!
    return cell >= CELLS - 1 ? CELLS - 1 : cell > 0 ? cell | 0 : 0
  }

  #binOf(value: number): number {
    const slots = this.#slots
    const edges = this.#edges
    const cell = this.#cellOf(value)
    let low = this.#first[cell]!
    let high = this.#first[cell + 1]!
    while (low < high) {
      const middle = (low + high) >> 1
      if (value <= slots[edges + middle]!) high = middle
      else low = middle + 1
    }
    return low
  }
}

function positiveZero(value: number): number {
  return value === 0 ? 0 : value
}
