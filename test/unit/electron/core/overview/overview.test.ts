import { describe, expect, test } from 'vitest'
import { watchDropping } from '../../../../../electron/core/devices/dropping.ts'
import { needsAttention } from '../../../../../electron/core/overview/attention.ts'
import { figuresOf } from '../../../../../electron/core/overview/figures.ts'
import { fleetSentence } from '../../../../../electron/core/overview/sentence.ts'
import { versionsOverTime } from '../../../../../electron/core/overview/versions.ts'
import type { MinuteSum } from '../../../../../electron/core/store/telemetry/fleet-series.ts'
import { deploymentName } from '../../../../../shared/domain/ids.ts'
import { presenceMessage } from '../../../../../shared/protocol/presence.ts'
import { reportedDeployment } from '../../../../../shared/protocol/reported.ts'
import { LatencySketch } from '../../../../../shared/stats/latency-sketch.ts'
import { wilsonInterval } from '../../../../../shared/stats/proportion-interval.ts'
import { enrolled, fleetStore, report, T0 } from '../../../../harness/fleet.ts'

const MINUTE = 60_000

describe('the live figures', () => {
  const sum = (change: Partial<MinuteSum>): MinuteSum => ({
    ...{ hasTraffic: true, requests: 0, errors: 0, sketch: LatencySketch.empty(), classified: 0, correct: 0 },
    ...change,
  })

  test('are of the last minutes, beside the hour before; a gap is no zero', () => {
    // 30 seconds of the newest minute have passed.
    const now = 1000 * MINUTE + 30_000
    const minutes: (MinuteSum | undefined)[] = Array.from({ length: 120 })
    minutes[119] = sum({ requests: 60, errors: 6 })
    minutes[115] = sum({ requests: 120, errors: 0 })
    minutes[60] = sum({ requests: 60, errors: 0 })
    minutes[105] = sum({ requests: 180, errors: 9, classified: 10, correct: 9 })
    minutes[20] = sum({ hasTraffic: false, classified: 10, correct: 5 })
    const figures = figuresOf(
      {
        fleetMinutes(grid) {
          expect([grid.from, grid.buckets, grid.through]).toEqual([881 * MINUTE, 120, 1001 * MINUTE])
          return minutes
        },
      },
      now,
    )
    const { requestsPerSecond, errorRate, p95Ms, accuracy } = figures
    expect(requestsPerSecond).toMatchObject({ value: 2, before: 2, change: 0, samples: 180, periodMs: 10 * MINUTE, beforeMs: 60 * MINUTE })
    expect([requestsPerSecond.sparkline[59], requestsPerSecond.sparkline[58], requestsPerSecond.sparkline[45]]).toEqual([2, null, 3])
    expect(errorRate).toMatchObject({ value: 6 / 180, before: 9 / 240, samples: 180, ...wilsonInterval(6, 180)! })
    expect(p95Ms).toMatchObject({ value: null, before: null, change: null, samples: 0 })
    expect(accuracy).toMatchObject({ value: 0.9, before: 0.5, change: 0.4, samples: 10, periodMs: 60 * MINUTE })
  })

  test('of nothing are nothing', () => {
    const { requestsPerSecond, accuracy } = figuresOf({ fleetMinutes: () => [] }, 1000)
    expect([requestsPerSecond.value, requestsPerSecond.sparkline.length, accuracy.low]).toEqual([null, 60, null])
  })
})

test('shares of versions are of the requests of their deployment; where it had none there is a gap', () => {
  const grid = { from: 0, bucketMs: MINUTE, buckets: 3, through: 3 * MINUTE }
  const row = (deployment: string, digest: string, bucket: number, requests: number) => ({
    ...{ deployment, digest, bucket, requests, model: 'm', version: digest },
  })
  const rows = [row('main', 'v1', 0, 30), row('main', 'v2', 0, 10), row('main', 'v2', 1, 5), row('side', 'v1', 0, 1)]
  expect(
    versionsOverTime(rows, grid).series.map(({ deployment, version, requests, share }) => [deployment, version, requests, share]),
  ).toEqual([
    ['main', 'v1', [30, null, null], [0.75, 0, null]],
    ['main', 'v2', [10, 5, null], [0.25, 1, null]],
    ['side', 'v1', [1, null, null], [1, null, null]],
  ])
})

