import Database from 'better-sqlite3'
import type { Brand } from '../../../shared/domain/ids.ts'
import { applyDurability, guardCorrupt, migrate, type Migration } from '../../../shared/store/sqlite-rules.ts'

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

/**
 * Opens a file for writing: durable (FULL, WAL, asserted), sound, and of the newest schema.
 * @param prepare gives the handle what its migrations need
 * @throws Problem `store.newer`, `store.corrupt`, `store.not-durable`, `data-directory.read-only`, `store.disk-full`
 */
export function openForWriting(file: string, migrations: readonly Migration[], prepare?: (db: Database.Database) => void): WriteDb {
  return guardCorrupt(file, () => {
    const db = new Database(file)
    try {
      prepare?.(db)
      applyDurability(rulesHandle(db), file)
      migrate(rulesHandle(db), migrations, file)
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
