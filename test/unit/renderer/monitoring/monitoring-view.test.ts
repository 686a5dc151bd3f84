import { describe, expect, it } from 'vitest'
import { paths } from '../../../../renderer/data/paths.ts'
import { peersLine, healthLine, versionLine } from '../../../../renderer/screens/monitoring/monitor-lines.ts'
import { healthView, lengthText, periods, spanOf, versionView, windowOf } from '../../../../renderer/screens/monitoring/monitoring-view.ts'

const of = { deployment: 'line 4', model: 'wine', version: '1.0.0' }

describe('the address of a monitored version', () => {
  it('holds what is looked at, and only what differs from nothing', () => {
    expect(paths.monitoringVersion(of)).toBe('/monitoring/line%204/wine/1.0.0')
    expect(paths.monitoringVersion(of, { tab: 'drift', device: '', feature: 'od280/od315' })).toBe(
      '/monitoring/line%204/wine/1.0.0?tab=drift&feature=od280%2Fod315',
    )
  })

  it('is read with defaults; times come as text', () => {
    expect(versionView.parse({ tab: 'drift', at: '3600000' })).toMatchObject({
      tab: 'drift',
      period: '24h',
      reference: 'training',
      at: 3_600_000,
    })
    expect(versionView.safeParse({ at: 'soon' }).success).toBe(false)
  })
})

describe('periods', () => {
  it('end at the next step, so that a question stays the same for a while', () => {
    const now = Date.UTC(2026, 0, 5, 12, 0, 1)
    const { from, through } = spanOf('1h', now)
    expect(through - from).toBe(periods['1h'].ms)
    expect(through).toBeGreaterThanOrEqual(now)
    expect(spanOf('1h', now + 5000)).toEqual({ from, through })
    expect(spanOf('1h', now + 20_000)).not.toEqual({ from, through })
  })

  it('bring a fitting verdict window, which a person can overrule', () => {
    expect(windowOf({ period: '1h', window: 'auto' })).toBe(300_000)
    expect(windowOf({ period: '1h', window: '1d' })).toBe(86_400_000)
  })

  it('never ask for more windows than an answer lists', () => {
    for (const { ms, windowMs } of Object.values(periods)) expect(ms / windowMs).toBeLessThanOrEqual(400)
  })

  it('have lengths in words without rounding', () => {
    expect([45_000, 300_000, 3_600_000, 21_600_000, 86_400_000, 172_800_000].map(lengthText)).toEqual([
      '45 s',
      '5 min',
      '1 h',
      '6 h',
      '1 day',
      '2 days',
    ])
  })
})

describe('views as lines of a shell', () => {
  const view = (given: Record<string, unknown>) => versionView.parse(given)
  it.each([
    [{}, "monitor health --deployment 'line 4'"],
    [{ tab: 'devices', query: 'site = lyon' }, "monitor health --deployment 'line 4' --query 'site = lyon' --by device"],
    [{ tab: 'drift' }, "monitor drift 'line 4' wine@1.0.0"],
    [
      { tab: 'drift', period: '1h', device: 'cam-1', reference: 'peers' },
      "monitor drift 'line 4' wine@1.0.0 --device cam-1 --reference peers --window 5m --since 1h",
    ],
    [{ tab: 'drift', feature: 'outcome', role: 'outcome' }, "monitor feature 'line 4' wine@1.0.0 outcome --role outcome"],
    [{ tab: 'data', reference: 'peers' }, "monitor data-quality 'line 4' wine@1.0.0 --since 3h"],
    [{ tab: 'data', over: 'period' }, "monitor data-quality 'line 4' wine@1.0.0"],
    [
      { tab: 'data', period: '1h', reference: 'device-baseline' },
      "monitor data-quality 'line 4' wine@1.0.0 --reference device-baseline --since 15m",
    ],
    [{ tab: 'quality', period: '7d' }, "monitor quality 'line 4' wine@1.0.0 --since 7d"],
  ])('%o', (given, words) => expect(versionLine(of, view(given))).toBe(`npm run -s muster -- ${words}`))

  it('of the start page and of a device', () => {
    expect(healthLine(healthView.parse({ by: 'device', period: '7d' }))).toBe('npm run -s muster -- monitor health --by device --since 7d')
    expect(peersLine('cam-1', '1h')).toBe('npm run -s muster -- monitor peers cam-1 --since 1h')
  })
})
