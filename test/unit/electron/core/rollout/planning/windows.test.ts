import { describe, expect, it } from 'vitest'
import { NEVER, openWindows, shareOfHash } from '../../../../../../electron/core/rollout/planning/windows.ts'
import type { TimeWindow } from '../../../../../../shared/domain/rollout/plan.ts'
import { waveHash } from '../../../../../../electron/core/rollout/engine/waves.ts'

const at = (text: string): number => Date.parse(text)
const window = (change: Partial<TimeWindow> = {}): TimeWindow => ({ cron: '0 2 * * *', minutes: 60, timeZone: 'UTC', ...change })
const alone = { zone: 'UTC', hash: 0, isSpread: false }

describe('a window', () => {
  it.each([
    ['is shut before it', '2026-01-01T01:59:59.999Z', false, '2026-01-01T02:00:00Z'],
    ['is open from its first moment', '2026-01-01T02:00:00.000Z', true, '2026-01-01T02:00:00Z'],
    ['is open up to its last', '2026-01-01T02:59:59.999Z', true, '2026-01-01T02:00:00Z'],
    ['is shut from its end on', '2026-01-01T03:00:00.000Z', false, '2026-01-02T02:00:00Z'],
  ])('%s', (_, now, isOpen, opensAt) => {
    expect(openWindows('UTC').placeIn(window(), alone, at(now))).toEqual({
      isOpen,
      opensAt: at(opensAt),
      closesAt: at(opensAt) + 3_600_000,
    })
  })

  it('gives the same whatever was asked before', () => {
    const kept = openWindows('UTC')
    for (const now of [
      '2026-01-05T02:30:00Z',
      '2026-01-01T00:00:00Z',
      '2026-01-01T02:30:00Z',
      '2025-06-01T00:00:00Z',
      '2026-01-05T02:30:00Z',
    ])
      expect(kept.placeIn(window(), alone, at(now))).toEqual(openWindows('UTC').placeIn(window(), alone, at(now)))
  })

  it.each([
    ['a time that the clock skips in spring comes right after the gap', '2026-03-29T00:00:00Z', '2026-03-29T01:00:00Z'],
    ['a time that comes twice in autumn counts once, the first time', '2026-10-24T23:00:00Z', '2026-10-25T00:30:00Z'],
    ['and not the second time', '2026-10-25T02:30:00Z', '2026-10-26T01:30:00Z'],
    ['summer', '2026-07-01T00:00:00Z', '2026-07-01T00:30:00Z'],
    ['winter', '2026-12-01T00:00:00Z', '2026-12-01T01:30:00Z'],
  ])('knows summer time: %s', (_, now, opensAt) => {
    const paris = window({ cron: '30 2 * * *', timeZone: 'Europe/Paris' })
    expect(new Date(openWindows('UTC').placeIn(paris, alone, at(now)).opensAt)).toEqual(new Date(opensAt))
  })

  it.each([
    ['the night in which clocks go back', '0 22 * * *', 480, '2026-10-24T20:00:00Z/2026-10-25T05:00:00Z'],
    ['the night in which clocks go forward', '0 22 * * *', 480, '2026-03-28T21:00:00Z/2026-03-29T04:00:00Z'],
    ['any other night', '0 22 * * *', 480, '2026-07-01T20:00:00Z/2026-07-02T04:00:00Z'],
    ['of days over the change', '0 2 * * 1', 9360, '2026-10-19T00:00:00Z/2026-10-25T13:00:00Z'],
    ['an end that the clock skips comes that much later', '30 1 * * *', 60, '2026-03-29T00:30:00Z/2026-03-29T01:30:00Z'],
    ['an end that comes twice is the first', '0 1 * * *', 90, '2026-10-24T23:00:00Z/2026-10-25T00:30:00Z'],
    ['a begin that the clock skips', '30 2 * * *', 60, '2026-03-29T01:00:00Z/2026-03-29T02:00:00Z'],
    ['that begins in the hour that comes twice', '30 2 * * *', 15, '2026-10-25T00:30:00Z/2026-10-25T00:45:00Z'],
  ])('ends by the clock on the wall: %s', (_, cron, minutes, span) => {
    const [opens = '', closes = ''] = span.split('/')
    const paris = window({ cron, minutes, timeZone: 'Europe/Paris' })
    const times = { opensAt: at(opens), closesAt: at(closes) }
    const windows = openWindows('UTC')
    for (const now of [at(opens) - 1, at(opens), at(closes) - 1])
      expect(windows.placeIn(paris, alone, now)).toEqual({ ...times, isOpen: now >= at(opens) })
    const after = windows.placeIn(paris, alone, at(closes))
    expect([after.isOpen, after.opensAt > at(opens)]).toEqual([after.opensAt === at(closes), true])
    // Whatever was asked before.
    expect(openWindows('UTC').placeIn(paris, alone, at(closes) - 1)).toEqual({ ...times, isOpen: true })
  })

  it('has a length in the hour that comes twice, and ends after it begins', () => {
    const often = window({ cron: '*/15 * * * *', minutes: 10, timeZone: 'Europe/Paris' })
    for (let now = at('2026-10-24T22:00:00Z'); now < at('2026-10-25T04:00:00Z'); now += 300_000) {
      const { opensAt, closesAt } = openWindows('UTC').placeIn(often, alone, now)
      expect([closesAt > now, closesAt - opensAt]).toEqual([true, 600_000])
    }
  })

  it('of the site is in the zone of the device, and in that of the console where the device has none', () => {
    const windows = openWindows('Asia/Tokyo')
    expect([{ tz: 'America/New_York' }, {}, { tz: 'Mars/Base' }, { tz: '+02:00' }].map((labels) => windows.zoneOf(labels))).toEqual([
      ...['America/New_York', 'Asia/Tokyo', 'Asia/Tokyo', 'Asia/Tokyo'],
    ])
    const of = (zone: string) => windows.placeIn(window({ timeZone: 'site' }), { ...alone, zone }, at('2026-01-01T12:00:00Z')).opensAt
    expect(of('America/New_York')).toBe(at('2026-01-02T07:00:00Z'))
    expect(of('Asia/Tokyo')).toBe(at('2026-01-01T17:00:00Z'))
  })

  it('spreads devices over it by their hash, each always at the same place, and leaves the last one time', () => {
    const windows = openWindows('UTC')
    const begins = Array.from({ length: 2000 }, (_, n) => {
      const hash = shareOfHash(waveHash(7, `cam-${n}`))
      return windows.placeIn(window(), { zone: 'UTC', hash, isSpread: true }, at('2026-01-01T00:00:00Z')).opensAt
    })
    const minutes = begins.map((moment) => (moment - at('2026-01-01T02:00:00Z')) / 60_000)
    expect(Math.min(...minutes)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...minutes)).toBeLessThan(54)
    // No stampede: of 2000 devices, no minute of 54 gets more than three times its share.
    const perMinute = Map.groupBy(minutes, Math.floor)
    expect(perMinute.size).toBe(54)
    expect(Math.max(...[...perMinute.values()].map((group) => group.length))).toBeLessThan((3 * 2000) / 54)
  })

  it('lets a late device in although windows overlap', () => {
    const often = window({ cron: '*/5 * * * *', minutes: 60 })
    expect(openWindows('UTC').placeIn(often, { zone: 'UTC', hash: 0.999, isSpread: true }, at('2026-01-01T12:00:00Z')).isOpen).toBe(true)
  })

  it('says never of a day that no year has', () => {
    const { isOpen, opensAt } = openWindows('UTC').placeIn(window({ cron: '0 0 30 2 *' }), alone, at('2026-01-01T00:00:00Z'))
    expect({ isOpen, opensAt }).toEqual({ isOpen: false, opensAt: NEVER })
  })

  it.each([
    [{ cron: '0 2 * *' }, 'no cron expression'],
    [{ cron: '99 2 * * *' }, 'no cron expression'],
    [{ cron: '0 0 2 * * *' }, 'no cron expression'],
    [{ timeZone: 'Mars/Base' }, 'no time zone'],
  ])('refuses %o', (change, message) => {
    expect(() => openWindows('UTC').placeIn(window(change), alone, 0)).toThrow(
      expect.objectContaining({ code: 'rollout.invalid', message: expect.stringContaining(message) as string }) as Error,
    )
  })
})
