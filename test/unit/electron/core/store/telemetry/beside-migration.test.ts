import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { rulesHandle } from '../../../../../../electron/core/store/open.ts'
import { addSumFunctions } from '../../../../../../electron/core/store/telemetry/minute-sums.ts'
import { openTelemetryWriter, telemetryMigrations } from '../../../../../../electron/core/store/telemetry/open.ts'
import { migrate } from '../../../../../../shared/store/sqlite-rules.ts'

test('windows and sums of before are there, with nothing in the new columns', () => {
  const db = new Database(':memory:')
  onTestFinished(() => void db.close())
  addSumFunctions(db)
  migrate(
    rulesHandle(db),
    telemetryMigrations.filter(({ id }) => id < 30),
    'memory',
  )
  db.exec(`INSERT INTO spool (id, device, spool, first_received_at, last_received_at) VALUES (1, 'cam-1', 's', 0, 0);
    INSERT INTO window VALUES (1, 1, 'cam-1', 'main', 'd1', 'digits', '1.0.0', 'b', 60000, 0, 60000, 10, 9, 1, '{"a":1}', '{}', 0);
    INSERT INTO minute_traffic VALUES (1, 'main', 'd1', 'digits', '1.0.0', 1, 10, 9, 1, 60000, '{"a":1}', '{}')`)
  migrate(rulesHandle(db), telemetryMigrations, 'memory')
  const columns = 'requests, validation, not_finite, cache_hits, cpu_ms'
  expect(db.prepare(`SELECT ${columns} FROM window UNION ALL SELECT ${columns} FROM minute_traffic`).raw().all()).toEqual([
    [10, '{}', 0, 0, 0],
    [10, '{}', 0, 0, 0],
  ])
})

describe('indexes are used', () => {
  const rows = [
    {
      what: 'comparisons of a deployment',
      sql: 'SELECT * FROM shadow_total WHERE deployment = ?',
      uses: 'PRIMARY KEY (deployment=?)',
    },
    {
      what: 'the sum of a device and pair',
      sql: 'SELECT * FROM shadow_total WHERE deployment = ? AND digest = ? AND against = ? AND device = ?',
      uses: 'PRIMARY KEY (deployment=? AND digest=? AND against=? AND device=?)',
    },
    { what: 'use of some days', sql: 'SELECT * FROM ledger_day WHERE day >= ? AND day <= ?', uses: 'PRIMARY KEY (day>? AND day<?)' },
    {
      what: 'use of a device',
      sql: 'SELECT * FROM ledger WHERE device = ? AND ended_at >= ? AND ended_at < ? ORDER BY ended_at',
      uses: 'ledger_by_device (device=? AND ended_at>? AND ended_at<?)',
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
    expect(plan).not.toMatch(/SCAN|TEMP B-TREE/u)
    db.close()
  })
})
