import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { replaceFile, syncDirectory } from '../../../../shared/store/durable-file.ts'
import { Problem } from '../../../../shared/domain/problem.ts'
import { openFleetStore } from '../../store/fleet/fleet-store.ts'
import { openFleet } from '../../store/fleet/open.ts'
import { secretFolders } from '../seal-keys.ts'
import { storeNames } from '../snapshot.ts'
import { carryOverAccess } from './carry-over.ts'
import { carryOverNumbers, isOfSameFleet } from './carry-over-numbers.ts'
import { carryOverPeople } from './carry-over-people.ts'

const JOURNAL = 'restore.journal.json'
const stagePattern = /^restore-[0-9T-]+\.partial(-\d+)?$/
/** A database and what SQLite keeps beside it. A journal whose file is gone would be played into the one that comes in its place. */
export const suffixes = ['', '-wal', '-shm', '-journal'] as const

/** A restore that has begun to change the data directory, as it is written down before. */
const journal = z.object({
  id: z.string().max(64),
  backup: z.string().max(256),
  madeAt: z.int(),
  at: z.int(),
  actor: z.string().max(200),
  stores: z.array(z.enum(storeNames)).max(2),
  /** Folders of keys that are put in place. */
  folders: z.array(z.enum(secretFolders)).max(2).default([]),
  /** Folders within the data directory. */
  stage: z.string().max(128),
  aside: z.string().max(128).nullable(),
  devices: z.int(),
})
export type RestoreJournal = z.infer<typeof journal>

/** The store that a restore is written down in cannot be opened; then what was moved stays, and no restore stands in the way of the next. */
const hopeless: readonly string[] = ['store.corrupt', 'store.missing']

/**
 * Puts staged stores in the place of the ones that are there.
 *
 * INVARIANTS
 * 1. The journal is on the disk before the first file moves, and goes when the last step is done. Every step may be done again: a restore that was
 *    cut off is finished at the next start of whatever opens the directory.
 * 2. Nothing is overwritten or deleted: what stood there moves into a folder of its own.
 * 3. fleet.db says in its audit log what was restored, before the console starts on it.
 */
export function swapIn(dataDirectory: string, entry: RestoreJournal): void {
  replaceFile(fs, { directory: dataDirectory, name: JOURNAL }, Buffer.from(JSON.stringify(entry)))
  finishRestore(dataDirectory)
}

/** True while a restore has begun to move files and is not through. */
export function isRestoring(dataDirectory: string): boolean {
  return fs.existsSync(join(dataDirectory, JOURNAL))
}

/** Removes what a restore left that was cut off before it had begun to move files: whole stores, which nothing else would find again. */
export function removeStages(dataDirectory: string): void {
  if (isRestoring(dataDirectory)) return
  for (const name of fs.readdirSync(dataDirectory))
    if (stagePattern.test(name)) fs.rmSync(join(dataDirectory, name), { recursive: true, force: true })
}

/** Finishes a restore that was cut off. @returns true if there was one */
export function finishRestore(dataDirectory: string): boolean {
  const file = join(dataDirectory, JOURNAL)
  if (!fs.existsSync(file)) return false
  const entry = journal.parse(JSON.parse(fs.readFileSync(file, 'utf8')))
  for (const name of entry.stores) moveOne(dataDirectory, entry, name)
  for (const name of entry.folders) moveFolder(dataDirectory, entry, name)
  syncDirectory(fs, dataDirectory)
  try {
    writeDown(dataDirectory, entry)
  } catch (error) {
    if (error instanceof Problem && hopeless.includes(error.code)) endJournal(dataDirectory, entry)
    throw error
  }
  endJournal(dataDirectory, entry)
  return true
}

function endJournal(dataDirectory: string, { stage }: RestoreJournal): void {
  fs.rmSync(join(dataDirectory, JOURNAL))
  syncDirectory(fs, dataDirectory)
  fs.rmSync(join(dataDirectory, stage), { recursive: true, force: true })
}

function moveOne(dataDirectory: string, { id, stage, aside: noted }: RestoreJournal, name: string): void {
  const staged = join(dataDirectory, stage, name)
  // It stands in its place already.
  if (!fs.existsSync(staged)) return
  const aside = noted ?? `before-restore-${id}`
  for (const suffix of suffixes) {
    const now = join(dataDirectory, name + suffix)
    if (!fs.existsSync(now)) continue
    const kept = join(dataDirectory, aside, name + suffix)
    fs.mkdirSync(dirname(kept), { recursive: true, mode: 0o700 })
    fs.renameSync(now, kept)
  }
  if (fs.existsSync(join(dataDirectory, aside))) syncDirectory(fs, join(dataDirectory, aside))
  fs.renameSync(staged, join(dataDirectory, name))
}

/** A folder of keys comes as a whole, or not at all: some keys of a fleet and some others are no keys. */
function moveFolder(dataDirectory: string, { id, stage, aside: noted }: RestoreJournal, name: string): void {
  const staged = join(dataDirectory, stage, name)
  if (!fs.existsSync(staged)) return
  const now = join(dataDirectory, name)
  if (fs.existsSync(now)) {
    const aside = join(dataDirectory, noted ?? `before-restore-${id}`)
    fs.mkdirSync(aside, { recursive: true, mode: 0o700 })
    fs.renameSync(now, join(aside, name))
    syncDirectory(fs, aside)
  }
  fs.renameSync(staged, now)
}

/** Notes the restore in fleet.db, takes over who may come in by now, and takes back codes of that time: one may have been used since. */
function writeDown(dataDirectory: string, { id, backup, madeAt, at, actor, stores, aside }: RestoreJournal): void {
  const file = join(dataDirectory, 'fleet.db')
  // Telemetry alone is no fleet: none must begin here without a word.
  if (!fs.existsSync(file)) throw new Problem('store.missing', `There is no ${file}.`)
  const db = openFleet(file, { keepsCopy: false })
  try {
    const store = openFleetStore(db)
    if (store.settings.get('restored')?.id === id) return
    const isFleet = stores.includes('fleet.db')
    store.transact(() => {
      const asideFile = aside === null ? null : join(dataDirectory, aside, 'fleet.db')
      const oldFile = asideFile !== null && isOfSameFleet(store, asideFile) ? asideFile : null
      if (isFleet) {
        store.enrolment.burnAll()
        store.pending.forgetBefore(at)
        carryOverNumbers(store, oldFile, at)
      }
      // null: what was there cannot be read, or is of another fleet.
      const shutOut = !isFleet || asideFile === null ? 0 : oldFile === null ? null : carryOverAccess(store, oldFile, { actor, at })
      const people = isFleet ? carryOverPeople(store, asideFile, at) : 'kept'
      store.settings.set('restored', { id, backup, madeAt, at, actor, stores, aside, isSettled: !isFleet })
      store.audit.append({ at, actor, action: 'backups.restored', detail: { backup, madeAt, stores, aside, shutOut, people } })
    })
  } finally {
    db.close()
  }
}
