import jpeg from 'jpeg-js'
import { PictureError, type DecodedPixels } from './png.ts'
import { readUint16 } from './read-bytes.ts'

/** Scans of a progressive file: each is worth a pass over all pixels, and encoders write about ten. */
const MOST_SCANS = 64
/** Bytes per pixel that the decoder takes in the end: coefficients, lines and the picture itself. */
const BYTES_PER_PIXEL = 32
const SPARE_MB = 16

/**
 * Reads a JPEG: baseline or progressive, 8 bits. Size, number of scans and the end marker are checked before anything is decoded.
 * The orientation of EXIF is not applied.
 * @throws PictureError
 */
export function decodeJpeg(bytes: Uint8Array, maxPixels: number): DecodedPixels {
  const { width, height, components } = frameOf(bytes)
  if (width * height > maxPixels) throw new PictureError(`it has ${width} x ${height} pixels; ${maxPixels} are the most`)
  try {
    const decoded = jpeg.decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: Math.ceil(maxPixels / 1e6) + 1,
      maxMemoryUsageInMB: SPARE_MB + Math.ceil((width * height * BYTES_PER_PIXEL) / 1024 ** 2),
    })
    if (decoded.width !== width || decoded.height !== height) throw new PictureError('its frames differ in size')
    if (components !== 1) return { width, height, channels: 3, values: decoded.data }
    return { width, height, channels: 1, values: decoded.data.filter((_, i) => i % 3 === 0) }
  } catch (error) {
    throw error instanceof PictureError ? error : new PictureError('it is damaged', { cause: error })
  }
}

interface Frame {
  width: number
  height: number
  components: number
}

/** Walks the markers from the start to the end of the picture. */
function frameOf(bytes: Uint8Array): Frame {
  let frame: Frame | null = null
  let scans = 0
  let at = 2
  while (at + 4 <= bytes.length || bytes[at + 1] === 0xd9) {
    if (bytes[at] !== 0xff) throw new PictureError('it is damaged')
    const marker = bytes[at + 1]!
    if (marker === 0xff) {
      at += 1
      continue
    }
    if (marker === 0xd9) break
    const length = readUint16(bytes, at + 2)
    if (length < 2 || at + 2 + length > bytes.length) throw new PictureError('it is cut off')
    if (isFrame(marker)) {
      if (marker > 0xc2) throw new PictureError('its kind of JPEG is not read; baseline and progressive are')
      frame = { height: readUint16(bytes, at + 5), width: readUint16(bytes, at + 7), components: bytes[at + 9]! }
      if (bytes[at + 4] !== 8 || frame.width < 1 || frame.height < 1) throw new PictureError('its frame is not of 8 bits, or has no size')
    }
    at += 2 + length
    if (marker !== 0xda) continue
    scans += 1
    if (scans > MOST_SCANS) throw new PictureError(`it has more than ${MOST_SCANS} scans`)
    at = endOfScan(bytes, at)
  }
  if (at + 2 > bytes.length) throw new PictureError('it is cut off')
  if (frame === null || scans === 0) throw new PictureError('it has no picture')
  return frame
}

/** SOF0 to SOF15, without the four that are tables (DHT, JPG, DAC) or none. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

/** The next marker behind the data of a scan: neither a stuffed byte nor a restart. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 1 < bytes.length; at += 1) {
    if (bytes[at] !== 0xff) continue
    const next = bytes[at + 1]!
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at
  }
  throw new PictureError('it is cut off')
}
