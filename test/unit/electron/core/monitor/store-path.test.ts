import { describe, expect, test } from 'vitest'
import { openMonitor, type Monitor, type Verdict } from '../../../../../electron/core/monitor/monitor.ts'
import { monitoringMethods } from '../../../../../shared/rpc/contract/monitoring.ts'
import { baselineOf, countRows, DEPLOYMENT, DIGEST, monitorParts, type Row } from '../../../../harness/counted-slices.ts'
import { distributionGiven, monitoredStore, type Given, type MonitoredStore } from '../../../../harness/monitored-store.ts'
import { normals, seeded } from '../../../shared/stats/oracle.ts'

/** The whole way of counts: records of devices, the writer's transactions, merged slices, verdicts. */
const HOUR = 3_600_000
const NOW = Date.UTC(2026, 2, 2, 12)
const FEATURES = 20
/** Full size: 24,000 feature-windows; see the README of `shared/stats`. */
const DEVICES = process.env['MUSTER_STATS_FULL'] === '1' ? 55 : 8
const subject = { deployment: DEPLOYMENT, digest: DIGEST, model: 'wine', version: '1.0.0' }
const names = Array.from({ length: FEATURES }, (_, i) => `f${i}`)

interface Fleet {
  store: MonitoredStore
  monitor: Monitor
  /** Counts rows of a device in the hour that began `back` hours ago. */
  hour(device: string, back: number, rows: readonly Row[]): Given
}

function fleet(training: readonly Row[]): Fleet {
  const parts = monitorParts(baselineOf(training), () => NOW)
  const store = monitoredStore()
  const { references } = parts.bundle(DIGEST)!
  return {
    store,
    monitor: openMonitor({ ...parts, slices: store.slices }),
    hour: (_, back, rows) => distributionGiven({ subject, at: NOW - back * HOUR, lengthMs: HOUR, counts: countRows(references, rows) }),
  }
}

const asked = (devices: string[] | null) => ({ devices, deployment: DEPLOYMENT, digest: DIGEST, through: NOW })

/** What three windows in a row would have said at the end of each. */
function alarmsOverTime({ windows }: Verdict): number {
  const levels = windows.map(({ level }) => level)
  return levels.filter((level, i) => {
    const recent = levels.slice(Math.max(0, i - 2), i + 1)
    return level !== 'insufficient data' && recent.filter((one) => one === 'alarm').length >= 2
  }).length
}

/** Feature-windows and alarms of every device over the last day. */
function countAlarms(monitor: Monitor, devices: readonly string[]): { windows: number; alarms: number } {
  let [windows, alarms] = [0, 0]
  for (const device of devices) {
    const { features } = monitor.verdicts(asked([device]), { reference: 'training', windowMs: HOUR, from: NOW - 24 * HOUR })
    for (const feature of features) {
      windows += feature.windows.length
      alarms += alarmsOverTime(feature)
    }
  }
  return { windows, alarms }
}

