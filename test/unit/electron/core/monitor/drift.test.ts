import { describe, expect, test } from 'vitest'
import type { MonitorParts } from '../../../../../electron/core/monitor/monitor-parts.ts'
import { openMonitor, type Monitor } from '../../../../../electron/core/monitor/monitor.ts'
import { openMonitoringScreens } from '../../../../../electron/core/monitor/screens.ts'
import {
  baselineOf,
  countRows,
  DEPLOYMENT,
  DIGEST,
  monitorParts,
  trafficOf,
  type CountedSlices,
  type Row,
} from '../../../../harness/counted-slices.ts'
import { normals, seeded } from '../../../shared/stats/oracle.ts'

const HOUR = 3_600_000
const WEEK = 7 * 24 * HOUR
/** A Monday, far enough from 1970 for earlier weeks. */
const NOW = Date.UTC(2026, 0, 26, 12, 30)
const hour = (back: number): number => Math.floor(NOW / HOUR) * HOUR - back * HOUR

const normal = normals(seeded(3))
const row = (shift = 0): Row => ({ alcohol: 13 + 0.8 * (normal() + shift), ash: normal(), colour: normal() > 0 ? 1 : 0 })
const rows = (n: number, shift = 0): Row[] => Array.from({ length: n }, () => row(shift))
const training = baselineOf(rows(1000))

interface Setup {
  parts: MonitorParts & { slices: CountedSlices }
  monitor: Monitor
  count(device: string, at: number, of: readonly Row[]): void
}

function setup(more: Partial<MonitorParts> = {}, baseline: typeof training | null = training): Setup {
  const parts = monitorParts(baseline, () => NOW, more)
  const { references } = parts.bundle(DIGEST) ?? { references: { features: [], outcome: null, confidence: null } }
  return {
    parts,
    monitor: openMonitor(parts),
    count: (device, at, of) => parts.slices.add(device, at, { counts: countRows(references, of), traffic: trafficOf(of.length, 2) }),
  }
}

const asked = (devices: string[] | null = null) => ({ devices, deployment: DEPLOYMENT, digest: DIGEST, through: NOW })
const hourly = { reference: 'training', windowMs: HOUR } as const
const states = (of: { features: { name: string; state: string }[] }): Record<string, string> =>
  Object.fromEntries(of.features.map(({ name, state }) => [name, state]))

