import Database from 'better-sqlite3'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fleetMigrations, openFleet } from '../../../../../electron/core/store/fleet/open.ts'
import { addSumFunctions } from '../../../../../electron/core/store/telemetry/minute-sums.ts'
import { openTelemetryWriter, telemetryMigrations } from '../../../../../electron/core/store/telemetry/open.ts'
import { rulesHandle } from '../../../../../electron/core/store/open.ts'
import { COPIES_FOLDER } from '../../../../../electron/core/store/copy-before-migration.ts'
import { Problem } from '../../../../../shared/domain/problem.ts'
import { migrate, type Migration } from '../../../../../shared/store/sqlite-rules.ts'
import { temporaryDirectory } from '../../../../harness/fleet.ts'

const stores = [
  { name: 'fleet.db', open: openFleet, migrations: fleetMigrations as readonly Migration[] },
  { name: 'telemetry.db', open: openTelemetryWriter, migrations: telemetryMigrations as readonly Migration[] },
]

/** A file of the first schema with a row of data. */
function oldFile(name: string, migrations: readonly Migration[]): string {
  const file = join(temporaryDirectory(), name)
  const db = new Database(file)
  addSumFunctions(db)
  db.pragma('journal_mode = WAL')
  migrate(rulesHandle(db), migrations.slice(0, 1), file)
  db.exec("CREATE TABLE kept (x TEXT); INSERT INTO kept VALUES ('data')")
  db.close()
  return file
}

function schemaOf(file: string): { version: unknown; kept: unknown; sql: string[] } {
  const db = new Database(file, { readonly: true })
  try {
    return {
      version: db.pragma('user_version', { simple: true }),
      kept: db.prepare('SELECT x FROM kept').pluck().get(),
      sql: db.prepare<[], string>('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name').pluck().all(),
    }
  } finally {
    db.close()
  }
}

/** The files of a database as a process that is killed now would leave them: what was written is there, whoever ends. */
function freeze(file: string, to: string): void {
  fs.mkdirSync(to)
  for (const suffix of ['', '-wal', '-journal']) {
    const from = file + suffix
    if (fs.existsSync(from)) fs.copyFileSync(from, join(to, file.slice(file.lastIndexOf('/') + 1) + suffix))
  }
}

describe.each(stores)('$name', ({ name, open, migrations }) => {
  test(
    'case 37: killed at every statement of every migration, the data is whole and the second start goes through',
    { timeout: 90_000 },
    () => {
      const file = oldFile(name, migrations)
      const frozen = join(temporaryDirectory(), 'frozen')
      fs.mkdirSync(frozen)
      const statements: string[] = []
      let isMigrating = false
      open(file, {
        onStatement(sql) {
          if (String(sql).startsWith('BEGIN IMMEDIATE')) isMigrating = true
          if (!isMigrating) return
          freeze(file, join(frozen, String(statements.length)))
          statements.push(String(sql))
        },
      }).close()
      const whole = schemaOf(file)
      expect(whole.version).toBe(migrations.at(-1)!.id)
      expect(statements.length).toBeGreaterThan(migrations.length * 3)
      const steps = new Set<number>(migrations.map(({ id }) => id))
      for (const [n] of statements.entries()) {
        const cut = join(frozen, String(n), name)
        const left = schemaOf(cut)
        expect(steps.has(Number(left.version))).toBe(true)
        expect(left.kept).toBe('data')
        open(cut, { keepsCopy: false }).close()
        expect(schemaOf(cut)).toEqual(whole)
      }
      process.stdout.write(`${name}: ${statements.length} statements of ${migrations.length - 1} migrations, cut off at each\n`)
    },
  )

  test('case 37: a sound copy is made before the schema changes, and the older version opens it', () => {
    const file = oldFile(name, migrations)
    const before = schemaOf(file)
    open(file).close()
    const folder = join(file, '..', COPIES_FOLDER)
    const [copy, ...others] = fs.readdirSync(folder)
    expect(others).toEqual([])
    expect(copy).toMatch(new RegExp(`^${name.replace('.db', '')}-schema-10-before-${migrations.at(-1)!.id}-.*\\.db$`))
    expect(schemaOf(join(folder, copy!))).toEqual(before)
    // A second start changes no schema and copies nothing.
    open(file).close()
    expect(fs.readdirSync(folder).length).toBe(1)
  })

  test('case 37: a migration that fails leaves the old data, and says so', () => {
    const file = oldFile(name, migrations)
    const before = schemaOf(file)
    const db = new Database(file)
    const broken = [...migrations.slice(0, 1), { id: 15, name: 'broken', sql: 'CREATE TABLE half (x); INSERT INTO nowhere VALUES (1)' }]
    expect(() => migrate(rulesHandle(db), broken, file)).toThrow(/nowhere/)
    db.close()
    expect(schemaOf(file)).toEqual(before)
  })

  test('case 37: a file of a newer version is refused with both versions, and not changed', () => {
    const file = oldFile(name, migrations)
    const db = new Database(file)
    db.pragma('user_version = 99990')
    db.close()
    const bytes = fs.readFileSync(file)
    let problem: unknown = null
    try {
      open(file)
    } catch (error) {
      problem = error
    }
    expect(problem).toBeInstanceOf(Problem)
    expect((problem as Problem).code).toBe('store.newer')
    expect((problem as Problem).message).toMatch(new RegExp(`schema 99990; .* up to ${migrations.at(-1)!.id}`))
    expect(fs.readFileSync(file).equals(bytes)).toBe(true)
  })
})
