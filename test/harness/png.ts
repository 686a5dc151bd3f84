import { crc32, deflateSync } from 'node:zlib'

/** What a PNG of a test says; `data` are the lines with their filter bytes, before compression. */
interface PngParts {
  width: number
  height: number
  depth?: number
  /** 0 gray, 2 colour, 3 palette, 4 gray with alpha, 6 colour with alpha. */
  colour: number
  isInterlaced?: boolean
  palette?: number[]
  data: Uint8Array
  /** Further chunks behind the header. */
  more?: [string, Uint8Array][]
}

/** Writes a PNG chunk by chunk, so that a test can say anything in it. */
export function pngOf({ width, height, depth = 8, colour, isInterlaced = false, palette, data, more = [] }: PngParts): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([depth, colour, 0, 0, isInterlaced ? 1 : 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...more.map(([type, content]) => chunk(type, content)),
    ...(palette === undefined ? [] : [chunk('PLTE', Uint8Array.from(palette))]),
    chunk('IDAT', deflateSync(data, { level: 9 })),
    chunk('IEND', new Uint8Array(0)),
  ])
}

/** A PNG of colours, row by row, three values per pixel. */
export function rgbPng(width: number, height: number, values: readonly number[]): Buffer {
  const lines = Array.from({ length: height }, (_, y) => [0, ...values.slice(y * width * 3, (y + 1) * width * 3)])
  return pngOf({ width, height, colour: 2, data: Uint8Array.from(lines.flat()) })
}

function chunk(type: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}
