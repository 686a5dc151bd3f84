/** Text of UTF-8 bytes, or `null` where they are not well-formed (RFC 3629: no overlong forms, surrogates or values above U+10FFFF). */
export function textOf(bytes: Uint8Array): string | null {
  let text = ''
  // Pieces keep the argument list of fromCharCode short.
  let units: number[] = []
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at]!
    const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
    if (length === 0 || at + length > bytes.length) return null
    const point = codePoint(bytes, at, length)
    if (point === null) return null
    if (point > 0xffff) units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + (point & 0x3ff))
    else units.push(point)
    at += length
    if (units.length >= 1024) {
      text += String.fromCharCode(...units)
      units = []
    }
  }
  return text + String.fromCharCode(...units)
}

/** Smallest code point that needs so many bytes. */
const smallest = [0, 0, 0x80, 0x800, 0x10000]

function codePoint(bytes: Uint8Array, at: number, length: number): number | null {
  if (length === 1) return bytes[at]!
  let point = bytes[at]! & (0x7f >> length)
  for (let next = at + 1; next < at + length; next += 1) {
    const byte = bytes[next]!
    if ((byte & 0xc0) !== 0x80) return null
    point = (point << 6) | (byte & 0x3f)
  }
  const isSurrogate = point >= 0xd800 && point <= 0xdfff
  return point < smallest[length]! || point > 0x10ffff || isSurrogate ? null : point
}
