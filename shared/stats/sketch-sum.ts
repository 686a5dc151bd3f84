import type { SketchState } from '../protocol/telemetry.ts'
import { LatencySketch, MAX_SKETCH_BINS } from './latency-sketch.ts'
import { packSketch, SketchReader } from './packed-sketch.ts'

/** Bins of any latency that a clock can measure (1e-35 to 1e35 ms) lie within; what lies outside is kept in a map. */
const NEAR = 4096
const EXTRA = 64

/**
 * The sum of very many packed sketches: the same as merging them one by one into a `LatencySketch`, without a state of each in between, because
 * counts stand in an array by bin. Only sketches of one accuracy add.
 */
export class SketchSum {
  #accuracy: number | null = null
  #bins = new Float64Array(0)
  /** Index of the first of them. */
  #base = 0
  #far: Map<number, number> | null = null
  #count = 0
  #zero = 0
  #sum = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  /** Lowest bin after a collapse. */
  #floor = Number.NEGATIVE_INFINITY

  /** How many values were added. */
  get count(): number {
    return this.#count
  }

  /** Adds a packed sketch; false, with nothing changed, for bytes that are none, or one of another accuracy. */
  addPacked(bytes: Uint8Array): boolean {
    const added = { bins: 0, count: 0 }
    try {
      const reader = new SketchReader(bytes)
      const { head } = reader
      if (!this.#takes(head.accuracy)) return false
      for (; reader.next(); added.bins += 1) {
        this.#put(reader.index, reader.weight)
        added.count += reader.weight
      }
      if (this.#count + head.zero + added.count > Number.MAX_SAFE_INTEGER) throw new RangeError('more values than can be counted')
      if (!head.isEmpty) this.#addHead(head, head.zero + added.count)
      if (head.collapsed) this.#floor = Math.max(this.#floor, reader.lowest)
      return true
    } catch {
      this.#takeBack(bytes, added.bins)
      return false
    }
  }

  /** Adds what another sum holds; false for another accuracy. */
  add(other: SketchSum): boolean {
    if (other.#accuracy === null) return true
    if (!this.#takes(other.#accuracy) || this.#count + other.#count > Number.MAX_SAFE_INTEGER) return false
    if (other.#count === 0) return true
    this.#addHead({ sum: other.#sum, min: other.#min, max: other.#max, zero: other.#zero }, other.#count)
    this.#floor = Math.max(this.#floor, other.#floor)
    for (let i = 0; i < other.#bins.length; i += 1) if (other.#bins[i]! > 0) this.#put(other.#base + i, other.#bins[i]!)
    for (const [index, weight] of other.#far ?? []) if (weight > 0) this.#put(index, weight)
    return true
  }

  /** The sum as the state of a sketch. */
  state(): SketchState {
    const bins = this.#sorted()
    const isCollapsed = this.#floor > Number.NEGATIVE_INFINITY
    if (isCollapsed) collapseBelow(bins, this.#floor)
    const isLonger = bins.length > MAX_SKETCH_BINS
    if (isLonger) collapseBelow(bins, bins[bins.length - MAX_SKETCH_BINS]![0])
    return {
      accuracy: this.#accuracy ?? LatencySketch.empty().accuracy,
      ...{ count: this.#count, zero: this.#zero, sum: this.#sum },
      ...{ min: this.#count === 0 ? null : this.#min, max: this.#count === 0 ? null : this.#max },
      ...{ collapsed: (isCollapsed || isLonger) && bins.length > 0, bins },
    }
  }

  /** The sum as bytes. */
  pack(): Uint8Array {
    return packSketch(this.state())
  }

  /** The sum as a sketch, for its quantiles. Parts that contradict each other, which no writer of ours stores, give an empty one. */
  sketch(): LatencySketch {
    try {
      return LatencySketch.fromState(this.state())
    } catch {
      return LatencySketch.empty()
    }
  }

  #takes(accuracy: number): boolean {
    this.#accuracy ??= accuracy
    return this.#accuracy === accuracy
  }

  #addHead({ sum, min, max, zero }: { sum: number; min: number; max: number; zero: number }, count: number): void {
    this.#count += count
    this.#zero += zero
    this.#sum = Math.min(this.#sum + sum, Number.MAX_VALUE)
    if (min < this.#min) this.#min = min
    if (max > this.#max) this.#max = max
  }

  /** The first bins of a sketch that turned out to be damaged further on. */
  #takeBack(bytes: Uint8Array, bins: number): void {
    if (bins === 0) return
    const reader = new SketchReader(bytes)
    for (let i = 0; i < bins && reader.next(); i += 1) this.#put(reader.index, -reader.weight)
  }

  #put(index: number, weight: number): void {
    const at = index - this.#base
    if (at >= 0 && at < this.#bins.length) this.#bins[at]! += weight
    else if (index < -NEAR || index >= NEAR) {
      this.#far ??= new Map()
      this.#far.set(index, (this.#far.get(index) ?? 0) + weight)
    } else {
      this.#grow(index)
      this.#bins[index - this.#base]! += weight
    }
  }

  #grow(index: number): void {
    const before = this.#bins
    const isEmpty = before.length === 0
    const from = Math.max(-NEAR, Math.min(isEmpty ? index : this.#base, index - EXTRA))
    const through = Math.min(NEAR, Math.max(isEmpty ? index : this.#base + before.length, index + EXTRA))
    this.#bins = new Float64Array(through - from)
    if (!isEmpty) this.#bins.set(before, this.#base - from)
    this.#base = from
  }

  #sorted(): [number, number][] {
    const bins: [number, number][] = []
    for (let i = 0; i < this.#bins.length; i += 1) if (this.#bins[i]! > 0) bins.push([this.#base + i, this.#bins[i]!])
    return this.#far === null ? bins : [...bins, ...[...this.#far].filter(([, weight]) => weight > 0)].sort(([a], [b]) => a - b)
  }
}

/** Everything below `floor` moves into that bin, which is made if it is needed. */
function collapseBelow(bins: [number, number][], floor: number): void {
  const lower = bins.findIndex(([index]) => index >= floor)
  const moved = bins.splice(0, lower < 0 ? bins.length : lower).reduce((sum, [, weight]) => sum + weight, 0)
  if (moved === 0) return
  if (bins[0]?.[0] === floor) bins[0][1] += moved
  else bins.unshift([floor, moved])
}