describe('a healthy fleet is quiet from records to verdicts', () => {
  const normal = normals(seeded(21))
  const rows = (n: number, of: () => number): Row[] =>
    Array.from({ length: n }, () => Object.fromEntries(names.map((name) => [name, of()])))
  const devices = Array.from({ length: DEVICES }, (_, i) => `d${i}`)

  test('no drift, 260 values an hour: no more alarms than 2 in 24,000 feature-windows', () => {
    const { store, monitor, hour } = fleet(rows(1000, normal))
    for (const device of devices) {
      const records = Array.from({ length: 25 }, (_, i) => hour(device, 26 - i, rows(260, normal)))
      store.give(device, records, NOW)
    }
    const { windows, alarms } = countAlarms(monitor, devices)
    console.log(`simulation: no drift, records to verdicts: ${alarms} alarms in ${windows} feature-windows`)
    expect(windows).toBeGreaterThan(3000)
    expect(alarms).toBe(0)
    const whole = monitor.verdicts(asked(null), { reference: 'training', windowMs: HOUR, from: NOW - 24 * HOUR })
    expect(whole.features.filter(({ state }) => state !== 'ok')).toEqual([])
  })

  test('AR(1) with phi 0.9: at most 1 % of the windows alarm', () => {
    const { store, monitor, hour } = fleet(rows(1000, normal))
    for (const device of devices.slice(0, 4)) {
      const states = names.map(() => normal())
      const walk = (n: number): Row[] =>
        Array.from({ length: n }, () =>
          Object.fromEntries(
            names.map((name, i) => {
              states[i] = 0.9 * states[i]! + Math.sqrt(1 - 0.81) * normal()
              return [name, states[i]]
            }),
          ),
        )
      store.give(
        device,
        Array.from({ length: 25 }, (_, i) => hour(device, 26 - i, walk(1200))),
        NOW,
      )
    }
    const judged = devices
      .slice(0, 4)
      .flatMap((device) =>
        monitor
          .verdicts(asked([device]), { reference: 'training', windowMs: HOUR, from: NOW - 24 * HOUR })
          .features.flatMap(({ windows }) => windows),
      )
    const alarms = judged.filter(({ level }) => level === 'alarm').length
    console.log(`simulation: AR(1) 0.9, records to verdicts: ${alarms} of ${judged.length} feature-windows alarm`)
    expect(judged.length).toBeGreaterThan(300)
    expect(alarms / judged.length).toBeLessThanOrEqual(0.01)
  })

  test('power: half a deviation in one of 20 features is seen in at least 90 % of the windows', () => {
    const { store, monitor, hour } = fleet(rows(1000, normal))
    const shifted = (n: number): Row[] => rows(n, normal).map((row) => ({ ...row, f7: Number(row['f7']) + 0.5 }))
    for (const device of devices)
      store.give(
        device,
        Array.from({ length: 25 }, (_, i) => hour(device, 26 - i, shifted(260))),
        NOW,
      )
    const windows = devices.flatMap((device) => {
      const { features } = monitor.verdicts(asked([device]), { reference: 'training', windowMs: HOUR, from: NOW - 24 * HOUR })
      return features.find(({ name }) => name === 'f7')!.windows
    })
    const seen = windows.filter(({ level }) => level === 'warn' || level === 'alarm').length / windows.length
    console.log(`simulation: shift of 0.5 deviations, n = 260: seen in ${(100 * seen).toFixed(1)} % of ${windows.length} windows`)
    expect(seen).toBeGreaterThanOrEqual(0.9)
  })
})

