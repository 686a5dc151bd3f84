import { expect, test } from 'vitest'
import { timeAxis } from '../../../../../electron/core/report/time-axis.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const at = (text: string): number => Date.parse(text)
const question = (from: string, through: string, zone: string) => ({
  ...{ kind: 'fleet' as const, query: '', model: null, rollout: null, zone, from: at(from), through: at(through) },
})
const FINE = { finestMs: 300_000, hasHours: true }

test('days are those of the zone: four days of New York are four intervals, from midnight to midnight there', () => {
  const axis = timeAxis(question('2026-06-02T04:00:00Z', '2026-06-06T04:00:00Z', 'America/New_York'), FINE)
  expect(axis.times.map((time) => new Date(time).toISOString())).toEqual([
    '2026-06-02T04:00:00.000Z',
    '2026-06-03T04:00:00.000Z',
    '2026-06-04T04:00:00.000Z',
    '2026-06-05T04:00:00.000Z',
  ])
  expect(axis).toMatchObject({ readMs: HOUR, zone: undefined })
  // Three in the morning in UTC is still the evening before.
  expect(axis.of(at('2026-06-03T03:00:00Z'))).toBe(at('2026-06-02T04:00:00Z'))
  expect(axis.of(at('2026-06-03T04:00:00Z'))).toBe(at('2026-06-03T04:00:00Z'))
})

test('the day on which clocks go forward is an hour shorter, and whole', () => {
  const axis = timeAxis(question('2026-03-26T23:00:00Z', '2026-03-30T22:00:00Z', 'Europe/Paris'), FINE)
  expect(axis.times.slice(1).map((time, i) => (time - axis.times[i]!) / HOUR)).toEqual([24, 24, 23])
  expect(axis.times.every((time) => axis.isWhole(time))).toBe(true)
})

test('parts of a day at the ends of a period are not compared with whole ones', () => {
  const axis = timeAxis(question('2026-06-01T13:00:00Z', '2026-06-06T13:00:00Z', 'UTC'), FINE)
  expect(axis.times.map((time) => axis.isWhole(time))).toEqual([false, true, true, true, true, false])
})

test.each([
  ['hours are not kept any more', 'Europe/Paris', { finestMs: DAY, hasHours: true }],
  ['there are too many single devices', 'Europe/Paris', { finestMs: 300_000, hasHours: false }],
  ['days begin within an hour', 'Asia/Kolkata', FINE],
])('where %s, days are those of UTC and say so', (_, zone, of) => {
  const axis = timeAxis(question('2026-06-01T22:00:00Z', '2026-06-06T22:00:00Z', zone), of)
  expect(axis).toMatchObject({ zone: 'UTC', readMs: DAY })
  expect(axis.times[0]).toBe(at('2026-06-01T00:00:00Z'))
  expect(timeAxis(question('2026-06-01T00:00:00Z', '2026-06-06T00:00:00Z', 'UTC'), of).zone).toBeUndefined()
})

test('however long a period is, its intervals fit into a document', () => {
  for (const from of ['1970-01-01T00:00:00Z', '2000-01-01T00:00:00Z', '2025-06-01T00:00:00Z', '2025-12-30T00:00:00Z']) {
    const { times } = timeAxis(question(from, '2026-01-01T00:00:00Z', 'UTC'), FINE)
    expect([from, times.length > 10 && times.length <= 202]).toEqual([from, true])
  }
})