describe('what needs attention', () => {
  function fleet(devices: number, change: (i: number) => { state: string; runs: string; code?: string }) {
    const store = fleetStore()
    store.db.exec(`INSERT INTO bundle VALUES ('${'b'.repeat(64)}', x'', '[]', 0)`)
    store.transact(() => {
      for (let i = 0; i < devices; i += 1) {
        const device = `dev-${String(i).padStart(3, '0')}`
        const { state, runs, code } = change(i)
        enrolled(store, device)
        store.deployments.put({
          device,
          deployment: 'main',
          digest: 'b'.repeat(64),
          model: 'digits',
          version: '1.1.0',
          orderedAt: T0,
          asked: null,
          terms: {},
          beside: null,
        })
        const active = { digest: runs.repeat(64), model: 'digits', version: runs, since: T0 }
        const problem = code === undefined ? null : { code, message: `It failed with ${code}.` }
        const main = reportedDeployment.parse({ state, active, candidate: null, lastGood: null, progress: null, problem })
        store.devices.noteReport(report(device, { deployments: { [deploymentName.parse('main')]: main } }), T0)
        const presence = { v: 1, sentAt: T0, device, status: 'online', boot: 'boot-1', agentVersion: '1' }
        store.devices.notePresence(presenceMessage.parse(presence), T0)
      }
    })
    return store.roster.all()
  }
  const calm = { broker: null, store: null }

  test('the same trouble of many devices is one line, each other cause its own, the console first', () => {
    const entries = fleet(100, (i) =>
      i < 60 ? { state: 'rejected', runs: 'a', code: i < 55 ? 'probe.timeout' : 'probe.load-failed' } : { state: 'active', runs: 'b' },
    )
    const problems = { broker: { code: 'broker.unreachable', message: 'The broker does not answer.', hint: 'Look at it.' }, store: null }
    const { shown, total } = needsAttention(entries, { problems, alerts: [] }, T0)
    expect(total).toBe(3)
    expect(shown.map(({ kind, devices, device, action }) => [kind, devices, device, action.target])).toEqual([
      ['broker', 0, null, { page: 'settings' }],
      ['refused', 55, null, { page: 'devices', query: 'health = failed' }],
      ['refused', 5, null, { page: 'devices', query: 'id in (dev-055, dev-056, dev-057, dev-058, dev-059)' }],
    ])
    expect(shown[1]!.sentence).toBe(
      '55 devices refused digits 1.1.0 and serve what they had. dev-000: It failed with probe.timeout. (probe.timeout)',
    )
  })

  test('tells of backups that need somebody, with the way to them, after what the console itself suffers from', () => {
    const backup = { state: 'bad', sentence: 'The last backup failed: no space.' } as const
    const { shown } = needsAttention([], { problems: { broker: null, store: null, backup }, alerts: [] }, T0)
    expect(shown).toEqual([
      expect.objectContaining({
        ...{ kind: 'backup', severity: 'error', sentence: 'The last backup failed: no space.' },
        action: { text: 'See the backups in the settings.', target: { page: 'settings', tab: 'backups' } },
      }),
    ])
  })

  test('one device is named and linked', () => {
    const entries = fleet(3, (i) => (i === 1 ? { state: 'active', runs: 'b', code: 'runtime.crashed' } : { state: 'active', runs: 'b' }))
    expect(needsAttention(entries, { problems: calm, alerts: [] }, T0).shown).toEqual([
      {
        ...{ kind: 'deployment-problem', severity: 'warning', device: 'dev-001', deployment: 'main', devices: 1 },
        sentence: 'dev-001 serves digits b in main and reports: It failed with runtime.crashed. (runtime.crashed)',
        action: { text: 'Read the problem; the device goes on trying.', target: { page: 'device', device: 'dev-001' } },
      },
    ])
  })

  test('more than twenty troubles are counted, and the worst are shown', () => {
    const entries = fleet(60, (i) => ({ state: i % 2 === 0 ? 'active' : 'rejected', runs: i % 2 === 0 ? 'b' : 'a', code: `code.n${i}` }))
    const { shown, total } = needsAttention(entries, { problems: calm, alerts: [] }, T0)
    expect([shown.length, total, new Set(shown.map(({ kind }) => kind))]).toEqual([20, 60, new Set(['refused'])])
  })
})

describe('the first line', () => {
  const none = { ok: 0, working: 0, attention: 0, failed: 0, offline: 0 }
  const version = (change: object) => ({
    deployment: 'main',
    model: 'digits',
    version: '1.1.0',
    digest: 'd',
    desired: 0,
    active: 0,
    ...change,
  })
  const text = (fleet: Parameters<typeof fleetSentence>[0]): string =>
    fleetSentence(fleet)
      .map((part) => part.text)
      .join('; ')

  test('says how many are healthy, how far versions are and how many problems there are', () => {
    const versions = [version({ desired: 110, active: 97 }), version({ version: '1.0.0', desired: 10, active: 23 })]
    expect(text({ counts: { ...none, ok: 118, failed: 2 }, versions, models: 2, troubles: 2, alerts: 0 })).toBe(
      '118 of 120 devices healthy; digits 1.1.0 on 97 of 120; 2 problems',
    )
    expect(text({ counts: { ...none, ok: 5 }, versions: [], models: 1, troubles: 0, alerts: 1 })).toBe('5 of 5 devices healthy; 1 alert')
    expect(text({ counts: { ...none, ok: 1, working: 1, offline: 1 }, versions: [], models: 0, troubles: 1, alerts: 0 })).toBe(
      '1 of 3 devices healthy; 1 working; 1 offline; 1 problem',
    )
  })

  test('of an empty fleet says what is missing', () => {
    expect(text({ counts: none, versions: [], models: 0, troubles: 0, alerts: 0 })).toBe(
      'no device is enrolled yet; no model is imported yet',
    )
    expect(text({ counts: none, versions: [], models: 3, troubles: 0, alerts: 0 })).toBe('no device is enrolled yet')
  })
})

test('who drops records is asked every few seconds, and the set is the same while nothing changes', () => {
  let now = 10 * 3_600_000
  let asked: number[] = []
  let found = ['cam-1']
  const dropping = watchDropping(
    {
      dropping(since) {
        asked.push(since)
        return new Set(found)
      },
    },
    () => now,
  )
  const first = dropping()
  now += 4999
  expect(dropping()).toBe(first)
  now += 1
  expect([dropping() === first, asked]).toEqual([true, [9 * 3_600_000, 9 * 3_600_000 + 5000]])
  found = ['cam-2']
  now -= 3_600_000
  expect([...dropping()]).toEqual(['cam-2'])
})
