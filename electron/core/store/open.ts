import Database from 'better-sqlite3'
import { dirname } from 'node:path'
import type { Brand } from '../../../shared/domain/ids.ts'
import { applyDurability, guardCorrupt, migrate, type Migration } from '../../../shared/store/sqlite-rules.ts'
import { checkPlace } from './check-place.ts'
import { copyBeforeMigration } from './copy-before-migration.ts'

/** A handle that may write. There is one per file: fleet.db belongs to the core, telemetry.db to the ingest writer. */
export type WriteDb = Brand<Database.Database, 'WriteDb'>
/** A handle that only reads. */
export type ReadDb = Brand<Database.Database, 'ReadDb'>

/** `.immediate()` of better-sqlite3 in the shape that the shared rules ask for. */
export function rulesHandle(db: Database.Database) {
  return {
    pragma: (source: string, options?: { simple?: boolean }): unknown => db.pragma(source, options),
    exec: (sql: string): unknown => db.exec(sql),
    transaction: <Result>(work: () => Result) => ({ immediate: (): Result => db.transaction(work).immediate() }),
  }
}

/** How a store is opened, besides its schema. */
export interface OpenOptions {
  /** Gives the handle what its migrations need. */
  prepare?(db: Database.Database): void
  /** false: no copy is made before the schema is changed, because the file is a copy itself. */
  keepsCopy?: boolean
  /** Told each statement before it runs. */
  onStatement?(sql: unknown): void
}

/**
 * Opens a file for writing: durable (FULL, WAL, asserted), sound, and of the newest schema. Before a schema is changed the file is copied.
 * @throws Problem `store.newer`, `store.corrupt`, `store.not-durable`, `store.locked`, `store.network-disk`, `data-directory.read-only`,
 * `store.disk-full`, `store.io-error`
 */
export function openForWriting(file: string, migrations: readonly Migration[], options: OpenOptions = {}): WriteDb {
  if (file !== ':memory:') checkPlace(dirname(file))
  return guardCorrupt(file, () => {
    const db = new Database(file, options.onStatement === undefined ? {} : { verbose: options.onStatement })
    try {
      options.prepare?.(db)
      applyDurability(rulesHandle(db), file)
      migrate(rulesHandle(db), migrations, file, (schemas) => {
        if (options.keepsCopy !== false && file !== ':memory:') copyBeforeMigration(db, file, schemas)
      })
    } catch (error) {
      db.close()
      throw error
    }
    return db as WriteDb
  })
}

/** Opens an existing file for reading beside its writer. */
export function openForReading(file: string): ReadDb {
  return guardCorrupt(file, () => {
    const db = new Database(file, { readonly: true, fileMustExist: true })
    db.pragma('busy_timeout = 5000')
    db.pragma('query_only = ON')
    return db as ReadDb
  })
}
