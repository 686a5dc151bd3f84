import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { replaceFile, syncDirectory } from '../../../../shared/store/durable-file.ts'
import { openFleetStore } from '../../store/fleet/fleet-store.ts'
import { openFleet } from '../../store/fleet/open.ts'
import { storeNames } from '../snapshot.ts'
import { carryOverExclusions } from './carry-over.ts'
import { carryOverPeople } from './carry-over-people.ts'

const JOURNAL = 'restore.journal.json'
/** A database and what SQLite keeps beside it; the main file goes first: a journal alone is nothing. */
const suffixes = ['', '-wal', '-shm', '-journal'] as const

/** A restore that has begun to change the data directory, as it is written down before. */
const journal = z.object({
  id: z.string().max(64),
  backup: z.string().max(256),
  madeAt: z.int(),
  at: z.int(),
  actor: z.string().max(200),
  stores: z.array(z.enum(storeNames)).max(2),
  /** Folders within the data directory. */
  stage: z.string().max(128),
  aside: z.string().max(128).nullable(),
  devices: z.int(),
})
export type RestoreJournal = z.infer<typeof journal>

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

/** Finishes a restore that was cut off. @returns true if there was one */
export function finishRestore(dataDirectory: string): boolean {
  const file = join(dataDirectory, JOURNAL)
  if (!fs.existsSync(file)) return false
  const entry = journal.parse(JSON.parse(fs.readFileSync(file, 'utf8')))
  for (const name of entry.stores) moveOne(dataDirectory, entry, name)
  syncDirectory(fs, dataDirectory)
  writeDown(dataDirectory, entry)
  fs.rmSync(file)
  syncDirectory(fs, dataDirectory)
  fs.rmSync(join(dataDirectory, entry.stage), { recursive: true, force: true })
  return true
}

function moveOne(dataDirectory: string, { stage, aside }: RestoreJournal, name: string): void {
  const staged = join(dataDirectory, stage, name)
  // It stands in its place already.
  if (!fs.existsSync(staged)) return
  for (const suffix of suffixes) {
    const now = join(dataDirectory, name + suffix)
    if (aside === null || !fs.existsSync(now)) continue
    const kept = join(dataDirectory, aside, name + suffix)
    fs.mkdirSync(dirname(kept), { recursive: true, mode: 0o700 })
    fs.renameSync(now, kept)
  }
  if (aside !== null && fs.existsSync(join(dataDirectory, aside))) syncDirectory(fs, join(dataDirectory, aside))
  fs.renameSync(staged, join(dataDirectory, name))
}

/** Notes the restore in fleet.db, shuts out whom somebody has shut out since, and takes back codes of that time: one may have been used since. */
function writeDown(dataDirectory: string, { id, backup, madeAt, at, actor, stores, aside }: RestoreJournal): void {
  const db = openFleet(join(dataDirectory, 'fleet.db'), { keepsCopy: false })
  try {
    const store = openFleetStore(db)
    if (store.settings.get('restored')?.id === id) return
    const isFleet = stores.includes('fleet.db')
    store.transact(() => {
      if (isFleet) store.enrolment.burnAll()
      const oldFile = aside === null ? null : join(dataDirectory, aside, 'fleet.db')
      const shutOut = isFleet && oldFile !== null ? carryOverExclusions(store, oldFile, { actor, at }) : 0
      const people = isFleet ? carryOverPeople(store, oldFile, at) : 'kept'
      store.settings.set('restored', { id, backup, madeAt, at, actor, stores, aside, isSettled: !isFleet })
      store.audit.append({ at, actor, action: 'backups.restored', detail: { backup, madeAt, stores, aside, shutOut, people } })
    })
  } finally {
    db.close()
  }
}
