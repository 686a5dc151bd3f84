import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { LEVELS } from '../../../../../../electron/core/store/telemetry/levels.ts'
import { openTelemetryWriter } from '../../../../../../electron/core/store/telemetry/open.ts'
import { LatencySketch } from '../../../../../../shared/stats/latency-sketch.ts'
import { temporaryDirectory } from '../../../../../harness/fleet.ts'
import { sliceDesk } from '../../../../../harness/slice-desk.ts'

const [FIVE, HOUR, DAY] = LEVELS
const WINDOWS = 3000

function latency(i: number) {
  const sketch = LatencySketch.empty()
  sketch.add(1 + (i % 50))
  return sketch.state()
}

/** A file with windows of three devices, of which no sum knows. */
function filled(): string {
  const file = join(temporaryDirectory(), 'telemetry.db')
  const db = openTelemetryWriter(file)
  const desk = sliceDesk(db)
  for (let at = 0; at < WINDOWS; at += 200) {
    for (const device of ['cam-1', 'cam-2']) {
      const windows = Array.from({ length: 100 }, (_, i) => {
        const startedAt = ((at + i) * 7_919_000) % (2 * DAY)
        return { kind: 'window' as const, body: { startedAt, endedAt: startedAt + 1000, requests: 1, errors: {}, latencyMs: latency(i) } }
      })
      desk.take(device, windows)
    }
  }
  db.close()
  return file
}

/** What the sums of each level say, and what the windows say. */
function totals(file: string): { sums: unknown[]; windows: unknown } {
  const desk = sliceDesk(openTelemetryWriter(file))
  desk.fold()
  const sums = desk.db
    .prepare(
      'SELECT level, device = 0, sum(windows), sum(requests) FROM rollup_traffic GROUP BY level, device = 0 ORDER BY level, device = 0',
    )
    .raw()
    .all()
  const [state] = desk.slices.traffic({ devices: null, from: 0, through: 2 * DAY }, { bucketMs: null, by: 'all' })
  return { sums, windows: [state!.state.windows, state!.state.latency.count] }
}

const whole = {
  sums: [FIVE, HOUR, DAY].flatMap((level) => [
    [level, 0, WINDOWS, WINDOWS],
    [level, 1, WINDOWS, WINDOWS],
  ]),
  windows: [WINDOWS, WINDOWS],
}

describe('every window is in the sums exactly once', () => {
  test('also after kills within the transactions of steps and right after their commits', () => {
    const file = filled()
    const died: unknown[] = []
    for (const [place, steps] of [
      ['within', 0],
      ['within', 1],
      ['after', 0],
      ['within', 0],
      ['after', 1],
      ['within', 2],
    ] as const) {
      const { signal } = spawnSync(process.execPath, [
        join(import.meta.dirname, '../../../../../harness/fold-child.ts'),
        file,
        place,
        String(steps),
      ])
      died.push(signal)
    }
    expect(died).toEqual(Array.from({ length: 6 }, () => 'SIGKILL'))
    expect(totals(file)).toEqual(whole)
  }, 60_000)

  test('also when writing the sums fails in the middle', () => {
    const file = filled()
    const db = openTelemetryWriter(file)
    const desk = sliceDesk(db)
    db.exec(
      `CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.rollup_traffic WHEN NEW.level = ${DAY} BEGIN SELECT RAISE(ABORT, 'not now'); END`,
    )
    expect(() => desk.fold()).toThrow('not now')
    expect(
      db.prepare('SELECT (SELECT count(*) FROM rollup_traffic), (SELECT cursor FROM fold WHERE name = ?)').raw().get('window'),
    ).toEqual([0, 0])
    db.close()
    expect(totals(file)).toEqual(whole)
  })
})

const window = (startedAt: number, body: object = {}) => ({
  kind: 'window' as const,
  body: { startedAt, endedAt: startedAt + 60_000, coveredMs: 60_000, requests: 1, ...body },
})

