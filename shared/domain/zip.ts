/** A file of an archive. */
export interface ZipEntry {
  name: string
  bytes: Uint8Array
}

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
/** Names are UTF-8. */
const UTF8_FLAG = 0x0800
/** 1 January 1980: an archive of the same content is the same archive. */
const DAY = 0x21

/** Packs files into a ZIP archive, uncompressed, so that any program opens it (PKWARE APPNOTE 6.3). */
export function zipOf(entries: readonly ZipEntry[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let offset = 0
  for (const { name, bytes } of entries) {
    const text = utf8Of(name)
    const common = fields([
      [2, 20],
      [2, UTF8_FLAG],
      [2, 0],
      [2, 0],
      [2, DAY],
      [4, crc32(bytes)],
      [4, bytes.length],
      [4, bytes.length],
      [2, text.length],
      [2, 0],
    ])
    const local = joined([fields([[4, LOCAL]]), common, text, bytes])
    directory.push(
      joined([
        fields([
          [4, CENTRAL],
          [2, 20],
        ]),
        common,
        fields([
          [2, 0],
          [2, 0],
          [2, 0],
          [4, 0],
          [4, offset],
        ]),
        text,
      ]),
    )
    parts.push(local)
    offset += local.length
  }
  const central = joined(directory)
  const count = entries.length
  return joined([
    ...parts,
    central,
    fields([
      [4, END],
      [2, 0],
      [2, 0],
      [2, count],
      [2, count],
      [4, central.length],
      [4, offset],
      [2, 0],
    ]),
  ])
}

/** The UTF-8 bytes of a text; what is no whole character becomes U+FFFD. */
export function utf8Of(text: string): Uint8Array {
  const bytes: number[] = []
  for (const character of text) {
    const read = character.codePointAt(0)!
    const code = read >= 0xd800 && read <= 0xdfff ? 0xfffd : read
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63))
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
  }
  return Uint8Array.from(bytes)
}

/** Numbers of so many bytes, little-endian. */
function fields(values: readonly (readonly [bytes: number, value: number])[]): Uint8Array {
  return Uint8Array.from(values.flatMap(([bytes, value]) => Array.from({ length: bytes }, (_, i) => (value >>> (8 * i)) & 255)))
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** CRC-32 as ZIP has it. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}
