import { readFileSync } from 'node:fs'
import { codeOf } from '../../../shared/domain/report/texts.ts'

/** Runs of signs: from the first to the last, both with a glyph. */
type Runs = [first: number, last: number][]

/** Reads which signs a TrueType font has a glyph for, from its table `cmap`. */
export function glyphsOf(file: string): (codePoint: number) => boolean {
  const bytes = readFileSync(file)
  const runs = runsOf(bytes)
  return (codePoint) => runs.some(([first, last]) => codePoint >= first && codePoint <= last)
}

function runsOf(bytes: Buffer): Runs {
  const tables = bytes.readUInt16BE(4)
  for (let i = 0; i < tables; i += 1) {
    const entry = 12 + i * 16
    if (bytes.toString('latin1', entry, entry + 4) === 'cmap') return bestRuns(bytes, bytes.readUInt32BE(entry + 8))
  }
  return []
}

/** A font has several maps of the same signs; the one of all planes says the most. */
function bestRuns(bytes: Buffer, cmap: number): Runs {
  const maps = Array.from({ length: bytes.readUInt16BE(cmap + 2) }, (_, i) => cmap + bytes.readUInt32BE(cmap + 4 + i * 8 + 4))
  const of = (format: number): number | undefined => maps.find((at) => bytes.readUInt16BE(at) === format)
  const [all, basic] = [of(12), of(4)]
  if (all !== undefined) return groupsOf(bytes, all)
  return basic === undefined ? [] : segmentsOf(bytes, basic)
}

/** Format 12: groups of signs in a row. */
function groupsOf(bytes: Buffer, at: number): Runs {
  return Array.from({ length: bytes.readUInt32BE(at + 12) }, (_, i) => {
    const group = at + 16 + i * 12
    return [bytes.readUInt32BE(group), bytes.readUInt32BE(group + 4)]
  })
}

/** Format 4: segments, all ends first, then all begins. The last names the end of the table and no sign. */
function segmentsOf(bytes: Buffer, at: number): Runs {
  const doubled = bytes.readUInt16BE(at + 6)
  const runs: Runs = Array.from({ length: doubled / 2 }, (_, i) => [
    bytes.readUInt16BE(at + 16 + doubled + i * 2),
    bytes.readUInt16BE(at + 14 + i * 2),
  ])
  return runs.filter(([first]) => first !== 0xffff)
}

/** A text that a font can draw: runs of signs that it lacks stand as their numbers, such as `[U+5DE5 U+5382]`. Nothing vanishes. */
export function drawableText(text: string, has: (codePoint: number) => boolean): string {
  let shown = ''
  let lacking: string[] = []
  const flush = (): void => {
    if (lacking.length > 0) shown += `[${lacking.map((sign) => `U+${codeOf(sign)}`).join(' ')}]`
    lacking = []
  }
  for (const sign of text) {
    // Breaks that the layout puts in are no signs.
    if (sign === '\n' || sign === '\u200b' || has(sign.codePointAt(0)!)) {
      flush()
      shown += sign
    } else lacking.push(sign)
  }
  flush()
  return shown
}
