import Database from 'better-sqlite3'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { errorCodeOf, messageOf, Problem } from '../../../shared/domain/problem.ts'
import { storeProblem } from '../../../shared/store/sqlite-rules.ts'
import { syncFile } from './file-bytes.ts'

/** Pages that are copied in one go: some milliseconds of the disk. */
const PAGES = 1000

/** The stores of a data directory, in the order in which their moments are fixed. */
export const storeNames = ['fleet.db', 'telemetry.db'] as const
export type StoreName = (typeof storeNames)[number]

/** One store as it was copied. */
export interface StoreCopy {
  name: StoreName
  schema: number
}

/**
 * Copies the stores as they are at one moment, while they are written to, and checks each copy.
 *
 * INVARIANTS
 * 1. A transaction that only reads holds the moment of each store for as long as it is copied; writers are not held up by it.
 * 2. The moment of fleet.db comes first: how far rules have read in telemetry.db never points beyond the records of the copy.
 * 3. A copy is good only after `integrity_check` found nothing. It is one file, without a journal beside it, and synced.
 *
 * @param onStep told what share of all pages is copied
 * @throws Problem `backup.source-damaged`, `store.disk-full`, `store.missing`
 */
export async function copyStores(
  dataDirectory: string,
  target: string,
  onStep: (share: number, note: string) => void,
): Promise<StoreCopy[]> {
  const sources = storeNames.filter((name) => name === 'fleet.db' || fs.existsSync(join(dataDirectory, name)))
  const open: { name: StoreName; db: Database.Database; pages: number }[] = []
  try {
    for (const name of sources) open.push(holdMoment(join(dataDirectory, name), name))
    const total = open.reduce((sum, { pages }) => sum + pages, 0)
    let before = 0
    for (const { name, db, pages } of open) {
      const passed = before
      await guarded(name, () =>
        db.backup(join(target, name), {
          progress({ totalPages, remainingPages }) {
            onStep((passed + totalPages - remainingPages) / Math.max(1, total), `copying ${name}`)
            return PAGES
          },
        }),
      )
      before += pages
    }
  } finally {
    for (const { db } of open) db.close()
  }
  return sources.map((name) => {
    onStep(1, `checking ${name}`)
    return { name, schema: checkCopy(join(target, name), name) }
  })
}

/** @throws Problem `backup.source-damaged` unless a copy is sound. @returns its schema */
export function checkCopy(file: string, name: StoreName): number {
  const db = new Database(file)
  try {
    // One file, that can be moved and hashed by itself.
    db.pragma('journal_mode = DELETE')
    const found = db.pragma('integrity_check(5)') as { integrity_check: string }[]
    if (found.length !== 1 || found[0]?.integrity_check !== 'ok') {
      throw new Problem(
        'backup.source-damaged',
        `${name} is damaged: ${found
          .map((row) => row.integrity_check)
          .join('; ')
          .slice(0, 1000)}`,
      )
    }
    return Number(db.pragma('user_version', { simple: true }))
  } catch (error) {
    throw damagedOr(error, name)
  } finally {
    db.close()
    syncFile(file)
  }
}

function holdMoment(file: string, name: StoreName): { name: StoreName; db: Database.Database; pages: number } {
  if (!fs.existsSync(file)) throw new Problem('store.missing', `There is no ${file}.`)
  let db: Database.Database | null = null
  try {
    db = new Database(file, { readonly: true, fileMustExist: true })
    db.pragma('busy_timeout = 5000')
    db.exec('BEGIN')
    // The first read fixes the moment.
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    return { name, db, pages: Number(db.pragma('page_count', { simple: true })) }
  } catch (error) {
    db?.close()
    throw damagedOr(error, name)
  }
}

async function guarded(name: StoreName, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw damagedOr(error, name)
  }
}

function damagedOr(error: unknown, name: StoreName): unknown {
  const known = storeProblem(error, name)
  if (known instanceof Problem && known.code === 'store.corrupt') {
    return new Problem('backup.source-damaged', `${name} is damaged: ${messageOf(error)}`, { cause: error })
  }
  if (known instanceof Problem || errorCodeOf(error) === undefined) return known
  return new Problem('store.io-error', `${name} could not be copied: ${messageOf(error)}`, { cause: error })
}
