/** Protobuf wire-format pieces, written by hand so that a test can also write what no encoder would. */

export type Bytes = Uint8Array<ArrayBuffer>

/** All pieces one after another. */
export const join = (...pieces: readonly Uint8Array[]): Bytes => joined(pieces)

/** Like `join`, for more pieces than a call can have arguments. */
export function joined(pieces: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    out.set(piece, at)
    at += piece.length
  }
  return out
}

/** A piece many times over. */
export function repeat(piece: Uint8Array, times: number): Bytes {
  const out = new Uint8Array(piece.length * times)
  for (let index = 0; index < times; index += 1) out.set(piece, index * piece.length)
  return out
}

/** A base-128 varint of a 64-bit value; negative values become ten bytes, as protobuf writes them. */
export function varint(value: number | bigint): Bytes {
  let rest = BigInt.asUintN(64, BigInt(value))
  const out: number[] = []
  while (rest > 127n) {
    out.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  out.push(Number(rest))
  return Uint8Array.from(out)
}

/** The key of a field: number and wire type (0 varint, 1 fixed64, 2 bytes, 3 and 4 group, 5 fixed32). */
export const tag = (field: number, wireType: number): Bytes => varint(BigInt(field) * 8n + BigInt(wireType))

/** Field with a varint. */
export const int = (field: number, value: number | bigint): Bytes => join(tag(field, 0), varint(value))

/** Field with bytes, a nested message or a packed list. */
export const bytes = (field: number, ...content: readonly Uint8Array[]): Bytes => {
  const body = join(...content)
  return join(tag(field, 2), varint(body.length), body)
}

/** Field with UTF-8 text. */
export const text = (field: number, value: string): Bytes => bytes(field, new TextEncoder().encode(value))

/** Field with a 32-bit float. */
export const float = (field: number, value: number): Bytes => join(tag(field, 5), new Uint8Array(Float32Array.of(value).buffer))

/** Nested fields `path` around `core`, `levels` times, written from the inside out in one pass so that a million levels stay cheap. */
export function nest(path: readonly number[], levels: number, core: Uint8Array): Bytes {
  const keys = path.toReversed().map((field) => tag(field, 2))
  const room = new Uint8Array(core.length + levels * keys.reduce((sum, key) => sum + key.length + 5, 0))
  let start = room.length - core.length
  room.set(core, start)
  for (let level = 0; level < levels; level += 1) {
    for (const key of keys) {
      start -= writeBefore(room, start, room.length - start)
      start -= key.length
      room.set(key, start)
    }
  }
  return room.slice(start)
}

/** Writes a length as a varint that ends before `end`, and returns its bytes. */
function writeBefore(room: Uint8Array, end: number, length: number): number {
  const size = length < 2 ** 7 ? 1 : length < 2 ** 14 ? 2 : length < 2 ** 21 ? 3 : length < 2 ** 28 ? 4 : 5
  for (let index = 0; index < size; index += 1)
    room[end - size + index] = (Math.floor(length / 128 ** index) & 127) | (index < size - 1 ? 128 : 0)
  return size
}