describe('against training', () => {
  test('a shift of one feature is an alarm of that feature alone, in words with all that it rests on', () => {
    const { monitor, count } = setup()
    for (let back = 5; back >= 1; back -= 1) count('d1', hour(back), rows(300, back <= 3 ? 1 : 0))
    const drift = monitor.verdicts(asked(), { ...hourly, from: hour(24) })
    expect(states(drift)).toEqual({ alcohol: 'alarm', ash: 'ok', colour: 'ok' })
    const [alcohol] = drift.features
    expect(alcohol).toMatchObject({ alarms: 3, last: { n: 300, m: 1000, level: 'alarm', from: hour(1), through: hour(0) } })
    expect(alcohol!.last!.effect).toBeGreaterThan(0.2)
    expect(alcohol!.sentence).toMatch(
      /^alcohol has drifted: adjusted PSI \d\.\d\d \(alarm from 0\.20\), p < 0\.0001 over 3 features, 3 of the last 3 windows, \d+ of 300 values count; against training \(1000 rows\)\.$/,
    )
    expect(drift.reference).toMatchObject({ kind: 'training', id: `training:${DIGEST}`, rows: 1000, state: 'ready' })
    expect(drift.rule).toMatchObject({ warn: 0.1, alarm: 0.2, q: 0.05, leastValues: 100, warnFrom: 200, windows: 2, of: 3, windowMs: HOUR })
    expect(alcohol!.windows.map(({ level }) => level)).toEqual(['none', 'none', 'alarm', 'alarm', 'alarm'])
  })

  test('one window out of three is no alarm', () => {
    const { monitor, count } = setup()
    for (let back = 4; back >= 1; back -= 1) count('d1', hour(back), rows(300, back === 1 ? 1 : 0))
    const [alcohol] = monitor.verdicts(asked(), hourly).features
    expect(alcohol).toMatchObject({ state: 'ok', alarms: 1, last: { level: 'alarm' } })
  })

  test('too few values are insufficient data, never ok', () => {
    const { monitor, count } = setup()
    count('d1', hour(30), rows(60))
    const drift = monitor.verdicts(asked(), hourly)
    expect(new Set(drift.features.map(({ state }) => state))).toEqual(new Set(['insufficient data']))
    expect(drift.features[0]!.sentence).toMatch(/insufficient data: \d+ of 60 values count in the last window, 100 are needed/)
    expect(setup().monitor.verdicts(asked(), hourly).features[0]!.sentence).toMatch(/no verdict window is closed yet/)
  })

  test('values that depend on one another count as what they are worth', () => {
    const { monitor, count } = setup()
    let last = 0
    for (let back = 4; back >= 1; back -= 1) {
      const walk = Array.from({ length: 300 }, (): Row => {
        last = 0.95 * last + Math.sqrt(1 - 0.95 ** 2) * normal()
        return { alcohol: 13 + 0.8 * last, ash: normal(), colour: normal() > 0 ? 1 : 0 }
      })
      count('d1', hour(back), walk)
    }
    const alcohol = monitor.verdicts(asked(), hourly).features.find(({ name }) => name === 'alcohol')!
    expect(alcohol.state).toBe('insufficient data')
    expect(alcohol.last!.effective).toBeLessThan(60)
  })

  test('the running hour is open and says what it needs', () => {
    const { monitor, count } = setup()
    count('d1', hour(1), rows(300))
    count('d1', hour(0), rows(120))
    const { openWindow, features } = monitor.verdicts(asked(), hourly)
    expect(openWindow).toMatchObject({ from: hour(0), needs: 200 })
    expect(features[0]!.last!.through).toBe(hour(0))
  })

  test('a bundle without rows, and an unknown one, say why there is no reference', () => {
    const bare = setup({}, null)
    expect(bare.monitor.verdicts(asked(), hourly).reference).toMatchObject({
      state: 'none',
      why: expect.stringMatching(/No training rows/) as string,
    })
    const unknown = setup().monitor.verdicts({ ...asked(), digest: 'e'.repeat(64) }, hourly)
    expect(unknown).toMatchObject({ features: [], reference: { state: 'none' } })
  })

  test('counts of other bins under the same name are left out', () => {
    const { parts, monitor } = setup()
    const other = monitorParts(baselineOf(rows(400)), () => NOW).bundle(DIGEST)!
    for (let back = 4; back >= 1; back -= 1) parts.slices.add('d1', hour(back), { counts: countRows(other.references, rows(300, 2)) })
    expect(new Set(monitor.verdicts(asked(), hourly).features.map(({ state }) => state))).not.toContain('alarm')
  })
})

describe('other references', () => {
  test('peers find the one device that differs where all differ from training', () => {
    const { monitor, count } = setup()
    for (let back = 4; back >= 1; back -= 1) {
      for (const device of ['d1', 'd2', 'd3', 'd4']) count(device, hour(back), rows(250, device === 'd1' ? 2 : 1))
    }
    expect(states(monitor.verdicts(asked(['d2']), hourly))['alcohol']).toBe('alarm')
    const peers = { reference: 'peers', windowMs: HOUR } as const
    const one = monitor.verdicts(asked(['d1']), peers)
    expect(states(one)).toMatchObject({ alcohol: 'alarm', ash: 'ok' })
    expect(one.reference).toMatchObject({
      kind: 'peers',
      state: 'ready',
      name: expect.stringMatching(/^3 peers in the same time/) as string,
    })
    // 750 values of three peers, less what they depend on one another.
    expect(one.features[0]!.last!.m).toBeGreaterThan(550)
    expect(one.features[0]!.last!.m).toBeLessThanOrEqual(750)
  })

  test('a reference whose values depend on one another is worth fewer', () => {
    const { monitor, count } = setup()
    const last = new Map<string, number>()
    for (let back = 4; back >= 1; back -= 1) {
      for (const device of ['d1', 'd2', 'd3', 'd4']) {
        const walk = Array.from({ length: 1500 }, (): Row => {
          last.set(device, 0.8 * (last.get(device) ?? 0) + 0.6 * normal())
          return { ...row(), alcohol: 13 + 0.8 * last.get(device)! }
        })
        count(device, hour(back), walk)
      }
    }
    const { features } = monitor.verdicts(asked(['d1']), { reference: 'peers', windowMs: HOUR })
    // A lag-1 correlation of 0.8 leaves one value in nine.
    const { m, n, effective } = features.find(({ name }) => name === 'alcohol')!.last!
    expect([n, m < 700, m > 350, effective < 250]).toEqual([1500, true, true, true])
    expect(features.find(({ name }) => name === 'ash')!.last!.m).toBeGreaterThan(3500)
  })

  test('fewer than three peers, and a slice of several devices, say what to do', () => {
    const { monitor, count } = setup()
    for (const device of ['d1', 'd2', 'd3']) count(device, hour(1), rows(250))
    const peers = { reference: 'peers', windowMs: HOUR } as const
    expect(monitor.verdicts(asked(['d1']), peers).reference).toMatchObject({
      state: 'insufficient data',
      why: expect.stringMatching(/there are 2/) as string,
    })
    expect(monitor.verdicts(asked(), peers).reference).toMatchObject({
      state: 'none',
      why: expect.stringMatching(/Choose a device/) as string,
    })
  })

  test('a day-and-night feature alarms against training, and not against the same hour of earlier weeks', () => {
    const { monitor, count } = setup()
    const ofHour = (at: number, n: number): Row[] => rows(n, 2.2 * Math.sin((at / HOUR / 24) * 2 * Math.PI))
    for (let week = 0; week <= 3; week += 1) {
      for (let back = 24; back >= 1; back -= 1) count('d1', hour(back) - week * WEEK, ofHour(hour(back), week === 0 ? 250 : 500))
    }
    const levels = (reference: 'training' | 'same-season'): number =>
      monitor
        .verdicts(asked(), { reference, windowMs: HOUR, from: hour(24) })
        .features.find(({ name }) => name === 'alcohol')!
        .windows.filter(({ level }) => level === 'alarm').length
    expect(levels('training')).toBeGreaterThan(12)
    expect(levels('same-season')).toBe(0)
    expect(monitor.verdicts(asked(), { reference: 'same-season', windowMs: HOUR }).reference.name).toMatch(/same hours of 3 earlier weeks/)
  })

  test('one earlier week is no season', () => {
    const { monitor, count } = setup()
    count('d1', hour(1), rows(250))
    count('d1', hour(1) - WEEK, rows(250))
    expect(monitor.verdicts(asked(), { reference: 'same-season', windowMs: HOUR }).reference).toMatchObject({
      state: 'insufficient data',
      why: 'The same hours of 2 earlier weeks are needed; there is 1.',
    })
  })
})

