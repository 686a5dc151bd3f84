import { expect, test } from 'vitest'
import { changeInWords, timeBefore, type FigureKind } from '../../../../renderer/screens/overview/figure-words.ts'

const cases: [string, FigureKind, number | null, number | null, string][] = [
  ['an amount that fell', 'amount', 96, 100, '4.0 % lower than the hour before'],
  ['an amount that rose', 'amount', 150, 100, '50 % higher than the hour before'],
  ['an amount that multiplied', 'amount', 450, 100, '4.5 times as much as the hour before'],
  ['an amount that nobody could see change', 'amount', 100.2, 100, 'same as the hour before'],
  ['nothing before', 'amount', 5, null, 'nothing the hour before'],
  ['zero before', 'amount', 5, 0, 'none the hour before'],
  ['zero now and before', 'amount', 0, 0, 'same as the hour before'],
  ['fallen to zero', 'amount', 0, 8, '100 % lower than the hour before'],
  ['nothing now', 'amount', null, 5, 'nothing now'],
  ['never anything', 'amount', null, null, 'nothing the hour before either'],
  ['a proportion that fell', 'proportion', 0.963, 0.967, '0.4 percentage points lower than the hour before'],
  ['a proportion that rose a little', 'proportion', 0.0012, 0.0005, '0.07 percentage points higher than the hour before'],
  ['a proportion that stayed', 'proportion', 0.96, 0.9601, 'same as the hour before'],
]
test.each(cases)('%s', (...[, kind, value, before, words]) => {
  expect(changeInWords({ value, before, beforeMs: 3_600_000 }, kind)).toBe(words)
})

test('the time of the comparison is named as it is', () => {
  expect([86_400_000, 3_600_000, 600_000].map(timeBefore)).toEqual(['the day before', 'the hour before', 'the 10 min before'])
})
