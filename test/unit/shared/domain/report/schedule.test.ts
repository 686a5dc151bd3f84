import { describe, expect, test } from 'vitest'
import {
  beginOfDay,
  duePeriod,
  lastPeriod,
  nextReportAt,
  reportPlan,
  spareReports,
  type ReportPlan,
} from '../../../../../shared/domain/report/schedule.ts'

const at = (text: string): number => Date.parse(text)
const plan = (change: Partial<ReportPlan> = {}): ReportPlan => reportPlan.parse({ every: 'daily', zone: 'Europe/Paris', ...change })

describe('the last whole period, in the zone of the plan', () => {
  test.each([
    { every: 'daily', now: '2026-01-10T12:00:00Z', from: '2026-01-08T23:00:00Z', through: '2026-01-09T23:00:00Z' },
    // Half past eleven at night in UTC is the next day in Paris.
    { every: 'daily', now: '2026-01-10T23:30:00Z', from: '2026-01-09T23:00:00Z', through: '2026-01-10T23:00:00Z' },
    // The day on which clocks go forward has 23 hours, the one on which they go back 25.
    { every: 'daily', now: '2026-03-30T12:00:00Z', from: '2026-03-28T23:00:00Z', through: '2026-03-29T22:00:00Z' },
    { every: 'daily', now: '2026-10-26T12:00:00Z', from: '2026-10-24T22:00:00Z', through: '2026-10-25T23:00:00Z' },
    // A Saturday: the week from Monday to Monday before.
    { every: 'weekly', now: '2026-01-10T12:00:00Z', from: '2025-12-28T23:00:00Z', through: '2026-01-04T23:00:00Z' },
    { every: 'monthly', now: '2026-01-10T12:00:00Z', from: '2025-11-30T23:00:00Z', through: '2025-12-31T23:00:00Z' },
    { every: 'monthly', now: '2026-04-01T00:00:00Z', from: '2026-02-28T23:00:00Z', through: '2026-03-31T22:00:00Z' },
  ] as const)('$every at $now', ({ every, now, from, through }) => {
    expect(lastPeriod(plan({ every }), at(now))).toEqual({ from: at(from), through: at(through) })
  })

  // Midnight does not exist on these days: clocks go from it to one in the morning.
  test.each([
    { zone: 'America/Santiago', now: '2026-09-06T12:00:00Z', from: '2026-09-05T04:00:00Z', through: '2026-09-06T04:00:00Z' },
    { zone: 'America/Santiago', now: '2026-09-07T12:00:00Z', from: '2026-09-06T04:00:00Z', through: '2026-09-07T03:00:00Z' },
    { zone: 'Atlantic/Azores', now: '2026-03-30T12:00:00Z', from: '2026-03-29T01:00:00Z', through: '2026-03-30T00:00:00Z' },
    { zone: 'America/Havana', now: '2026-03-09T14:00:00Z', from: '2026-03-08T05:00:00Z', through: '2026-03-09T04:00:00Z' },
    { zone: 'Africa/Cairo', now: '2026-04-25T12:00:00Z', from: '2026-04-23T22:00:00Z', through: '2026-04-24T21:00:00Z' },
    // And a plain one west of UTC.
    { zone: 'America/New_York', now: '2026-03-09T12:00:00Z', from: '2026-03-08T05:00:00Z', through: '2026-03-09T04:00:00Z' },
  ])('$zone at $now', ({ zone, now, from, through }) => {
    expect(lastPeriod(plan({ zone }), at(now))).toEqual({ from: at(from), through: at(through) })
  })

  test('a day without midnight begins at one, and its report comes at its hour', () => {
    expect(beginOfDay('2026-09-06', 'America/Santiago')).toBe(at('2026-09-06T04:00:00Z'))
    const santiago = plan({ zone: 'America/Santiago', at: '06:00' })
    const done = at('2026-09-05T04:00:00Z')
    expect(duePeriod(santiago, done, at('2026-09-06T04:05:00Z'))).toBeNull()
    expect(nextReportAt(santiago, done, at('2026-09-06T04:05:00Z'))).toBe(at('2026-09-06T09:00:00Z'))
    // Half past two is left out: it is half past three.
    const newYork = plan({ zone: 'America/New_York', at: '02:30' })
    expect(nextReportAt(newYork, at('2026-03-07T05:00:00Z'), at('2026-03-07T12:00:00Z'))).toBe(at('2026-03-08T07:30:00Z'))
  })

  test('a zone half an hour off, and one beyond the date line', () => {
    const kolkata = lastPeriod(plan({ zone: 'Asia/Kolkata' }), at('2026-01-10T12:00:00Z'))
    expect(kolkata).toEqual({ from: at('2026-01-08T18:30:00Z'), through: at('2026-01-09T18:30:00Z') })
    const kiritimati = lastPeriod(plan({ zone: 'Pacific/Kiritimati' }), at('2026-01-10T12:00:00Z'))
    expect(kiritimati.through).toBe(at('2026-01-10T10:00:00Z'))
  })
})

test('a report is due when its time of day has come, once', () => {
  const done = at('2026-01-08T23:00:00Z')
  expect(duePeriod(plan({ at: '06:00' }), done, at('2026-01-10T04:59:00Z'))).toBeNull()
  const due = duePeriod(plan({ at: '06:00' }), done, at('2026-01-10T05:00:00Z'))
  expect(due).toEqual({ from: done, through: at('2026-01-09T23:00:00Z') })
  expect(duePeriod(plan({ at: '06:00' }), due!.through, at('2026-01-10T22:00:00Z'))).toBeNull()
  // A console that slept for a month makes the last one, and not thirty.
  expect(duePeriod(plan(), done, at('2026-02-10T12:00:00Z'))).toEqual({
    from: at('2026-02-08T23:00:00Z'),
    through: at('2026-02-09T23:00:00Z'),
  })
})

test.each([
  { every: 'daily', done: '2026-01-09T23:00:00Z', next: '2026-01-11T05:00:00Z' },
  { every: 'weekly', done: '2026-01-04T23:00:00Z', next: '2026-01-12T05:00:00Z' },
  { every: 'monthly', done: '2025-12-31T23:00:00Z', next: '2026-02-01T05:00:00Z' },
  { every: 'monthly', done: '2025-11-30T23:00:00Z', next: '2026-01-01T05:00:00Z' },
] as const)('the next $every report after $done', ({ every, done, next }) => {
  expect(nextReportAt(plan({ every }), at(done), at('2026-01-10T12:00:00Z'))).toBe(at(next))
})

test('kept are the newest by number, and none that is too old; the newest always stays', () => {
  const DAY = 86_400_000
  const reports = [9, 8, 7, 6, 5].map((id, i) => ({ id, madeAt: 100 * DAY - i * 10 * DAY }))
  expect(spareReports(reports, { keepCount: 3, keepDays: null }, 100 * DAY)).toEqual([6, 5])
  expect(spareReports(reports, { keepCount: 10, keepDays: 15 }, 100 * DAY)).toEqual([7, 6, 5])
  expect(spareReports(reports, { keepCount: 1, keepDays: 1 }, 500 * DAY)).toEqual([8, 7, 6, 5])
})
