import { utf8 } from '../protocol/envelope.ts'
import { durationBounds, NATIVE_SCHEMA, ZERO_THRESHOLD, type HistogramState } from './duration-histogram.ts'
import type { Family, Labels } from './family.ts'

/** The protobuf form of Prometheus: the same metrics, and histograms with native buckets beside the classic ones. */
export const PROTOBUF_TYPE = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited'

/** Numbers of the types in `io.prometheus.client.MetricType`, and of the field of a metric that holds its value. */
const kinds = { counter: { type: 0, field: 3 }, gauge: { type: 1, field: 2 }, histogram: { type: 4, field: 7 } } as const
const DOUBLE = 1
const BYTES = 2

/** Writes metrics as messages `io.prometheus.client.MetricFamily`, each behind its length. */
export function exposedProtobuf(families: readonly Family[]): Uint8Array {
  const out = new Bytes()
  // A family without series is no message: the protocol asks for at least one.
  for (const family of families) if (family.readings.length > 0) out.message(null, (into) => writeFamily(into, family))
  return out.whole()
}

function writeFamily(into: Bytes, family: Family): void {
  const { type, field } = kinds[family.type]
  into.text(1, family.name)
  into.text(2, family.help)
  into.whole64(3, type)
  const metric = (labels: Labels, value: (into: Bytes) => void): void =>
    into.message(4, (one) => {
      for (const [name, text] of Object.entries(labels))
        one.message(1, (pair) => {
          pair.text(1, name)
          pair.text(2, text)
        })
      one.message(field, value)
    })
  if (family.type === 'histogram')
    for (const { labels, histogram } of family.readings) metric(labels, (value) => writeHistogram(value, histogram))
  else for (const { labels, value } of family.readings) metric(labels, (one) => one.double(1, value))
}

function writeHistogram(into: Bytes, { count, sum, buckets, zero, cells }: HistogramState): void {
  into.whole64(1, count)
  into.double(2, sum)
  let below = 0
  for (const [i, bound] of [...durationBounds, Number.POSITIVE_INFINITY].entries()) {
    below += buckets[i]!
    into.message(3, (bucket) => {
      bucket.whole64(1, below)
      bucket.double(2, bound)
    })
  }
  into.whole64(5, zigzag(NATIVE_SCHEMA))
  into.double(6, ZERO_THRESHOLD)
  into.whole64(7, zero)
  writeCells(into, cells)
}

/** Runs of neighbouring cells as spans, and each count as the difference to the one before. */
function writeCells(into: Bytes, cells: HistogramState['cells']): void {
  const spans: { offset: number; length: number }[] = []
  let next: number | null = null
  for (const [index] of cells) {
    if (index === next) spans.at(-1)!.length += 1
    else spans.push({ offset: index - (next ?? 0), length: 1 })
    next = index + 1
  }
  for (const { offset, length } of spans)
    into.message(12, (span) => {
      span.whole64(1, zigzag(offset))
      span.whole64(2, length)
    })
  let before = 0
  into.message(13, (deltas) => {
    for (const [, count] of cells) {
      deltas.varint(zigzag(count - before))
      before = count
    }
  })
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1
}

/** Bytes that grow as fields are written. */
class Bytes {
  readonly #parts: number[] = []

  varint(value: number): void {
    let rest = value
    while (rest >= 128) {
      this.#parts.push(128 + (rest % 128))
      rest = Math.floor(rest / 128)
    }
    this.#parts.push(rest)
  }

  whole64(field: number, value: number): void {
    this.varint(field * 8)
    this.varint(value)
  }

  double(field: number, value: number): void {
    this.varint(field * 8 + DOUBLE)
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setFloat64(0, value, true)
    this.#parts.push(...bytes)
  }

  text(field: number, value: string): void {
    const bytes = utf8(value)
    this.varint(field * 8 + BYTES)
    this.varint(bytes.length)
    for (const byte of bytes) this.#parts.push(byte)
  }

  /** A message within this one; without a field, only behind its length. */
  message(field: number | null, write: (into: Bytes) => void): void {
    const inner = new Bytes()
    write(inner)
    if (field !== null) this.varint(field * 8 + BYTES)
    this.varint(inner.#parts.length)
    for (const byte of inner.#parts) this.#parts.push(byte)
  }

  whole(): Uint8Array {
    return Uint8Array.from(this.#parts)
  }
}
