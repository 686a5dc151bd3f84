import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { rulesHandle, type WriteDb } from '../../../../../../electron/core/store/open.ts'
import { LEVELS } from '../../../../../../electron/core/store/telemetry/levels.ts'
import { addSumFunctions } from '../../../../../../electron/core/store/telemetry/minute-sums.ts'
import { openTelemetryWriter, telemetryMigrations } from '../../../../../../electron/core/store/telemetry/open.ts'
import { LatencySketch } from '../../../../../../shared/stats/latency-sketch.ts'
import { unpackSketch } from '../../../../../../shared/stats/packed-sketch.ts'
import { migrate } from '../../../../../../shared/store/sqlite-rules.ts'
import { sliceDesk } from '../../../../../harness/slice-desk.ts'

const [, HOUR, DAY] = LEVELS

function sketchOf(...values: number[]) {
  const sketch = LatencySketch.empty()
  for (const value of values) sketch.add(value)
  return sketch.state()
}

/** A telemetry.db of the schema before, with records of two devices. */
function before(): Database.Database {
  const db = new Database(':memory:')
  addSumFunctions(db)
  migrate(
    rulesHandle(db),
    telemetryMigrations.filter(({ id }) => id < 40),
    'memory',
  )
  db.exec(`INSERT INTO spool (id, device, spool, through, first_received_at, last_received_at)
    VALUES (1, 'cam-1', 's', 3, 0, 0), (2, 'cam-2', 's', 1, 0, 0), (3, 'silent', 's', 0, 0, 0)`)
  const window = db.prepare(
    `INSERT INTO window VALUES (?, ?, ?, 'main', ?, 'digits', '1.0.0', ?, ?, ?, 60000, ?, 9, 1, '{"a":1}', ?, 7, '{"x":2}', 1, 2, 0.5)`,
  )
  window.run(1, 2, 'cam-1', 'd1', 'boot-1', 60_000, 120_000, 10, JSON.stringify(sketchOf(1, 2)))
  window.run(2, 1, 'cam-2', 'd2', 'boot-2', HOUR, HOUR + 1, 20, JSON.stringify(sketchOf(8)))
  window.run(1, 3, 'cam-1', 'd1', 'boot-1', DAY, DAY + 1, 5, 'not JSON')
  const label = db.prepare(`INSERT INTO label VALUES ('cam-1', ?, 0, 'main', 'd1', 'digits', '1.0.0', ?, '3', ?, ?, NULL, 0.9, 1, 1)`)
  label.run('p1', 60_000, '3', 1)
  label.run('p2', DAY, '4', 0)
  db.exec(`INSERT INTO labels VALUES (1, 1, 2, 0)`)
  return db
}

