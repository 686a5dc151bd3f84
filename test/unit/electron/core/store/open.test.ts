import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { openFleet } from '../../../../../electron/core/store/fleet/open.ts'
import { openTelemetryReader, openTelemetryWriter } from '../../../../../electron/core/store/telemetry/open.ts'
import { Problem } from '../../../../../shared/domain/problem.ts'
import { lockDirectory } from '../../../../../shared/store/directory-lock.ts'
import { migrate } from '../../../../../shared/store/sqlite-rules.ts'
import { rulesHandle } from '../../../../../electron/core/store/open.ts'
import { temporaryDirectory } from '../../../../harness/fleet.ts'

function codeOf(work: () => unknown): string {
  try {
    work()
    return 'opened'
  } catch (error) {
    return error instanceof Problem ? error.code : String(error)
  }
}

describe.each([
  ['fleet.db', openFleet],
  ['telemetry.db', openTelemetryWriter],
] as const)('%s', (name, open) => {
  test('is FULL and WAL on the first open and on the second', () => {
    const file = join(temporaryDirectory(), name)
    const modes = [0, 1].map(() => {
      const db = open(file)
      const found = [db.pragma('synchronous', { simple: true }), db.pragma('journal_mode', { simple: true })]
      db.close()
      return found
    })
    expect(modes).toEqual([
      [2, 'wal'],
      [2, 'wal'],
    ])
  })

  test('of a newer version is refused and left as it is', () => {
    const file = join(temporaryDirectory(), name)
    const db = open(file)
    db.pragma('user_version = 99990')
    db.close()
    const before = readFileSync(file)
    expect(codeOf(() => open(file))).toBe('store.newer')
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  test.each([
    { name: 'text', damage: (file: string) => writeFileSync(file, 'hello '.repeat(1000)) },
    {
      name: 'cut off',
      damage: (file: string) => {
        open(file).close()
        truncateSync(file, 5000)
      },
    },
    {
      name: 'with a header of zeros',
      damage: (file: string) => {
        open(file).close()
        const bytes = readFileSync(file)
        bytes.fill(0, 0, 64)
        writeFileSync(file, bytes)
      },
    },
  ])('$name is said to be damaged', ({ damage }) => {
    const file = join(temporaryDirectory(), name)
    damage(file)
    expect(codeOf(() => open(file))).toBe('store.corrupt')
  })
})

test('a folder in the place of the file, or a missing folder, is a clear error', () => {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'fleet.db'))
  expect([codeOf(() => openFleet(join(directory, 'fleet.db'))), codeOf(() => openFleet(join(directory, 'missing', 'fleet.db')))]).toEqual([
    'data-directory.read-only',
    expect.stringContaining('directory does not exist'),
  ])
})

test('a migration that fails leaves schema and version as they were', () => {
  const db = new Database(':memory:')
  const steps = [
    { id: 10, name: 'first', sql: 'CREATE TABLE a (x INTEGER) STRICT' },
    { id: 20, name: 'second', sql: 'CREATE TABLE b (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1)' },
  ]
  expect(() => migrate(rulesHandle(db), steps, 'memory')).toThrow('no such table: nowhere')
  expect([db.pragma('user_version', { simple: true }), db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()]).toEqual([
    10,
    [{ name: 'a' }],
  ])
  db.close()
})

test('a reader cannot write', () => {
  const file = join(temporaryDirectory(), 'telemetry.db')
  openTelemetryWriter(file).close()
  const reader = openTelemetryReader(file)
  expect(() => reader.exec('DELETE FROM window')).toThrow(/readonly/)
  reader.close()
})

test('a directory is held by one; the release frees it', () => {
  const directory = temporaryDirectory()
  const lock = () => lockDirectory((file) => new Database(file), join(directory, 'lock'), directory)
  const release = lock()
  expect(codeOf(lock)).toBe('data-directory.in-use')
  release()
  lock()()
})

describe('indexes are used', () => {
  const rows = [
    {
      what: 'windows of a device',
      sql: 'SELECT * FROM window WHERE device = ? AND subject = ? AND started_at > ?',
      index: 'window_by_subject',
    },
    { what: 'windows of a period', sql: 'SELECT * FROM window WHERE started_at >= ? AND started_at <= ?', index: 'window_by_time' },
    { what: 'events of a device', sql: 'SELECT * FROM event WHERE device = ? ORDER BY at DESC', index: 'event_by_device' },
    { what: 'a record of a spool', sql: 'SELECT * FROM sample WHERE spool = ? AND seq = ?', index: 'sample_by_record' },
  ]
  test.each(rows)('$what', ({ sql, index }) => {
    const db = openTelemetryWriter(':memory:')
    const plan = db
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...Array.from({ length: sql.split('?').length - 1 }, () => 1))
      .map((row) => row.detail)
      .join('\n')
    expect(plan).toContain(`USING INDEX ${index}`)
    db.close()
  })
})
