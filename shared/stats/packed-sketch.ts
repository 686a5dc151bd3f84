import type { SketchState } from '../protocol/telemetry.ts'
import { MAX_SKETCH_BINS } from './latency-sketch.ts'
import { malformedState } from './read-state.ts'

/** The accuracy that costs no byte. */
const USUAL_ACCURACY = 0.01
const VERSION = 1
const COLLAPSED = 1
const OTHER_ACCURACY = 2
const EMPTY = 4
/** Seven bits of a number per byte; the eighth says that more follow. */
const MORE = 128
/** Bytes before the bins at most: version, flags, accuracy, sum, extremes, and two numbers of up to eight bytes. */
const LONGEST_HEAD = 50
/** A bin is its distance from the one before and its count. */
const LONGEST_BIN = 16

/**
 * A sketch as few bytes: version, flags, then sum, smallest and largest value as doubles, zeros, number of bins, and per bin the distance from
 * the one before (less one) and its count as numbers of seven bits per byte. A window of some hundred requests takes about a quarter of its JSON. Equal states give equal bytes.
 */
export function packSketch({ accuracy, zero, count, sum, min, max, collapsed, bins }: SketchState): Uint8Array {
  const bytes = new Uint8Array(LONGEST_HEAD + bins.length * LONGEST_BIN)
  const view = new DataView(bytes.buffer)
  const isUsual = accuracy === USUAL_ACCURACY
  bytes[0] = VERSION
  bytes[1] = (collapsed ? COLLAPSED : 0) + (isUsual ? 0 : OTHER_ACCURACY) + (count === 0 ? EMPTY : 0)
  let at = 2
  const putDouble = (value: number): void => {
    view.setFloat64(at, value, true)
    at += 8
  }
  const putWhole = (value: number): void => {
    let rest = value
    while (rest >= MORE) {
      bytes[at++] = MORE + (rest % MORE)
      rest = Math.floor(rest / MORE)
    }
    bytes[at++] = rest
  }
  if (!isUsual) putDouble(accuracy)
  if (count === 0) return bytes.slice(0, at)
  for (const value of [sum, min ?? 0, max ?? 0]) putDouble(value)
  putWhole(zero)
  putWhole(bins.length)
  let before: number | null = null
  for (const [index, weight] of bins) {
    putWhole(before === null ? (index < 0 ? -2 * index - 1 : 2 * index) : index - before - 1)
    putWhole(weight)
    before = index
  }
  return bytes.slice(0, at)
}

/** What stands before the bins of a packed sketch. */
export interface SketchHead {
  accuracy: number
  collapsed: boolean
  isEmpty: boolean
  sum: number
  min: number
  max: number
  zero: number
  bins: number
}

/** Reads a packed sketch from its head on, bin by bin, without making a state in between. */
export class SketchReader {
  readonly head: SketchHead
  /** Of the bin that was read last. */
  index = 0
  weight = 0
  /** Index of the first bin. */
  lowest = 0
  readonly #view: DataView
  readonly #bytes: Uint8Array
  #at = 2
  #read = 0

  /** @throws Problem `message.malformed` for what does not begin like a packed sketch */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const flags = bytes[1] ?? MORE
    if (bytes[0] !== VERSION || flags > COLLAPSED + OTHER_ACCURACY + EMPTY) throw malformedState('a packed sketch of another version')
    const accuracy = (flags & OTHER_ACCURACY) === 0 ? USUAL_ACCURACY : this.#double()
    const isEmpty = (flags & EMPTY) !== 0
    this.head = {
      ...{ accuracy, collapsed: (flags & COLLAPSED) !== 0, isEmpty },
      ...{ sum: isEmpty ? 0 : this.#double(), min: isEmpty ? 0 : this.#double(), max: isEmpty ? 0 : this.#double() },
      ...{ zero: isEmpty ? 0 : this.#whole(), bins: isEmpty ? 0 : this.#whole() },
    }
    if (this.head.bins > MAX_SKETCH_BINS) throw malformedState('a packed sketch has too many bins')
  }

  /**
   * Goes on to the next bin; false at the end.
   * @throws Problem `message.malformed` if the bytes end early, or do not end
   */
  next(): boolean {
    if (this.#read === this.head.bins) {
      if (this.#at !== this.#bytes.length) throw malformedState('a packed sketch goes on behind its end')
      return false
    }
    const step = this.#whole()
    if (this.#read > 0) this.index += step + 1
    else this.lowest = this.index = step % 2 === 0 ? step / 2 : -(step + 1) / 2
    this.weight = this.#whole()
    this.#read += 1
    return true
  }

  #whole(): number {
    let value = 0
    for (let scale = 1; ; scale *= MORE) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw malformedState('a packed sketch ends early')
      if (scale > 2 ** 49) throw malformedState('a packed sketch holds a number that is too large')
      if (byte < MORE) return value + byte * scale
      value += (byte - MORE) * scale
    }
  }

  #double(): number {
    if (this.#at + 8 > this.#bytes.length) throw malformedState('a packed sketch ends early')
    const value = this.#view.getFloat64(this.#at, true)
    this.#at += 8
    return value
  }
}

/**
 * The state of a packed sketch; whether its parts fit each other is for `LatencySketch.fromState` to say.
 * @throws Problem `message.malformed` if the bytes are not exactly what `packSketch` makes
 */
export function unpackSketch(bytes: Uint8Array): SketchState {
  const reader = new SketchReader(bytes)
  const { accuracy, collapsed, isEmpty, sum, min, max, zero } = reader.head
  const bins: [number, number][] = []
  let count = zero
  while (reader.next()) {
    bins.push([reader.index, reader.weight])
    count += reader.weight
  }
  const state = { accuracy, count, zero, sum, min: isEmpty ? null : min, max: isEmpty ? null : max, collapsed, bins }
  const again = packSketch(state)
  if (again.length !== bytes.length || again.some((byte, i) => byte !== bytes[i]))
    throw malformedState('a packed sketch is written otherwise')
  return state
}