describe('the baseline of a device', () => {
  const own = { reference: 'device-baseline', windowMs: HOUR } as const

  test('is frozen from the first healthy windows, and stays', () => {
    const { monitor, count } = setup()
    count('d1', hour(40), rows(300, 2))
    for (let back = 39; back >= 30; back -= 1) count('d1', hour(back), rows(300))
    const first = monitor.verdicts(asked(['d1']), own).reference
    expect(first).toMatchObject({ state: 'ready', rows: 600, id: `device-baseline:d1:${DIGEST.slice(0, 16)}:${hour(39)}-${hour(37)}` })
    for (let back = 20; back >= 1; back -= 1) count('d1', hour(back), rows(300, 1))
    const later = monitor.verdicts(asked(['d1']), own)
    expect(later.reference).toEqual(first)
    expect(states(later)['alcohol']).toBe('alarm')
  })

  test('needs 500 values in two windows, and a quiet device where no training tells', () => {
    const few = setup()
    count500(few, 450)
    expect(few.monitor.verdicts(asked(['d1']), own).reference).toMatchObject({ state: 'insufficient data', rows: 0 })
    const alerted = setup({ isAlerted: () => true })
    count500(alerted, 600)
    expect(alerted.monitor.verdicts(asked(['d1']), own).reference.state).toBe('ready')
    expect(alerted.monitor.verdicts(asked(), own).reference).toMatchObject({ state: 'none' })
  })

  test('is set and forgotten by a person; a drifted period is refused', () => {
    const { parts, monitor, count } = setup()
    const screens = openMonitoringScreens(parts, monitor)
    for (let back = 20; back >= 1; back -= 1) count('d1', hour(back), rows(300, back <= 5 ? 1.5 : 0))
    const order = { device: 'd1', deployment: DEPLOYMENT, by: 'ada' }
    expect(() => screens.setBaseline(order, { from: hour(4), through: hour(1) })).toThrow(/alcohol drifted from training/)
    expect(() => screens.setBaseline(order, { from: hour(60), through: hour(50) })).toThrow(/counted nothing/)
    const set = screens.setBaseline(order, { from: hour(12), through: hour(10) })
    expect(set).toMatchObject({ state: 'ready', rows: 600 })
    expect(monitor.verdicts(asked(['d1']), own).reference.id).toBe(set.id)
    expect(screens.forgetBaseline(order)).toMatchObject({ state: 'insufficient data' })
    expect(monitor.verdicts(asked(['d1']), own).reference).toMatchObject({ state: 'insufficient data' })
  })

  function count500({ count }: Setup, n: number): void {
    for (let back = 4; back >= 1; back -= 1) count('d1', hour(back), rows(n / 4))
  }
})
