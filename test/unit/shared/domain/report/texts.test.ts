import { expect, test } from 'vitest'
import type { ReportDocument } from '../../../../../shared/domain/report/document.ts'
import { shownText, withTexts } from '../../../../../shared/domain/report/texts.ts'

test('what would steer a reader is written out, and other signs stay', () => {
  expect(shownText('bad\u0001\u202Egnp.exe\uFFFE')).toBe('bad[U+0001][U+202E]gnp.exe[U+FFFE]')
  expect(shownText('one\r\ntwo\tthree')).toBe('one two three')
  expect(shownText('\uD800 alone')).toBe('[U+D800] alone')
  expect(shownText('工厂 Łódź 🙂')).toBe('工厂 Łódź 🙂')
})

test('every text of a document is changed, and nothing else', () => {
  const figure = { id: 'f', label: 'l', unit: 'text', value: 'v', low: null, high: null, n: null, note: 'n' } as const
  const document: ReportDocument = {
    ...{ v: 1, kind: 'fleet', title: 'a', sentence: 'b', fleet: 'c', currency: 'EUR', isWhole: false, devices: ['cam-1'] },
    question: { kind: 'fleet', query: 'site = x', model: null, rollout: null, from: 0, through: 1, zone: 'UTC' },
    models: [{ deployment: 'd', model: 'm', version: '1', digest: 'e' }],
    ...{ madeAt: 1, madeBy: '0.1.0' },
    sections: [
      {
        ...{ id: 's', title: 't', isOfThen: false },
        blocks: [
          { kind: 'sentence', text: 'x' },
          { kind: 'figures', id: 'g', figures: [figure] },
          {
            kind: 'table',
            id: 'h',
            title: 'q',
            columns: [{ id: 'c', label: 'k', unit: 'text' }],
            keys: 1,
            rows: [['r', 1, null]],
            note: 'o',
          },
          {
            ...{ kind: 'chart', id: 'i', title: 'y', unit: 'count', form: 'bars', bucketMs: 1, times: [0] },
            series: [{ id: 'z', name: 'w', values: [1], low: null, high: null }],
          },
        ],
      },
    ],
  }
  const seen: string[] = []
  const changed = withTexts(document, (text) => {
    seen.push(text)
    return text.toUpperCase()
  })
  expect(seen.sort()).toEqual(['1', 'a', 'b', 'c', 'd', 'k', 'l', 'm', 'n', 'o', 'q', 'r', 't', 'v', 'w', 'x', 'y'])
  expect(changed.question).toEqual(document.question)
  expect(changed.devices).toEqual(['cam-1'])
  expect(withTexts(document, (text) => text)).toEqual(document)
})
