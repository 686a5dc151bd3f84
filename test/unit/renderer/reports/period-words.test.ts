import { expect, test } from 'vitest'
import { draftOfDays, draftOfSpan, periodWords, spanOf, zoneNames } from '../../../../renderer/screens/reports/period-words.ts'

const at = (text: string): number => Date.parse(text)
const none = { first: '', last: '' }
/** A Friday, in summer time in Paris. */
const now = at('2026-05-15T10:40:00Z')

test('whole days are said by their first and last, anything else with its times, in the zone of the report', () => {
  const paris = { zone: 'Europe/Paris' }
  expect(periodWords({ from: at('2026-05-03T22:00:00Z'), through: at('2026-05-10T22:00:00Z'), ...paris })).toBe('04 May to 10 May 2026')
  expect(periodWords({ from: at('2026-05-03T22:00:00Z'), through: at('2026-05-04T22:00:00Z'), ...paris })).toBe('04 May 2026')
  expect(periodWords({ from: at('2026-05-03T21:00:00Z'), through: at('2026-05-04T22:00:00Z'), ...paris })).toBe(
    '03 May 23:00 to 05 May 2026 00:00',
  )
})

test('a year is said twice where the period begins in the one before', () => {
  const span = { from: at('2025-12-29T00:00:00Z'), through: at('2026-01-05T00:00:00Z'), zone: 'UTC' }
  expect(periodWords(span)).toBe('29 Dec 2025 to 04 Jan 2026')
})

test.each([
  { choice: 'yesterday', from: '2026-05-13T22:00:00Z', through: '2026-05-14T22:00:00Z' },
  { choice: 'last-week', from: '2026-05-03T22:00:00Z', through: '2026-05-10T22:00:00Z' },
  { choice: 'last-month', from: '2026-03-31T22:00:00Z', through: '2026-04-30T22:00:00Z' },
  // The newest quarter of an hour may still be on its way.
  { choice: '7d', from: '2026-05-08T10:00:00Z', through: '2026-05-15T10:00:00Z' },
] as const)('$choice of Paris', ({ choice, from, through }) => {
  expect(spanOf({ choice, ...none }, 'Europe/Paris', now)).toEqual({ from: at(from), through: at(through) })
})

test('days that are named count both, over a change of clocks, and end where the records do', () => {
  const span = spanOf({ choice: 'days', first: '2026-03-28', last: '2026-03-29' }, 'Europe/Paris', now)
  expect(span).toEqual({ from: at('2026-03-27T23:00:00Z'), through: at('2026-03-29T22:00:00Z') })
  expect(spanOf({ choice: 'days', first: '2026-05-15', last: '2026-05-20' }, 'UTC', now)).toEqual({
    ...{ from: at('2026-05-15T00:00:00Z'), through: at('2026-05-15T10:00:00Z') },
  })
})

test.each([
  { first: '', last: '' },
  { first: '2026-05-02', last: '2026-05-01' },
  { first: '2026-05-16', last: '2026-05-17' },
])('nothing is asked for by $first to $last', (days) => {
  expect(spanOf({ choice: 'days', ...days }, 'UTC', now)).toBeNull()
})

test('a template and an older report fill the form with days that come to the same', () => {
  expect(draftOfDays(30, 'UTC', now)).toEqual({ choice: '30d', ...none })
  expect(draftOfDays(1, 'UTC', now)).toEqual({ choice: 'yesterday', ...none })
  expect(draftOfDays(14, 'UTC', now)).toEqual({ choice: 'days', first: '2026-05-01', last: '2026-05-14' })
  const question = { from: at('2026-04-30T22:00:00Z'), through: at('2026-05-02T22:00:00Z'), zone: 'Europe/Paris' }
  const draft = draftOfSpan(question)
  expect(draft).toEqual({ choice: 'days', first: '2026-05-01', last: '2026-05-02' })
  expect(spanOf(draft, 'Europe/Paris', now)).toEqual({ from: question.from, through: question.through })
})

test('every zone can be chosen once', () => {
  const names = zoneNames('Asia/Kolkata')
  expect(new Set(names).size).toBe(names.length)
  expect(names).toEqual(expect.arrayContaining(['UTC', 'Asia/Kolkata', 'Europe/Paris']))
})
