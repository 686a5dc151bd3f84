import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { rulesHandle } from '../../../../../../electron/core/store/open.ts'
import { addSumFunctions } from '../../../../../../electron/core/store/telemetry/minute-sums.ts'
import { openTelemetryWriter, telemetryMigrations } from '../../../../../../electron/core/store/telemetry/open.ts'
import { LatencySketch } from '../../../../../../shared/stats/latency-sketch.ts'
import { migrate } from '../../../../../../shared/store/sqlite-rules.ts'

const sketchOf = (...values: number[]): string => {
  const sketch = LatencySketch.empty()
  for (const value of values) sketch.add(value)
  return JSON.stringify(sketch.state())
}

/** A telemetry.db of the schema before, with records of two devices in two minutes. */
function before(): Database.Database {
  const db = new Database(':memory:')
  onTestFinished(() => void db.close())
  migrate(
    rulesHandle(db),
    telemetryMigrations.filter(({ id }) => id < 20),
    'memory',
  )
  db.exec(
    `INSERT INTO spool (id, device, spool, first_received_at, last_received_at) VALUES (1, 'cam-1', 's', 0, 0), (2, 'cam-2', 's', 0, 0)`,
  )
  const window = db.prepare(`INSERT INTO window VALUES (?, ?, ?, 'main', ?, 'digits', '1.0.0', 'b', ?, 0, 60000, ?, ?, ?, ?, ?, 0)`)
  window.run(1, 1, 'cam-1', 'd1', 60_000, 10, 9, 1, '{"a":1}', sketchOf(1, 2))
  window.run(2, 1, 'cam-2', 'd1', 119_999, 20, 18, 2, '{"a":1,"constructor":1}', sketchOf(8))
  window.run(1, 2, 'cam-1', 'd1', 120_000, 5, 5, 0, '{}', 'not JSON')
  window.run(1, 3, 'cam-1', 'd2', 60_000, 1, 1, 0, '{}', sketchOf(3))
  const label = db.prepare(`INSERT INTO label VALUES ('cam-1', ?, 0, 'main', 'd1', 'digits', '1.0.0', ?, '', '', ?, NULL, NULL, 1, 9)`)
  label.run('p1', 60_000, 1)
  label.run('p2', 61_000, 0)
  label.run('p3', 62_000, null)
  label.run('p4', 180_000, 1)
  return db
}

describe('the migration to sums per minute', () => {
  test('sums up what is stored', () => {
    const db = before()
    addSumFunctions(db)
    migrate(rulesHandle(db), telemetryMigrations, 'memory')
    const traffic = db.prepare(
      'SELECT minute, digest, windows, requests, rows, errors, covered_ms, errors_by_cause, latency FROM minute_traffic ORDER BY minute, digest',
    )
    expect(traffic.raw().all()).toEqual([
      [1, 'd1', 2, 30, 27, 3, 120_000, '{"a":2,"constructor":1}', sketchOf(1, 2, 8)],
      [1, 'd2', 1, 1, 1, 0, 60_000, '{}', sketchOf(3)],
      [2, 'd1', 1, 5, 5, 0, 60_000, '{}', sketchOf()],
    ])
    expect(db.prepare('SELECT minute, labelled, classified, correct FROM minute_quality ORDER BY minute').raw().all()).toEqual([
      [1, 3, 2, 1],
      [3, 1, 1, 1],
    ])
  })

  test('that fails leaves the file as it was', () => {
    const db = before()
    expect(() => migrate(rulesHandle(db), telemetryMigrations, 'memory')).toThrow('no such function')
    expect([db.pragma('user_version', { simple: true }), db.prepare('SELECT count(*) FROM window').pluck().get()]).toEqual([10, 4])
  })
})

describe('indexes are used', () => {
  const rows = [
    {
      what: 'sums of a period',
      sql: 'SELECT * FROM minute_traffic WHERE minute >= ? AND minute <= ?',
      uses: 'minute_traffic_by_subject (minute>? AND minute<?)',
    },
    {
      what: 'the sum of a subject',
      sql: 'SELECT * FROM minute_traffic WHERE minute = ? AND deployment = ? AND digest = ?',
      uses: 'minute_traffic_by_subject (minute=? AND deployment=? AND digest=?)',
    },
    {
      what: 'labels of a period',
      sql: 'SELECT * FROM minute_quality WHERE minute >= ? AND minute <= ?',
      uses: 'PRIMARY KEY (minute>? AND minute<?)',
    },
    { what: 'events of the fleet', sql: 'SELECT * FROM event WHERE at <= ? ORDER BY at DESC LIMIT 20', uses: 'event_by_time (at<?)' },
    {
      what: 'who drops records',
      sql: 'SELECT DISTINCT device FROM dropped WHERE received_at > ?',
      uses: 'dropped_by_time (received_at>?)',
    },
    {
      what: 'labels of a device',
      sql: 'SELECT count(*) FROM label WHERE device = ? AND deployment = ? AND digest = ? AND predicted_at >= ? AND predicted_at < ?',
      uses: 'label_by_subject (device=? AND deployment=? AND digest=? AND predicted_at>? AND predicted_at<?)',
    },
  ]
  test.each(rows)('$what', ({ sql, uses }) => {
    const db = openTelemetryWriter(':memory:')
    const plan = db
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...Array.from({ length: sql.split('?').length - 1 }, () => 1))
      .map((row) => row.detail)
      .join('\n')
    expect(plan).toContain(uses)
    expect(plan).not.toContain('SCAN')
    db.close()
  })
})
