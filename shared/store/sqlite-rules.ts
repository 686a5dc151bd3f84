import { errorCodeOf, messageOf, Problem } from '../domain/problem.ts'

/**
 * The few calls of a SQLite handle that these rules need (better-sqlite3 has them).
 * The rules stand here, without Node, because every file of the product follows them: fleet, telemetry and the agent's spool.
 */
export interface SqliteHandle {
  pragma(source: string, options?: { simple?: boolean }): unknown
  exec(sql: string): unknown
  transaction<Result>(work: () => Result): { immediate(): Result }
}

/** One numbered step of a schema. Never edited after a release. */
export interface Migration {
  id: number
  name: string
  sql: string
}

/**
 * Sets what every open needs, and checks it: WAL, synchronous=FULL (SQLite silently falls back to NORMAL on the second open
 * of a WAL file in this build), foreign keys, a busy timeout.
 * @throws Problem `store.not-durable` if FULL or WAL did not take, `store.corrupt` if the file is not a sound database.
 */
export function applyDurability(db: SqliteHandle, file: string): void {
  guardCorrupt(file, () => {
    db.pragma('busy_timeout = 5000')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    // What is deleted is overwritten: what somebody had erased must not be found in a free page.
    db.pragma('secure_delete = ON')
    db.pragma('wal_autocheckpoint = 1000')
    const check = db.pragma('quick_check(1)', { simple: true })
    if (check !== 'ok') throw new Problem('store.corrupt', `${file} is damaged: ${String(check)}`)
  })
  assertDurable(db, file)
}

/** @throws Problem `store.not-durable` unless commits of this handle survive a power cut. */
export function assertDurable(db: SqliteHandle, file: string): void {
  const synchronous = db.pragma('synchronous', { simple: true })
  const journal = db.pragma('journal_mode', { simple: true })
  if (synchronous !== 2 || (journal !== 'wal' && journal !== 'memory')) {
    throw new Problem(
      'store.not-durable',
      `${file} opened with synchronous=${String(synchronous)}, journal_mode=${String(journal)}; FULL and WAL are needed.`,
    )
  }
}

/**
 * Brings a file to the newest schema: each step and its `user_version` in one transaction.
 * @param beforeFirst called before a file that has content is changed, with the schema that it has and the one that it gets
 * @returns the versions that were applied, in order.
 * @throws Problem `store.newer` if the file was written by a newer version.
 */
export function migrate(
  db: SqliteHandle,
  migrations: readonly Migration[],
  file: string,
  beforeFirst?: (schemas: { from: number; to: number }) => void,
): number[] {
  const newest = migrations.at(-1)?.id ?? 0
  const current = Number(db.pragma('user_version', { simple: true }))
  if (current > newest) {
    throw new Problem(
      'store.newer',
      `${file} has schema ${current}; this version of Muster knows schemas up to ${newest}. Nothing was changed.`,
    )
  }
  if (current > 0 && current < newest) beforeFirst?.({ from: current, to: newest })
  const applied: number[] = []
  for (const step of migrations) {
    if (step.id <= current) continue
    db.transaction(() => {
      db.exec(step.sql)
      db.pragma(`user_version = ${step.id}`)
    }).immediate()
    applied.push(step.id)
  }
  return applied
}

/** True if an error says that the disk is full. */
export function isDiskFull(error: unknown): boolean {
  const code = errorCodeOf(error)
  return code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT'
}

/** Runs `work`; what SQLite reports as a damaged file becomes `store.corrupt`, and full, read-only, failing disks and held files get their codes. */
export function guardCorrupt<Result>(file: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw storeProblem(error, file)
  }
}

/** A SQLite error as a `Problem` with the code of its kind; anything unknown is returned as it is. */
export function storeProblem(error: unknown, file: string): unknown {
  const code = errorCodeOf(error) ?? ''
  if (error instanceof Problem) return error
  if (isDiskFull(error)) return new Problem('store.disk-full', `No space to write ${file}.`, { cause: error })
  if (code === 'SQLITE_CORRUPT' || code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT_')) {
    return new Problem('store.corrupt', `${file} is damaged: ${messageOf(error)}`, { cause: error })
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_CANTOPEN' || code === 'EROFS' || code === 'EACCES') {
    return new Problem('data-directory.read-only', `${file} cannot be written: ${messageOf(error)}`, { cause: error })
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new Problem('store.locked', `${file} is held by another process: ${messageOf(error)}`, { cause: error })
  }
  if (code.startsWith('SQLITE_IOERR') || code === 'EIO') {
    return new Problem('store.io-error', `${file} could not be read or written: ${messageOf(error)}`, { cause: error })
  }
  return error
}
