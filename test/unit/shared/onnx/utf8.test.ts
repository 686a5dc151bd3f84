import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textOf } from '../../../../shared/onnx/utf8.ts'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What the decoder of the platform makes of the bytes, null where it refuses them. */
function reference(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes)
  } catch {
    return null
  }
}

describe('UTF-8', () => {
  const rows: [string, number[], string | null][] = [
    ['nothing', [], ''],
    ['a byte order mark stays', [0xef, 0xbb, 0xbf, 0x61], '\ufeffa'],
    ['the last code point', [0xf4, 0x8f, 0xbf, 0xbf], '\u{10ffff}'],
    ['one beyond the last', [0xf4, 0x90, 0x80, 0x80], null],
    ['an overlong slash', [0xc0, 0xaf], null],
    ['an overlong slash of three bytes', [0xe0, 0x80, 0xaf], null],
    ['a surrogate', [0xed, 0xa0, 0x80], null],
    ['a lone continuation', [0x80], null],
    ['a cut character', [0xe2, 0x82], null],
    ['Latin-1', [0x47, 0xf6, 0xdf, 0x65], null],
    ['0xff', [0xff], null],
  ]
  it.each(rows)('%s', (_, bytes, expected) => {
    expect(textOf(Uint8Array.from(bytes))).toBe(expected)
  })

  it('agrees with the platform on any bytes and on any text', () => {
    const bytes = fc.property(fc.uint8Array({ maxLength: 12 }), (any) => textOf(any) === reference(any))
    const texts = fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (any) => textOf(new TextEncoder().encode(any)) === any)
    expect([fc.check(bytes, { numRuns: 20_000 }).failed, fc.check(texts).failed]).toEqual([false, false])
  })
})
