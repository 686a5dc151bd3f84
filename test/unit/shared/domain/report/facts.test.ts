import { expect, test } from 'vitest'
import type { ReportDocument, ReportTable } from '../../../../../shared/domain/report/document.ts'
import { plainFigure } from '../../../../../shared/domain/report/document.ts'
import { compareFacts, factsOf, isSameValue } from '../../../../../shared/domain/report/facts.ts'
import { axisText, figureText, valueText } from '../../../../../shared/domain/report/value-text.ts'

const table = (rows: ReportTable['rows']): ReportTable => ({
  ...{ kind: 'table', id: 't', title: '', keys: 1, rows, note: '' },
  columns: [
    { id: 'key', label: 'Key', unit: 'text' },
    { id: 'n', label: 'n', unit: 'count' },
  ],
})

function document(rows: ReportTable['rows'], isOfThen = false): ReportDocument {
  return {
    ...{ v: 1, kind: 'fleet', title: '', sentence: '', fleet: '', currency: 'EUR', isWhole: true, devices: [], models: [] },
    question: { kind: 'fleet', query: '', model: null, rollout: null, from: 0, through: 1, zone: 'UTC' },
    ...{ madeAt: 1, madeBy: '0.1.0' },
    sections: [{ id: 's', title: '', isOfThen, blocks: [{ kind: 'sentence', text: 'x' }, table(rows)] }],
  }
}

test('each value has one place, also where two rows have one key', () => {
  expect(
    [
      ...factsOf(
        document([
          ['a', 1],
          ['a', 2],
          ['b', null],
        ]),
      ),
    ].map(({ place, value }) => [place, value]),
  ).toEqual([
    ['s/t/a/n', 1],
    ['s/t/a#2/n', 2],
    ['s/t/b/n', null],
  ])
})

test('what changed, came and went is named; what cannot be known is counted apart', () => {
  expect(
    compareFacts(
      document([
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ]),
      document([
        ['a', 1],
        ['b', 5],
        ['d', 4],
      ]),
      10,
    ),
  ).toEqual({
    ...{ compared: 3, ofThen: 0, gone: 0, differing: 3 },
    differences: [
      { place: 's/t/b/n', reported: 2, now: 5 },
      { place: 's/t/c/n', reported: 3, now: undefined },
      { place: 's/t/d/n', reported: undefined, now: 4 },
    ],
  })
  expect(compareFacts(document([['a', 1]], true), document([['a', 9]], true), 10)).toMatchObject({ compared: 0, ofThen: 1, differing: 0 })
  expect(
    compareFacts(
      document([
        ['a', 1],
        ['b', 2],
      ]),
      document([]),
      1,
    ),
  ).toMatchObject({ differing: 2, differences: [{ place: 's/t/a/n' }] })
})

test('the last digits of a sum are no difference; nothing and zero are', () => {
  expect(isSameValue(0.1 + 0.2, 0.3)).toBe(true)
  expect(isSameValue(1000, 1001)).toBe(false)
  expect(isSameValue(null, 0)).toBe(false)
  expect(isSameValue(null, undefined)).toBe(false)
})

test('values as people read them', () => {
  const style = { zone: 'Asia/Tokyo', currency: 'EUR' }
  const written = (value: string | number | null, unit: Parameters<typeof valueText>[1]): string => valueText(value, unit, style)
  expect([written(null, 'count'), written(0, 'count'), written(1234567, 'count')]).toEqual(['–', '0', '1,234,567'])
  expect([written(0.12345, 'share'), written(12.34, 'ms'), written(1_500_000, 'bytes')]).toEqual(['12.35 %', '12.3 ms', '1.5 MB'])
  expect([written(4.5, 'money'), written(Date.UTC(2026, 0, 1, 20), 'time'), written('x', 'count')]).toEqual([
    '4.50 EUR',
    '2026-01-02 05:00',
    'x',
  ])
  expect([axisText(12_500_000, 'count', style), axisText(900, 'count', style), axisText(5, 'ms', style)]).toEqual(['12.5M', '900', '5 ms'])
  const figure = { ...plainFigure({ id: 'a', label: 'A', unit: 'share', value: 0.75 }), low: 0.6, high: 0.9, n: 40 }
  expect(figureText(figure, style)).toBe('75 % (60 % to 90 %, n = 40)')
  expect(figureText({ ...figure, value: null }, style)).toBe('–')
})

test('what is not kept any more is no difference, and counted apart', () => {
  const gone = document([])
  const [section] = gone.sections
  const without: ReportDocument = { ...gone, sections: [{ ...section!, blocks: [{ ...table([]), isGone: true }] }] }
  const before = document([
    ['a', 1],
    ['b', 2],
  ])
  expect(compareFacts(before, without, 10)).toEqual({ compared: 0, ofThen: 0, gone: 2, differing: 0, differences: [] })
})
