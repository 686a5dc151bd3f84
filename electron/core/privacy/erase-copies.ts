import Database from 'better-sqlite3'
import * as fs from 'node:fs'
import { basename, join } from 'node:path'
import { errorCodeOf, messageOf, Problem } from '../../../shared/domain/problem.ts'
import { hashFile, linkOrCopy, syncFile } from '../backup/file-bytes.ts'
import { checkCopy, type StoreName } from '../backup/snapshot.ts'
import { redactCopy } from './redact-audit.ts'
import { eraseFromFleet, eraseFromTelemetry, type ErasedSubjects, type PredictionKey } from './erase-rows.ts'

/** Copies of stores that people are taken out of. */
export interface EraseCopies {
  erased: ErasedSubjects
  /** A backup: its files are written anew into an empty folder. null: none. */
  backup: { from: string; to: string; files: readonly { name: string; bytes: number; sha256: string }[] } | null
  /** Single copies, which are changed where they are. */
  files: readonly string[]
  /** When an entry of the audit log of a copy says that it was made. */
  at: number
}

/** What became of them. */
export interface ErasedCopies {
  /** Rows that were taken out. */
  rows: number
  /** Files of the backup as they are now. */
  files: { name: string; bytes: number; sha256: string }[]
  /** Files in which nothing can be looked up, with why. */
  unreadable: { file: string; reason: string }[]
}

/**
 * Takes people out of copies of stores, of this schema or an older one. A backup that is not what its manifest says stays damaged: written anew it would
 * pass for a good one.
 * @throws Problem `backup.damaged`; errors of SQLite and the disk about a backup
 */
export function eraseCopies({ erased, backup, files, at }: EraseCopies): ErasedCopies {
  const done: ErasedCopies = { rows: 0, files: [], unreadable: [] }
  let { predictions } = erased
  if (backup !== null) {
    // Telemetry first: it says which predictions the rows of the labelling desk belong to.
    for (const { name, bytes, sha256 } of [...backup.files].sort((a, b) => b.name.localeCompare(a.name))) {
      const target = join(backup.to, name)
      if (name.endsWith('.db')) {
        copyCompared(join(backup.from, name), target, { name, bytes, sha256 })
        const found = eraseFile(target, { ...erased, predictions }, at)
        checkCopy(target, name as StoreName)
        predictions = found.predictions
        done.rows += found.rows
        syncFile(target)
      } else {
        linkOrCopy(join(backup.from, name), target)
        compare(target, { name, bytes, sha256 })
      }
      done.files.push({ name, ...hashFile(target) })
    }
  }
  for (const file of [...files].sort((a, b) => basename(b).localeCompare(basename(a)))) {
    try {
      const found = eraseFile(file, { ...erased, predictions }, at)
      predictions = found.predictions
      done.rows += found.rows
    } catch (error) {
      done.unreadable.push({ file, reason: messageOf(error) })
    }
  }
  return done
}

function copyCompared(from: string, to: string, file: { name: string; bytes: number; sha256: string }): void {
  try {
    fs.copyFileSync(from, to)
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') throw new Problem('backup.damaged', `The backup lacks ${file.name}.`, { cause: error })
    throw error
  }
  compare(to, file)
}

function compare(copy: string, { name, bytes, sha256 }: { name: string; bytes: number; sha256: string }): void {
  const found = hashFile(copy)
  if (found.bytes === bytes && found.sha256 === sha256) return
  throw new Problem('backup.damaged', `${name} of the backup is damaged: its bytes are not those that were written.`)
}

function eraseFile(file: string, erased: ErasedSubjects, at: number): { rows: number; predictions: readonly PredictionKey[] } {
  const db = new Database(file, { fileMustExist: true })
  try {
    db.pragma('busy_timeout = 5000')
    db.pragma('secure_delete = ON')
    // One file without a log beside it, whatever it was.
    db.pragma('journal_mode = DELETE')
    return db
      .transaction(() => {
        const found = eraseFromTelemetry(db, erased)
        const rows = eraseFromFleet(db, { ...erased, predictions: found.predictions }) + redactCopy(db, found.predictions, at)
        return { rows: rows + found.samples + found.labels + found.unreadable, predictions: found.predictions }
      })
      .immediate()
  } finally {
    db.close()
  }
}
