import { onnxLimits } from './limits.ts'
import { excessive, invalid } from './refusal.ts'
import { textOf } from './utf8.ts'

/**
 * Random access to the bytes of a file. `read` is asked for at most 64 KiB within `size`; the bytes may be reused by the next `read`.
 * Fewer bytes than asked for mean that the file became shorter.
 */
export interface ByteReader {
  readonly size: number
  read(offset: number, length: number): Uint8Array
}

/** A reader over bytes in memory. */
export const readerOf = (bytes: Uint8Array): ByteReader => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
})

/** Read-ahead: large enough that structure is read with few calls, small enough that skipping from tensor to tensor stays cheap. */
const PAGE_BYTES = 32 * 1024
const LONGEST_VARINT = 10
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

/** A set of field numbers (1 to 31) as a bit mask. */
export const fields = (...numbers: readonly number[]): number => numbers.reduce((mask, number) => mask | (1 << number), 0)

/** Where a payload lies in the file. */
export interface Span {
  at: number
  length: number
}

/**
 * A cursor over protobuf wire format (https://protobuf.dev/programming-guides/encoding/) that reads structure and jumps over payloads.
 * Throws `model.invalid` on anything that is not well-formed, `model.resource-limit` after `onnxLimits.steps`.
 *
 * INVARIANTS
 * 1. 0 <= #at <= #end <= file size: every length is checked against the message around it before it is used.
 * 2. Memory is one page, whatever the file declares.
 * 3. Each step moves forward by at least one byte, so time is linear in the bytes of structure.
 * 4. Nested messages recurse only through `message`; who calls it bounds the depth.
 */
export class Wire {
  readonly #reader: ByteReader
  #page: DataView
  #pageAt = 0
  #at = 0
  #fieldAt = 0
  #end: number
  #type = BYTES
  #steps = 0

  constructor(reader: ByteReader) {
    this.#reader = reader
    this.#end = reader.size
    this.#page = viewOf(new Uint8Array(0))
  }

  /** Visits the fields of the whole file, like `message`. */
  file(singular: number, visit: (field: number) => boolean): void {
    this.#fields(this.#reader.size, singular, visit)
  }

  /**
   * Visits the fields of the nested message at the cursor; `visit` returns false for a field that it did not read, which is then skipped.
   * @param singular fields that may occur once (`fields(…)`). protobuf would merge or overwrite repetitions; no exporter writes them,
   * and a reader that merges otherwise than the runtime could be shown another model.
   */
  message(singular: number, visit: (field: number) => boolean): void {
    const end = this.#length()
    const outer = this.#end
    this.#fields(end, singular, visit)
    this.#end = outer
  }

