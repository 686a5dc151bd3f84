import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { rulesHandle, type ReadDb } from '../../../../../../electron/core/store/open.ts'
import { addSumFunctions } from '../../../../../../electron/core/store/telemetry/minute-sums.ts'
import { openTelemetryWriter, telemetryMigrations } from '../../../../../../electron/core/store/telemetry/open.ts'
import { shadowArms } from '../../../../../../electron/core/store/telemetry/shadow-arms.ts'
import { LatencySketch } from '../../../../../../shared/stats/latency-sketch.ts'
import { migrate } from '../../../../../../shared/store/sqlite-rules.ts'

test('sums and records of before are there, and tell no run time of the active bundle', () => {
  const db = new Database(':memory:')
  onTestFinished(() => void db.close())
  addSumFunctions(db)
  migrate(
    rulesHandle(db),
    telemetryMigrations.filter(({ id }) => id < 50),
    'memory',
  )
  const sketch = LatencySketch.empty()
  sketch.add(3, 20)
  const latency = JSON.stringify(sketch.state())
  const counts = { offered: 10, skipped: 0, failed: 0, compared: 10, agreed: 9, notFinite: 0, pairs: [], difference: null, cpuMs: 2 }
  const record = (startedAt: number) =>
    JSON.stringify({ ...counts, startedAt, endedAt: startedAt + 60_000, latencyMs: { ...sketch.state(), count: 20 } })
  db.exec(`INSERT INTO spool (id, device, spool, first_received_at, last_received_at) VALUES (1, 'cam-1', 's', 0, 0)`)
  const insert = db.prepare(`INSERT INTO shadow VALUES (1, ?, 'cam-1', 'main', 'new', 'old', ?, ?, 0)`)
  insert.run(1, 0, record(0))
  insert.run(2, 60_000, record(60_000))
  db.prepare(
    `INSERT INTO shadow_total VALUES ('main', 'new', 'old', 'cam-1', 'digits', '2', '1', 0, 120000, 20, 0, 0, 20, 18, 0, 4, '[]', NULL, ?)`,
  ).run(latency)
  migrate(rulesHandle(db), telemetryMigrations, 'memory')
  const ask = (from: number, through: number) =>
    shadowArms(db as unknown as ReadDb, { deployment: 'main', digest: 'new', devices: ['cam-1'], from, through }).map(({ sums }) => [
      sums.compared,
      sums.agreed,
      sums.latency.count,
      sums.activeLatency,
    ])
  expect(ask(0, 120_000)).toEqual([[20, 18, 20, null]])
  expect(ask(60_000, 120_000)).toEqual([[10, 9, 20, null]])
  expect(ask(120_000, 180_000)).toEqual([])
})

test('records of a device, a pair and a period are found by their index, the newest first', () => {
  const db = openTelemetryWriter(':memory:')
  onTestFinished(() => void db.close())
  const plan = db
    .prepare<unknown[], { detail: string }>(
      `EXPLAIN QUERY PLAN SELECT body FROM shadow WHERE deployment = ? AND digest = ? AND device = ? AND against = ? AND started_at >= ?
        AND started_at < ? ORDER BY started_at DESC LIMIT ?`,
    )
    .all(...Array.from({ length: 7 }, () => 1))
    .map(({ detail }) => detail)
    .join('\n')
  expect(plan).toContain('shadow_by_pair (deployment=? AND digest=? AND device=? AND against=? AND started_at>? AND started_at<?)')
  expect(plan).not.toMatch(/SCAN|TEMP B-TREE/u)
})