describe('windows that do not come as they were made', () => {
  const now = 10 * DAY
  const requests = (desk: ReturnType<typeof sliceDesk>, from: number, through: number): number =>
    desk.slices.traffic({ devices: null, from, through }, { bucketMs: null, by: 'all' })[0]?.state.requests ?? 0
  const odd = (desk: ReturnType<typeof sliceDesk>): unknown => desk.db.prepare('SELECT late_windows, clock_jumps FROM spool').raw().all()

  test('late ones count at their own time, in sums that were made before', () => {
    const desk = sliceDesk()
    desk.take('cam-1', [window(now - DAY)], now - DAY + 61_000)
    desk.fold()
    expect([requests(desk, now - DAY, now - DAY + HOUR), odd(desk)]).toEqual([1, [[0, 0]]])
    desk.take('cam-1', [window(now - DAY), window(now - 60_000)], now)
    expect([requests(desk, now - DAY, now - DAY + HOUR), odd(desk)]).toEqual([2, [[1, 0]]])
    desk.fold()
    expect([requests(desk, now - DAY, now - DAY + HOUR), requests(desk, 0, now + DAY), requests(desk, now - HOUR, now)]).toEqual([2, 3, 1])
  })

  test('a clock in the future counts at the arrival, and a clock in the past is believed', () => {
    const desk = sliceDesk()
    desk.take('cam-1', [window(now + 40 * DAY), window(now + 290_000), window(1000)], now)
    for (const _ of [0, 1]) {
      expect([requests(desk, now, now + FIVE), requests(desk, now, now + 365 * DAY), requests(desk, 0, HOUR)]).toEqual([2, 2, 1])
      desk.fold()
    }
    expect(desk.db.prepare('SELECT started_at, claimed_at FROM window ORDER BY seq').raw().all()).toEqual([
      [now, now + 40 * DAY],
      [now + 290_000, null],
      [1000, null],
    ])
    expect(odd(desk)).toEqual([[1, 1]])
    expect(desk.db.prepare('SELECT minute FROM minute_traffic ORDER BY minute').pluck().all()).toEqual([0, now / 60_000, now / 60_000 + 4])
  })

  test('a clock that was set back within a window is noted, and the window counts where it began', () => {
    const desk = sliceDesk()
    desk.take(
      'cam-1',
      [window(now - 60_000, { endedAt: now - HOUR }), window(now - HOUR, { endedAt: now - HOUR + 1000, coveredMs: HOUR })],
      now,
    )
    desk.fold()
    expect([requests(desk, now - HOUR, now), odd(desk)]).toEqual([2, [[2, 2]]])
  })

  test('a change of the model within a minute, and a restart, give windows of their own', () => {
    const desk = sliceDesk()
    const [a, b] = ['a'.repeat(64), 'b'.repeat(64)]
    const at = now - 60_000
    desk.take(
      'cam-1',
      [window(at, { digest: a, requests: 5 }), window(at, { digest: b, requests: 7 }), window(at, { digest: b, requests: 2 })],
      now,
    )
    for (const _ of [0, 1]) {
      const found = desk.slices.traffic({ devices: null, from: at, through: now }, { bucketMs: FIVE, by: 'version' })
      expect(found.map(({ key, state }) => [key.digest, state.windows, state.requests])).toEqual([
        [a, 1, 5],
        [b, 2, 9],
      ])
      desk.fold()
    }
  })

  test('one that spans buckets counts in the bucket in which it began', () => {
    const desk = sliceDesk()
    desk.take('cam-1', [window(now - DAY, { endedAt: now - HOUR, coveredMs: 2 * HOUR, requests: 9 })], now)
    desk.fold()
    expect([requests(desk, now - DAY, now - DAY + FIVE), requests(desk, now - DAY + FIVE, now)]).toEqual([9, 0])
  })
})
