import { describe, expect, test } from 'vitest'
import { momentOf, momentText } from '../../../../renderer/screens/rollouts/wizard/plan/moment-text.ts'
import { cronOf, dailyOf, nextOpenings, windowWords } from '../../../../renderer/screens/rollouts/wizard/plan/window-words.ts'

describe('a window as a time of day', () => {
  test.each([
    ['0 2 * * *', { hour: 2, minute: 0, days: [] }],
    ['30 22 * * 1-5', { hour: 22, minute: 30, days: [1, 2, 3, 4, 5] }],
    ['0 0 * * 6,7', { hour: 0, minute: 0, days: [6, 0] }],
    ['0 2 1 * *', null],
    ['*/5 2 * * *', null],
    ['61 2 * * *', null],
    ['0 24 * * *', null],
  ])('%s', (cron, daily) => expect(dailyOf(cron)).toEqual(daily))

  test('is written as cron again', () => {
    expect(cronOf({ hour: 2, minute: 5, days: [] })).toBe('5 2 * * *')
    expect(cronOf({ hour: 2, minute: 5, days: [6, 0] })).toBe('5 2 * * 0,6')
    expect(cronOf({ hour: 2, minute: 5, days: [0, 1, 2, 3, 4, 5, 6] })).toBe('5 2 * * *')
  })

  test('is said in words', () => {
    const at = (cron: string, minutes = 240, timeZone = 'site') => windowWords({ cron, minutes, timeZone })
    expect(at('0 2 * * *')).toBe('every day 02:00 to 06:00, on the clock of each site')
    expect(at('0 22 * * 1-5', 240, 'UTC')).toBe('on weekdays 22:00 to 02:00 the next day, UTC')
    expect(at('0 2 * * 0,6')).toBe('at weekends 02:00 to 06:00, on the clock of each site')
    expect(at('0 2 * * 2,4')).toBe('on Tue, Thu 02:00 to 06:00, on the clock of each site')
    expect(at('0 2 1 * *', 60, 'UTC')).toBe('at 0 2 1 * * for 60 min, UTC')
  })
})

describe('the next openings', () => {
  // A Friday, 03:00 UTC.
  const now = Date.UTC(2026, 10, 27, 3)

  test('are those to come on the clock of the zone', () => {
    expect(nextOpenings({ cron: '0 2 * * *', minutes: 60, timeZone: 'UTC' }, now, 2)).toEqual([
      'Sat 28 Nov 02:00 to 03:00',
      'Sun 29 Nov 02:00 to 03:00',
    ])
    // It is still Thursday evening there.
    expect(nextOpenings({ cron: '0 23 * * *', minutes: 60, timeZone: 'America/New_York' }, now, 1)).toEqual([
      'Thu 26 Nov 23:00 to 00:00 the next day',
    ])
    expect(nextOpenings({ cron: '0 2 * * 1', minutes: 60, timeZone: 'UTC' }, now)).toEqual([
      'Mon 30 Nov 02:00 to 03:00',
      'Mon 7 Dec 02:00 to 03:00',
    ])
  })

  test('are not guessed for more than a time of day, nor for a zone that does not exist', () => {
    expect(nextOpenings({ cron: '0 2 1 * *', minutes: 60, timeZone: 'UTC' }, now)).toBeNull()
    expect(nextOpenings({ cron: '0 2 * * *', minutes: 60, timeZone: 'Mars/Base' }, now)).toBeNull()
  })
})

test('a moment goes into a field of date and time and back', () => {
  const at = new Date(2026, 10, 27, 14, 30).getTime()
  expect(momentText(at)).toBe('2026-11-27T14:30')
  expect(momentOf(momentText(at))).toBe(at)
  expect([momentOf(''), momentOf('2026-13-40T00:00')]).toEqual([null, null])
})