describe('the migration to slices', () => {
  test('keeps every window, label and count', () => {
    const db = before()
    migrate(rulesHandle(db), telemetryMigrations, 'memory')
    const desk = sliceDesk(db as unknown as WriteDb)
    const windows = db
      .prepare<[], Record<string, unknown> & { latency: Uint8Array }>(
        `SELECT window.id, spool, seq, device.name AS device, digest, version, boot.name AS boot, started_at, ended_at, claimed_at, requests, errors,
          errors_by_cause, validation, not_finite, cache_hits, cpu_ms, received_at, latency
        FROM window JOIN device ON device.id = device JOIN subject ON subject.id = subject JOIN boot ON boot.id = boot ORDER BY window.id`,
      )
      .all()
    const common = { version: '1.0.0', claimed_at: null, errors: 1, errors_by_cause: '{"a":1}', validation: '{"x":2}' }
    const more = { not_finite: 1, cache_hits: 2, cpu_ms: 0.5, received_at: 7 }
    expect(windows.map(({ latency, ...row }) => ({ ...row, latency: unpackSketch(latency).bins }))).toEqual([
      {
        ...common,
        ...more,
        id: 1,
        spool: 1,
        seq: 2,
        device: 'cam-1',
        digest: 'd1',
        boot: 'boot-1',
        started_at: 60_000,
        ended_at: 120_000,
        requests: 10,
        latency: sketchOf(1, 2).bins,
      },
      {
        ...common,
        ...more,
        id: 2,
        spool: 2,
        seq: 1,
        device: 'cam-2',
        digest: 'd2',
        boot: 'boot-2',
        started_at: HOUR,
        ended_at: HOUR + 1,
        requests: 20,
        latency: sketchOf(8).bins,
      },
      {
        ...common,
        ...more,
        id: 3,
        spool: 1,
        seq: 3,
        device: 'cam-1',
        digest: 'd1',
        boot: 'boot-1',
        started_at: DAY,
        ended_at: DAY + 1,
        requests: 5,
        latency: [],
      },
    ])
    expect(db.prepare('SELECT device, stored, late_windows, clock_jumps FROM spool ORDER BY id').raw().all()).toEqual([
      ['cam-1', 3, 0, 0],
      ['cam-2', 1, 0, 0],
      ['silent', 0, 0, 0],
    ])
    const answers = (): unknown => [
      desk.slices
        .traffic({ devices: null, from: 0, through: 2 * DAY }, { bucketMs: DAY, by: 'all' })
        .map(({ state }) => [state.requests, state.latency.count]),
      desk.slices
        .traffic({ devices: ['cam-1'], from: 0, through: 2 * DAY }, { bucketMs: null, by: 'all' })
        .map(({ state }) => state.causes),
      desk.slices
        .quality({ devices: null, from: 0, through: 2 * DAY }, { bucketMs: DAY, by: 'all' })
        .map(({ state }) => [state.rows, state.right]),
    ]
    const expected = [
      [
        [30, 3],
        [5, 0],
      ],
      [{ a: 2 }],
      [
        [1, 1],
        [1, 0],
      ],
    ]
    expect(answers()).toEqual(expected)
    desk.fold()
    expect([answers(), db.prepare('SELECT count(*) FROM dirty_quality').pluck().get()]).toEqual([expected, 0])
  })

  test('that fails leaves the file as it was', () => {
    const db = before()
    onTestFinished(() => void db.close())
    db.function('pack_sketch', (_json: unknown) => {
      throw new Error('not now')
    })
    expect(() => migrate(rulesHandle(db), telemetryMigrations, 'memory')).toThrow('not now')
    expect([db.pragma('user_version', { simple: true }), db.prepare('SELECT sum(requests) FROM window').pluck().get()]).toEqual([30, 35])
  })

  test('of a window with few requests makes a quarter of it', () => {
    const db = openTelemetryWriter(':memory:')
    const desk = sliceDesk(db)
    const body = { latencyMs: sketchOf(...Array.from({ length: 60 }, (_, i) => 4 + Math.sin(i))) }
    const pages = (): number => Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }))
    const empty = pages()
    for (let i = 0; i < 20; i += 1)
      desk.take(
        `cam-${i % 4}`,
        Array.from({ length: 200 }, () => ({ kind: 'window' as const, body })),
      )
    expect((pages() - empty) / 4000).toBeLessThan(300)
  })
})

describe('indexes are used', () => {
  test.each([
    [
      'windows above the cursor',
      'SELECT * FROM window WHERE id > ? AND +started_at >= ? AND +started_at < ?',
      'USING INTEGER PRIMARY KEY (rowid>?)',
    ],
    [
      'sums of a level',
      'SELECT * FROM rollup_traffic WHERE level = ? AND bucket >= ? AND bucket < ? AND device > 0',
      'rollup_traffic_by_subject (level=? AND bucket>? AND bucket<?)',
    ],
    [
      'the sum of a device',
      'SELECT * FROM rollup_traffic WHERE level = ? AND bucket = ? AND device = ? AND subject = ?',
      'rollup_traffic_by_subject (level=? AND bucket=? AND device=? AND subject=?)',
    ],
    [
      'windows of devices',
      "SELECT r.* FROM json_each('[1]') AS d CROSS JOIN json_each('[1]') AS s CROSS JOIN window AS r ON r.device = d.value AND r.subject = s.value AND r.started_at >= ? AND r.started_at < ? AND +r.id > ?",
      'window_by_subject (device=? AND subject=? AND started_at>? AND started_at<?)',
    ],
    [
      'distributions of devices',
      "SELECT r.* FROM json_each('[1]') AS d CROSS JOIN json_each('[1]') AS s CROSS JOIN distribution AS r ON r.device = d.value AND r.subject = s.value AND r.started_at >= ? AND r.started_at < ? AND +r.id > ?",
      'distribution_by_subject (subject=? AND device=? AND started_at>? AND started_at<?)',
    ],
    ['dirty hours', 'SELECT * FROM dirty_quality WHERE hour >= ? AND hour < ?', 'PRIMARY KEY (hour>? AND hour<?)'],
    [
      'distributions of a subject',
      'SELECT * FROM distribution WHERE subject IN (SELECT value FROM json_each(?)) AND started_at >= ? AND started_at < ?',
      'distribution_by_time (subject=? AND started_at>? AND started_at<?)',
    ],
    [
      'old sums',
      'SELECT rowid FROM rollup_traffic WHERE level = 300000 AND bucket < ? LIMIT 500',
      'rollup_traffic_by_subject (level=? AND bucket<?)',
    ],
  ])('%s', (_, sql, uses) => {
    const db = openTelemetryWriter(':memory:')
    const plan = db
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...Array.from({ length: sql.split('?').length - 1 }, () => 1))
      .map((row) => row.detail)
      .join('\n')
    expect(plan).toContain(uses)
    db.close()
  })
})
