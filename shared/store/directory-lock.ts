import { errorCodeOf, Problem } from '../domain/problem.ts'
import { storeProblem } from './sqlite-rules.ts'

/** A SQLite handle as the lock needs it. */
export interface LockHandle {
  pragma(source: string): unknown
  exec(sql: string): unknown
  close(): unknown
}

/**
 * Holds a directory for one process: an exclusive SQLite transaction on a file in it. The operating system releases it when the
 * process ends, however it ends, so no stale lock is ever left behind.
 * @param open opens a SQLite file
 * @returns the release
 * @throws Problem `data-directory.in-use`, `data-directory.read-only`
 */
export function lockDirectory(open: (file: string) => LockHandle, file: string, directory: string): () => void {
  let db: LockHandle | null = null
  try {
    db = open(file)
    db.pragma('busy_timeout = 0')
    db.pragma('journal_mode = DELETE')
    db.pragma('locking_mode = EXCLUSIVE')
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db?.close()
    const code = errorCodeOf(error) ?? ''
    if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
      throw new Problem('data-directory.in-use', `Another process works in ${directory}.`, { cause: error })
    }
    throw storeProblem(error, directory)
  }
  const held = db
  return () => held.close()
}
