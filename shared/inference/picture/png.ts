import { decode } from 'fast-png'
import { Unzlib } from 'fflate'
import { readUint32 } from './read-bytes.ts'

/** Pixels of a file as 8 bits per channel: gray, or red, green and blue. Transparency is dropped. */
export interface DecodedPixels {
  width: number
  height: number
  channels: 1 | 3
  values: Uint8Array
}

/** Why a file cannot be read; the words are for whoever sent it. */
export class PictureError extends Error {}

const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
const PALETTE = 3
const SIGNATURE_BYTES = 8
/** Compressed bytes that are inflated at once: deflate makes at most 1032 bytes of one, so at most 4 MiB are made before they are counted. */
const PIECE_BYTES = 4096
/** Bytes behind the pixels that a careless encoder may leave. */
const SLACK_BYTES = 65_536

interface Header {
  width: number
  height: number
  depth: number
  colour: number
  isInterlaced: boolean
}

/**
 * Reads a PNG. Size and length of the pixels are checked before anything is decoded: a few kilobytes can hold gigabytes of zeros.
 * @throws PictureError
 */
export function decodePng(bytes: Uint8Array, maxPixels: number): DecodedPixels {
  const chunks = chunksOf(bytes)
  const header = headerOf(bytes, chunks[0])
  if (header.width * header.height > maxPixels)
    throw new PictureError(`it has ${header.width} x ${header.height} pixels; ${maxPixels} are the most`)
  const data = chunks.filter(({ type }) => type === 'IDAT')
  checkLength(
    data.map(({ start, length }) => bytes.subarray(start, start + length)),
    expectedBytes(header),
  )
  try {
    // Profiles and texts are compressed too, and nothing here needs them: only what makes the pixels is handed on.
    const png = decode(rebuilt(bytes, chunks), { checkCrc: true })
    return pixelsOf(header, png.data, png.palette)
  } catch (error) {
    throw error instanceof PictureError ? error : new PictureError('it is damaged', { cause: error })
  }
}

interface Chunk {
  type: string
  /** Of the data, behind length and type. */
  start: number
  length: number
}

function chunksOf(bytes: Uint8Array): Chunk[] {
  const chunks: Chunk[] = []
  for (let at = SIGNATURE_BYTES; at + 12 <= bytes.length;) {
    const length = readUint32(bytes, at)
    if (at + 12 + length > bytes.length) break
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    chunks.push({ type, start: at + 8, length })
    if (type === 'IEND') return chunks
    at += 12 + length
  }
  throw new PictureError('it is cut off')
}

function headerOf(bytes: Uint8Array, first: Chunk | undefined): Header {
  if (first?.type !== 'IHDR' || first.length !== 13) throw new PictureError('it has no header')
  const { start } = first
  const header = {
    width: readUint32(bytes, start),
    height: readUint32(bytes, start + 4),
    depth: bytes[start + 8]!,
    colour: bytes[start + 9]!,
    isInterlaced: bytes[start + 12] === 1,
  }
  if (header.width < 1 || header.height < 1 || channelsOf[header.colour] === undefined) throw new PictureError('its header is damaged')
  if (header.isInterlaced && header.depth < 8) throw new PictureError('it is interlaced with less than 8 bits, which is not read')
  return header
}

/** Inflated bytes of the pixels: every line has a byte in front, in every pass of an interlaced picture. */
function expectedBytes({ width, height, depth, colour, isInterlaced }: Header): number {
  const bitsPerPixel = depth * channelsOf[colour]!
  const lines = (w: number, h: number): number => (w === 0 || h === 0 ? 0 : h * (1 + Math.ceil((w * bitsPerPixel) / 8)))
  if (!isInterlaced) return lines(width, height)
  // Adam7: where each pass begins, and its steps.
  const passes = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]] as const // prettier-ignore
  return passes.reduce(
    (sum, [x, y, dx, dy]) => sum + lines(Math.ceil(Math.max(0, width - x) / dx), Math.ceil(Math.max(0, height - y) / dy)),
    0,
  )
}

function checkLength(parts: readonly Uint8Array[], expected: number): void {
  let made = 0
  const inflate = new Unzlib((chunk) => {
    made += chunk.length
    if (made > expected + SLACK_BYTES) throw new PictureError('it holds more than its size says')
  })
  try {
    for (const part of parts) for (let at = 0; at < part.length; at += PIECE_BYTES) inflate.push(part.subarray(at, at + PIECE_BYTES), false)
  } catch (error) {
    throw error instanceof PictureError ? error : new PictureError('its pixels cannot be read', { cause: error })
  }
  if (made < expected) throw new PictureError('it holds less than its size says')
}

function rebuilt(bytes: Uint8Array, chunks: readonly Chunk[]): Uint8Array {
  const kept = chunks.filter(({ type }) => type === 'IHDR' || type === 'PLTE' || type === 'IDAT' || type === 'IEND')
  const made = new Uint8Array(kept.reduce((sum, { length }) => sum + 12 + length, SIGNATURE_BYTES))
  made.set(bytes.subarray(0, SIGNATURE_BYTES))
  let at = SIGNATURE_BYTES
  for (const { start, length } of kept) {
    made.set(bytes.subarray(start - 8, start + length + 4), at)
    at += 12 + length
  }
  return made
}

function pixelsOf(header: Header, data: ArrayLike<number>, palette: readonly (readonly number[])[] | undefined): DecodedPixels {
  const { width, height, colour } = header
  const read = sampleReader(header, data)
  if (colour === PALETTE) return { width, height, channels: 3, values: fromPalette(width * height, read, palette ?? []) }
  const channels = channelsOf[colour]! >= 3 ? 3 : 1
  const stride = channelsOf[colour]!
  const values = new Uint8Array(width * height * channels)
  for (let pixel = 0; pixel < width * height; pixel += 1)
    for (let c = 0; c < channels; c += 1) values[pixel * channels + c] = read(pixel * stride + c)
  return { width, height, channels, values }
}

/** Sample `index` in 8 bits: the high byte of 16 bits, less than 8 spread over 0 to 255; of a palette the position in it. */
function sampleReader({ width, depth, colour }: Header, data: ArrayLike<number>): (index: number) => number {
  if (depth === 16) return (index) => data[index]! >> 8
  if (depth === 8) return (index) => data[index]!
  const most = 2 ** depth - 1
  const bytesPerLine = Math.ceil((width * depth) / 8)
  return (index) => {
    const x = index % width
    const byte = data[Math.floor(index / width) * bytesPerLine + Math.floor((x * depth) / 8)]!
    const sample = (byte >> (8 - depth - ((x * depth) % 8))) & most
    return colour === PALETTE ? sample : (sample * 255) / most
  }
}

function fromPalette(pixels: number, read: (index: number) => number, palette: readonly (readonly number[])[]): Uint8Array {
  const values = new Uint8Array(pixels * 3)
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    const entry = palette[read(pixel)]
    if (entry === undefined) throw new PictureError('it names a colour that its palette does not have')
    for (let c = 0; c < 3; c += 1) values[pixel * 3 + c] = entry[c]!
  }
  return values
}
