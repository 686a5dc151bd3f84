import type Database from 'better-sqlite3'
import * as fs from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Problem } from '../../../shared/domain/problem.ts'
import { syncDirectory } from '../../../shared/store/durable-file.ts'

/** Folder beside a store for the copies that are made before its schema is changed. */
export const COPIES_FOLDER = 'before-migration'
/** Copies that are kept of each store, the newest. */
const KEPT = 3
const MARGIN_BYTES = 8 * 1024 * 1024

/**
 * Copies a store before its schema is changed, and checks the copy. The copy stays: an older version of Muster opens it as it is.
 * @throws Problem `store.disk-full`, `store.corrupt`; then nothing was changed
 */
export function copyBeforeMigration(db: Database.Database, file: string, { from, to }: { from: number; to: number }): void {
  const directory = join(dirname(file), COPIES_FOLDER)
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-')
  const name = basename(file, '.db')
  const target = join(directory, `${name}-schema-${from}-before-${to}-${stamp}.db`)
  const temporary = `${target}.partial`
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  checkSpace(db, file, directory)
  removePartials(directory, name)
  try {
    db.prepare('VACUUM INTO ?').run(temporary)
    db.prepare('ATTACH ? AS copy').run(temporary)
    try {
      const found = db.pragma('copy.integrity_check(1)', { simple: true })
      if (found !== 'ok')
        throw new Problem('store.corrupt', `The copy of ${file} before the change of its schema is damaged: ${String(found)}`)
    } finally {
      db.exec('DETACH copy')
    }
    sync(temporary)
    fs.renameSync(temporary, target)
  } catch (error) {
    fs.rmSync(temporary, { force: true })
    throw error
  }
  syncDirectory(fs, directory)
  const copies = fs.readdirSync(directory).filter((one) => one.startsWith(`${name}-schema-`) && one.endsWith('.db'))
  const newestFirst = copies.sort((a, b) => b.slice(-22).localeCompare(a.slice(-22)))
  for (const old of newestFirst.slice(KEPT)) fs.rmSync(join(directory, old), { force: true })
}

function checkSpace(db: Database.Database, file: string, directory: string): void {
  const needed = Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true })) + MARGIN_BYTES
  const { bavail, bsize } = fs.statfsSync(directory)
  if (bavail * bsize >= needed) return
  const mega = (bytes: number): string => (bytes / 1e6).toFixed(0)
  throw new Problem(
    'store.disk-full',
    `${file} must be copied before its schema is changed: that needs ${mega(needed)} MB, and ${mega(bavail * bsize)} MB are free. Nothing was changed.`,
  )
}

function removePartials(directory: string, name: string): void {
  for (const one of fs.readdirSync(directory)) {
    if (one.startsWith(`${name}-schema-`) && one.endsWith('.partial')) fs.rmSync(join(directory, one), { force: true })
  }
}

function sync(file: string): void {
  const fd = fs.openSync(file, 'r+')
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}
