import { crc32, deflateSync } from 'node:zlib'

/** How the mark is drawn: the nine squares of a fleet, two of them pale, on a rounded field or on nothing. */
export interface IconStyle {
  /** Colour of the field, or `null` for the squares alone, as a template of macOS wants them. */
  field: readonly [number, number, number] | null
  squares: readonly [number, number, number]
}

/** The drawing in units of its 32 x 32 grid, the same as renderer/public/icon.svg. */
const squareStarts = [7, 13.5, 20]
const SQUARE = 5
const FIELD_RADIUS = 7
const paleSquares = new Set(['1,0', '1,2'])
const PALE = 0.65
/** Points per side of a pixel that are looked at; their mean smooths the edges. Large pictures need fewer: their pixels are finer. */
const samplesOf = (size: number): number => (size >= 512 ? 2 : 4)

/** The icon as a PNG of `size` x `size` pixels. */
export function drawIcon(size: number, style: IconStyle): Buffer {
  const rows = Buffer.alloc(size * (1 + size * 4))
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) rows.set(pixel(x, y, { size, style }), y * (1 + size * 4) + 1 + x * 4)
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  // 8 bits per channel, colour with alpha.
  header.set([8, 6], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function pixel(x: number, y: number, { size, style }: { size: number; style: IconStyle }): number[] {
  const sum = [0, 0, 0, 0]
  const samples = samplesOf(size)
  for (let i = 0; i < samples * samples; i += 1) {
    const at = (cell: number, part: number): number => ((cell + (part + 0.5) / samples) * 32) / size
    const [red, green, blue, alpha] = colourAt(at(x, i % samples), at(y, Math.floor(i / samples)), style)
    // Colours are weighed by how much of them is there.
    sum[0]! += red * alpha
    sum[1]! += green * alpha
    sum[2]! += blue * alpha
    sum[3]! += alpha
  }
  const alpha = sum[3]!
  if (alpha === 0) return [0, 0, 0, 0]
  return [...sum.slice(0, 3).map((value) => Math.round(value / alpha)), Math.round((alpha / (samples * samples)) * 255)]
}

function colourAt(x: number, y: number, { field, squares }: IconStyle): [number, number, number, number] {
  const column = squareStarts.findIndex((start) => x >= start && x < start + SQUARE)
  const row = squareStarts.findIndex((start) => y >= start && y < start + SQUARE)
  const strength = column < 0 || row < 0 ? 0 : paleSquares.has(`${column},${row}`) ? PALE : 1
  if (field === null) return [...squares, strength] as [number, number, number, number]
  if (!isInField(x, y)) return [0, 0, 0, 0]
  const mixed = field.map((value, i) => value * (1 - strength) + squares[i]! * strength)
  return [mixed[0]!, mixed[1]!, mixed[2]!, 1]
}

function isInField(x: number, y: number): boolean {
  const outside = (value: number): number => Math.max(FIELD_RADIUS - value, value - (32 - FIELD_RADIUS), 0)
  return Math.hypot(outside(x), outside(y)) <= FIELD_RADIUS
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}
