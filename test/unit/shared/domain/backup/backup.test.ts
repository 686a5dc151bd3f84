import { describe, expect, test } from 'vitest'
import { spareBackups } from '../../../../../shared/domain/backup/keep.ts'
import { dueAt, isOverdue, usualSchedule } from '../../../../../shared/domain/backup/schedule.ts'

const local = (...parts: [number, number, number, number?, number?]): number => new Date(...parts).getTime()
const DAY = 86_400_000

describe('when a backup is due', () => {
  test.each([
    { name: 'before the hour, on that day', after: local(2026, 0, 5, 1, 0), due: local(2026, 0, 5, 3, 0) },
    { name: 'after the hour, on the next', after: local(2026, 0, 5, 4, 0), due: local(2026, 0, 6, 3, 0) },
    { name: 'at the hour itself, on the next', after: local(2026, 0, 5, 3, 0), due: local(2026, 0, 6, 3, 0) },
    { name: 'over the end of a year', after: local(2025, 11, 31, 22, 0), due: local(2026, 0, 1, 3, 0) },
  ])('$name', ({ after, due }) => {
    expect(dueAt(usualSchedule, after)).toBe(due)
  })

  test('a console that was off is not blamed at once, and a schedule that is off never', () => {
    const after = local(2026, 0, 5, 4, 0)
    expect(isOverdue(usualSchedule, after, local(2026, 0, 6, 12, 0))).toBe(false)
    expect(isOverdue(usualSchedule, after, local(2026, 0, 7, 3, 1))).toBe(true)
    expect(isOverdue({ ...usualSchedule, isOn: false }, after, local(2027, 0, 1))).toBe(false)
  })
})

describe('which backups may go', () => {
  /** One each night for so many nights, the newest on Sunday, 2026-03-01. */
  const nights = (count: number): { name: string; madeAt: number }[] =>
    Array.from({ length: count }, (_, n) => {
      const madeAt = new Date(2026, 2, 1 - n, 3, 0).getTime()
      return { name: new Date(madeAt).toDateString(), madeAt }
    })

  test('seven days, four weeks and six months stay of a year of nights', () => {
    const all = nights(365)
    const spare = new Set(spareBackups(all, usualSchedule.keep))
    const kept = all.filter(({ name }) => !spare.has(name)).map(({ madeAt }) => new Date(madeAt).toISOString().slice(0, 10))
    expect(kept).toEqual([
      ...['2026-03-01', '2026-02-28', '2026-02-27', '2026-02-26', '2026-02-25', '2026-02-24', '2026-02-23'],
      ...['2026-02-22', '2026-02-15', '2026-02-08', '2026-01-31', '2025-12-31', '2025-11-30', '2025-10-31'],
    ])
  })

  test('the newest always stays, however few are wanted', () => {
    const all = nights(3)
    expect(spareBackups(all, { daily: 1, weekly: 0, monthly: 0 })).toEqual(all.slice(1).map(({ name }) => name))
    expect(spareBackups([], usualSchedule.keep)).toEqual([])
  })

  test('of a day only the newest counts, and gaps in time cost nothing', () => {
    const morning = { name: 'morning', madeAt: local(2026, 0, 5, 3) }
    const noon = { name: 'noon', madeAt: local(2026, 0, 5, 12) }
    const old = { name: 'old', madeAt: noon.madeAt - 200 * DAY }
    expect(spareBackups([morning, old, noon], usualSchedule.keep)).toEqual(['morning'])
  })
})
