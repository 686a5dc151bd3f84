import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { drawableText, glyphsOf } from '../../../../../electron/core/report/font-coverage.ts'
import { reportPdf } from '../../../../../electron/core/report/to-pdf.ts'
import type { ReportDocument } from '../../../../../shared/domain/report/document.ts'

const FONT = join(import.meta.dirname, '../../../../../node_modules/pdfmake/fonts/Roboto/Roboto-Regular.ttf')

test('the font has Latin, Greek and Cyrillic, and nothing of Chinese, Arabic or Hebrew', () => {
  const has = glyphsOf(FONT)
  for (const sign of 'Aé€ßŁΩЖ–…') expect([sign, has(sign.codePointAt(0)!)]).toEqual([sign, true])
  for (const sign of '工厂مא日') expect([sign, has(sign.codePointAt(0)!)]).toEqual([sign, false])
})

test('what the font lacks stands as its numbers, and nothing vanishes', () => {
  expect(drawableText('工厂 Lyon 队', glyphsOf(FONT))).toBe('[U+5DE5 U+5382] Lyon [U+961F]')
  expect(drawableText('Łódź', glyphsOf(FONT))).toBe('Łódź')
})

const document = (fleet: string): ReportDocument => ({
  ...{
    v: 1,
    kind: 'compliance',
    title: 'Compliance report',
    sentence: 'Nothing happened.',
    fleet,
    currency: 'EUR',
    isWhole: true,
    devices: [],
  },
  question: { kind: 'compliance', query: '', model: null, rollout: null, from: 0, through: 86_400_000, zone: 'UTC' },
  ...{ models: [], madeAt: 86_400_000, madeBy: '0.1.0', sections: [] },
})
const seal = {
  statement: { report: 1, facts: 0, dataHash: 'a'.repeat(64), documentHash: 'b'.repeat(64) } as never,
  ...{ keyId: 'k', signature: 's' },
}

/** The signs of a PDF: of each font that is in it, the map back from glyphs to Unicode, in the order in which they were first drawn. */
function drawnSigns(pdf: Uint8Array): string {
  const bytes = Buffer.from(pdf)
  const text = bytes.toString('latin1')
  const maps = [...text.matchAll(/stream\r?\n/g)].flatMap((match) => {
    const start = match.index + match[0].length
    try {
      const map = inflateSync(bytes.subarray(start, text.indexOf('endstream', start))).toString('latin1')
      return map.includes('beginbfrange') ? [map] : []
    } catch {
      return []
    }
  })
  return maps
    .flatMap((map) => [...map.matchAll(/<([0-9a-f]{4})>/gi)].map(([, code]) => String.fromCodePoint(Number.parseInt(code!, 16))))
    .join('')
}

test('a PDF draws the numbers of such signs and says why; one that needs none says nothing', async () => {
  const chinese = drawnSigns(await reportPdf(document('工厂 Plant'), seal))
  expect(chinese).toContain('[')
  expect(chinese).toContain('+')
  expect(chinese).not.toContain('工')
  const plain = drawnSigns(await reportPdf(document('Plant'), seal))
  expect(plain).not.toContain('[')
  expect(plain).toContain('P')
})
