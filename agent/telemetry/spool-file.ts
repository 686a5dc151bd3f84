import Database from 'better-sqlite3'
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs'
import { Problem, reportOf, type ProblemReport } from '../../shared/domain/problem.ts'
import { applyDurability, guardCorrupt, migrate, type Migration } from '../../shared/store/sqlite-rules.ts'

/** The schema of a spool file. Triggers keep its size: summing a full spool at every append would cost more than the append. */
export const spoolMigrations: readonly Migration[] = [
  {
    id: 10,
    name: 'spool',
    // AUTOINCREMENT: a number is never issued twice, not even after the newest record was deleted.
    sql: `
      CREATE TABLE spool (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        id TEXT NOT NULL,
        acked INTEGER NOT NULL CHECK (acked >= 0),
        sent INTEGER NOT NULL CHECK (sent >= 0),
        records INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      CREATE TABLE record (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        crc INTEGER NOT NULL,
        boot TEXT NOT NULL,
        measured_at INTEGER NOT NULL,
        monotonic_ms INTEGER NOT NULL,
        body TEXT NOT NULL
      ) STRICT;
      CREATE INDEX record_by_kind ON record (kind, seq);
      CREATE TRIGGER record_added AFTER INSERT ON record BEGIN
        UPDATE spool SET records = records + 1, bytes = bytes + NEW.bytes;
      END;
      CREATE TRIGGER record_removed AFTER DELETE ON record BEGIN
        UPDATE spool SET records = records - 1, bytes = bytes - OLD.bytes;
      END;
    `,
  },
  {
    id: 20,
    name: 'copies',
    // home: which file this is, so that a copy knows that it is one. fork: in a copy, the highest number that came with it.
    sql: `
      ALTER TABLE spool ADD COLUMN home TEXT;
      ALTER TABLE spool ADD COLUMN fork INTEGER;
    `,
  },
  {
    id: 30,
    name: 'detectors',
    // What detectors remember lies beside the records that they have seen, so that one transaction keeps both.
    sql: 'CREATE TABLE detector (bundle TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;',
  },
  {
    id: 40,
    name: 'erased',
    // Subjects that an order took out: what is still written about them goes no further than here.
    sql: 'CREATE TABLE erased (subject TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;',
  },
]

/** An open spool file, and what was moved aside to get there. */
export interface OpenedSpoolFile {
  db: Database.Database
  /** Path and cause of a damaged file that was kept under another name; null: the file was sound or new. */
  movedAside: { file: string; problem: ProblemReport } | null
}

/**
 * Opens a spool file durably. A damaged one is moved aside and kept, and a fresh one, with a new random id, is started.
 * @throws Problem `store.newer`, `store.not-durable`, `store.disk-full`, `data-directory.read-only`
 */
export function openSpoolFile(file: string, now: number): OpenedSpoolFile {
  try {
    return { db: openSound(file), movedAside: null }
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'store.corrupt') throw error
    const kept = moveAside(file, now)
    return { db: openSound(file), movedAside: { file: kept, problem: reportOf(error) } }
  }
}

function openSound(file: string): Database.Database {
  return guardCorrupt(file, () => {
    const db = new Database(file)
    try {
      const handle = rulesHandle(db)
      applyDurability(handle, file)
      migrate(handle, spoolMigrations, file)
      db.prepare('INSERT OR IGNORE INTO spool (only, id, acked, sent) VALUES (1, ?, 0, 0)').run(randomUUID())
    } catch (error) {
      db.close()
      throw error
    }
    return db
  })
}

/** What a file has that its copy has not: the machine, the inode and when it was made. A rename keeps it. */
export function homeOf(file: string): string {
  const { ino, birthtimeNs } = statSync(file, { bigint: true })
  return `${machineId()} ${ino} ${birthtimeNs}`
}

function machineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim()
  } catch {
    // Not every system has one; a copy on the same machine is known without.
    return ''
  }
}

/** Renames the database and its companions to `<file>.damaged-<time>[-n]`, never over an older one. */
export function moveAside(file: string, now: number): string {
  const stamp = new Date(now).toISOString().replace(/[:.]/g, '-')
  let kept = `${file}.damaged-${stamp}`
  for (let n = 2; existsSync(kept); n += 1) kept = `${file}.damaged-${stamp}-${n}`
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, kept + suffix)
  }
  return kept
}

// better-sqlite3 in the shape that the shared rules ask for.
function rulesHandle(db: Database.Database) {
  return {
    pragma: (source: string, options?: { simple?: boolean }): unknown => db.pragma(source, options),
    exec: (sql: string): unknown => db.exec(sql),
    transaction: <Result>(work: () => Result) => ({ immediate: (): Result => db.transaction(work).immediate() }),
  }
}