  #fields(end: number, singular: number, visit: (field: number) => boolean): void {
    this.#end = end
    let seen = 0
    while (this.#at < end) {
      this.#step()
      this.#fieldAt = this.#at
      const key = this.#varint()
      const field = Math.floor(key / 8)
      if (field < 1 || key > 0xffff_ffff) throw invalid(`a field number is out of range at byte ${this.#at}`)
      this.#type = key % 8
      const bit = field < 32 ? singular & (1 << field) : 0
      if ((seen & bit) !== 0) throw invalid(`field ${field} occurs twice at byte ${this.#at}`)
      seen |= bit
      if (!visit(field)) this.skip()
    }
  }

  /** Where the cursor stands in the file. */
  get at(): number {
    return this.#at
  }

  /** Where the field that is visited begins, its key included; a nested message that was read since then has moved it. */
  get fieldAt(): number {
    return this.#fieldAt
  }

  /** A signed 64-bit integer; exact up to 2^53, beyond it only its size and sign are right. */
  int(): number {
    if (this.#type !== 0) throw this.#mistyped()
    return this.#varint()
  }

  /** Integers of a repeated field, packed or not; the first `keep` of them go to `into`. Returns how many there were. */
  ints(into: number[], keep: number): number {
    if (this.#type !== BYTES) {
      const value = this.int()
      if (into.length < keep) into.push(value)
      return 1
    }
    const end = this.#length()
    const outer = this.#end
    this.#end = end
    let count = 0
    for (; this.#at < end; count += 1) {
      this.#step()
      const value = this.#varint()
      if (into.length < keep) into.push(value)
    }
    this.#end = outer
    return count
  }

  /**
   * Integers of a packed list that takes at most `longest` bytes, appended to `into`; a longer one is jumped over, its number unknown.
   */
  shortInts(into: number[], longest: number): { bytes: number; values: number | null } {
    const end = this.#length()
    const bytes = end - this.#at
    if (bytes > longest) {
      this.#at = end
      return { bytes, values: null }
    }
    const outer = this.#end
    const before = into.length
    this.#end = end
    while (this.#at < end) {
      this.#step()
      into.push(this.#varint())
    }
    this.#end = outer
    return { bytes, values: into.length - before }
  }

  /** IEEE numbers of a repeated field, packed or not, like `ints`. @param width bytes of one: 4 or 8 */
  floats(into: number[], keep: number, width: 4 | 8): number {
    const isPacked = this.#type === BYTES
    if (!isPacked && this.#type !== (width === 4 ? FIXED32 : FIXED64)) throw this.#mistyped()
    const length = isPacked ? this.#length() - this.#at : width
    if (length % width !== 0) throw invalid(`a list of numbers has a broken length at byte ${this.#at}`)
    const end = this.#checked(length)
    for (; this.#at < end && into.length < keep; this.#at += width) {
      this.#load(width)
      const offset = this.#at - this.#pageAt
      into.push(width === 4 ? this.#page.getFloat32(offset, true) : this.#page.getFloat64(offset, true))
    }
    this.#at = end
    return length / width
  }

  /** Where the payload of the field lies; the cursor jumps over it. */
  span(): Span {
    const end = this.#length()
    const span = { at: this.#at, length: end - this.#at }
    this.#at = end
    return span
  }

  /** True if the field at the cursor is a run of bytes: a nested message, text or a packed list. */
  get isBytes(): boolean {
    return this.#type === BYTES
  }

  /** Text of the field. @param what names it in a refusal. Bad UTF-8 is `model.invalid`, more than `most` bytes `model.resource-limit`. */
  text(most: number, what: string): string {
    const { at, length } = this.span()
    if (length > most) throw excessive(`${what} has ${length} bytes; at most ${most} are accepted`)
    const text = textOf(this.bytes({ at, length }))
    if (text === null) throw invalid(`${what} is not UTF-8 at byte ${at}`)
    return text
  }

  /** Bytes of a span of at most a page or what `text` allows; they are valid until the next read. */
  bytes({ at, length }: Span): Uint8Array {
    const start = at - this.#pageAt
    if (start >= 0 && start + length <= this.#page.byteLength)
      return new Uint8Array(this.#page.buffer, this.#page.byteOffset + start, length)
    if (length > PAGE_BYTES) return this.#joined(at, length)
    this.#fill(at, length)
    return new Uint8Array(this.#page.buffer, this.#page.byteOffset, length)
  }

  /** Jumps over the field. Groups are refused: ONNX has none, and their nesting has no declared length. */
  skip(): void {
    if (this.#type === 0) this.#varint()
    else if (this.#type === BYTES) this.#at = this.#length()
    else if (this.#type === FIXED64) this.#at = this.#checked(8)
    else if (this.#type === FIXED32) this.#at = this.#checked(4)
    else throw invalid(`wire type ${this.#type} at byte ${this.#at}`)
  }

  #joined(at: number, length: number): Uint8Array {
    const out = new Uint8Array(length)
    for (let done = 0; done < length; done += PAGE_BYTES) {
      const part = Math.min(PAGE_BYTES, length - done)
      out.set(this.bytes({ at: at + done, length: part }), done)
    }
    return out
  }

  #step(): void {
    this.#steps += 1
    if (this.#steps > onnxLimits.steps) throw excessive(`The model has more than ${onnxLimits.steps} fields`)
  }

  #mistyped(): Error {
    return invalid(`wire type ${this.#type} where another is due at byte ${this.#at}`)
  }

  /** End of the bytes field at the cursor, checked against the message around it. */
  #length(): number {
    if (this.#type !== BYTES) throw this.#mistyped()
    return this.#checked(this.#varint())
  }

  #checked(length: number): number {
    if (length < 0 || length > this.#end - this.#at) throw invalid(`a length runs past its end at byte ${this.#at}: damaged or cut off`)
    return this.#at + length
  }

  #varint(): number {
    this.#load(LONGEST_VARINT)
    let low = 0
    let high = 0
    for (let index = 0; index < LONGEST_VARINT; index += 1) {
      if (this.#at >= this.#end) throw invalid(`it ends within a number at byte ${this.#at}: damaged or cut off`)
      const byte = this.#page.getUint8(this.#at - this.#pageAt)
      this.#at += 1
      const bits = byte & 0x7f
      if (index < 4) low |= bits << (7 * index)
      else if (index > 4) high |= bits << (7 * index - 32)
      else {
        low |= bits << 28
        high = bits >>> 4
      }
      if (byte < 0x80) {
        if (index === LONGEST_VARINT - 1 && byte > 1) break
        return high * 2 ** 32 + (low >>> 0)
      }
    }
    throw invalid(`a number has more than 64 bits at byte ${this.#at}`)
  }

  /** Makes the next `length` bytes readable from the page, or all that are left in the file. */
  #load(length: number): void {
    const wanted = Math.min(length, this.#reader.size - this.#at)
    const start = this.#at - this.#pageAt
    if (start < 0 || start + wanted > this.#page.byteLength) this.#fill(this.#at, wanted)
  }

  #fill(at: number, least: number): void {
    const page = this.#reader.read(at, Math.min(PAGE_BYTES, this.#reader.size - at))
    if (page.length < least) throw invalid(`it became shorter than ${at + least} bytes while it was read`)
    this.#page = viewOf(page)
    this.#pageAt = at
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