describe('window edges', () => {
  const normal = normals(seeded(22))
  const rows = (n: number, shift = 0): Row[] => Array.from({ length: n }, () => ({ a: normal() + shift, b: normal() }))
  const training = rows(1000)
  const verdicts = (monitor: Monitor, devices: string[] | null = null) =>
    monitor.verdicts(asked(devices), { reference: 'training', windowMs: HOUR, from: NOW - 24 * HOUR })

  test('a record that comes twice counts once', () => {
    const { store, monitor, hour } = fleet(training)
    const records = Array.from({ length: 4 }, (_, i) => hour('d1', 5 - i, rows(300)))
    expect(store.give('d1', records, NOW).records).toBe(4)
    const before = verdicts(monitor)
    expect(store.give('d1', records, NOW)).toMatchObject({ records: 0, duplicates: 4 })
    expect(verdicts(monitor)).toEqual(before)
    expect(before.features[0]!.last!.n).toBe(300)
  })

  test('a window in parts, as after a restart, is one window; parts of many devices are one fleet', () => {
    const { store, monitor, hour } = fleet(training)
    for (const device of ['d1', 'd2']) {
      const records = Array.from({ length: 8 }, (_, i) => hour(device, 5 - (i >> 1), rows(150)))
      store.give(device, records, NOW)
    }
    expect(verdicts(monitor, ['d1']).features[0]!.last!.n).toBe(300)
    expect(verdicts(monitor).features[0]!.last!.n).toBe(600)
  })

  test('late counts belong to the time when they were measured, and verdicts follow', () => {
    const { store, monitor, hour } = fleet(training)
    store.give('d1', [hour('d1', 5, rows(300)), hour('d1', 4, rows(300)), hour('d1', 2, rows(300))], NOW)
    expect(verdicts(monitor).features[0]!.windows.map(({ from }) => (NOW - from) / HOUR)).toEqual([5, 4, 2])
    store.give('d1', [hour('d1', 3, rows(300))], NOW, 'spool-late')
    expect(verdicts(monitor).features[0]!.windows.map(({ from }) => (NOW - from) / HOUR)).toEqual([5, 4, 3, 2])
  })

  test('a clock that runs ahead does not hide today, nor judge tomorrow', () => {
    const { store, monitor, hour } = fleet(training)
    store.give('d1', [hour('d1', 4, rows(300)), hour('d1', 3, rows(300)), hour('d1', -48, rows(300))], NOW - HOUR - 1)
    const { features } = verdicts(monitor)
    expect(features[0]!.windows.at(-1)!.through).toBeLessThanOrEqual(NOW)
    expect(features[0]!.windows.map(({ n }) => n)).toContain(300)
  })

  test('another version within the hour has counts and verdicts of its own', () => {
    const { store, monitor, hour } = fleet(training)
    const other = 'e'.repeat(64)
    const given = [3, 2, 1].flatMap((back) => {
      const one = hour('d1', back, rows(300, 2))
      return [hour('d1', back, rows(300)), { ...one, body: { ...one.body, digest: other, version: '2.0.0' } }]
    })
    const latencyMs = { accuracy: 0.01, count: 300, zero: 0, sum: 600, min: 2, max: 2, collapsed: false, bins: [[35, 300]] }
    const traffic = [DIGEST, other].map((digest): Given => {
      const body = { ...subject, digest, startedAt: NOW - 2 * HOUR, endedAt: NOW - HOUR, coveredMs: HOUR }
      return { kind: 'window', at: NOW - HOUR, body: { ...body, requests: 300, rows: 300, errors: {}, latencyMs } }
    })
    store.give('d1', [...given, ...traffic], NOW)
    expect(verdicts(monitor).features.map(({ state, last }) => [state, last!.n])).toEqual([
      ['ok', 300],
      ['ok', 300],
    ])
    expect(
      monitor
        .subjects({ devices: null, from: 0, through: NOW })
        .map(({ digest }) => digest)
        .sort(),
    ).toEqual([DIGEST, other])
    expect(monitor.verdicts({ ...asked(null), digest: other }, { reference: 'training', windowMs: HOUR }).reference.state).toBe('none')
  })
})

test('answers say what they rest on, in the shape of the contract', () => {
  const normal = normals(seeded(23))
  const rows = (n: number): Row[] => Array.from({ length: n }, () => ({ a: normal(), b: normal() }))
  const { store, monitor, hour } = fleet(rows(1000))
  store.give(
    'd1',
    Array.from({ length: 6 }, (_, i) => hour('d1', 6 - i, rows(i === 0 ? 40 : 300))),
    NOW,
  )
  const answer = monitor.verdicts(asked(['d1']), { reference: 'training', windowMs: HOUR, from: NOW - 24 * HOUR })
  expect(monitoringMethods['monitoring.drift'].output.parse(answer)).toEqual(answer)
  for (const { sentence, last, state } of answer.features) {
    expect(sentence).toContain(answer.reference.name)
    expect(last).toMatchObject({ n: expect.any(Number) as number, m: 1000, effective: expect.any(Number) as number })
    expect(state).toBe('ok')
  }
  const rates = monitor.rates(asked(['d1']), { reference: 'training', over: { from: NOW - 24 * HOUR } })
  expect(monitoringMethods['monitoring.dataQuality'].output.parse(rates)).toEqual(rates)
  for (const { current, reference, sentence } of rates.rates) {
    expect(current.trials).toBeGreaterThan(0)
    expect(reference.trials).toBe(1000)
    expect(sentence).toContain('training (1000 rows)')
  }
})
