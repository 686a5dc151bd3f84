import { dirname } from 'node:path'
import { messageOf, Problem, reportOf, type ProblemReport } from '../../../shared/domain/problem.ts'
import { dueAt, usualSchedule, type BackupSchedule } from '../../../shared/domain/backup/schedule.ts'
import { spareBackups } from '../../../shared/domain/backup/keep.ts'
import type { Jobs, JobWork } from '../jobs/jobs.ts'
import { newJobId } from '../jobs/jobs.ts'
import type { Log } from '../log.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { GuardList } from '../trust/guards.ts'
import type { Keyring } from '../trust/keys.ts'
import { backupGuard } from './guard.ts'
import { makeBackup, prepareFolder, removeBackup } from './make-backup.ts'
import type { BackupReason } from './manifest.ts'
import { chooseBackup, listBackups, lookThrough, noteVerified, usualFolder, type FoundBackup } from './places.ts'
import { forgetFolder, readPointer, writePointer, type NotedFolder } from './pointer.ts'
import type { ErasedSubjects } from '../privacy/erase-rows.ts'
import { prunePool } from './pool.ts'
import { eraseBackups, type ErasedBackups } from './erase-backups.ts'
import { readPlan } from './restore/planned.ts'
import { verifyInWorker } from './run-worker.ts'
import { knownKeys } from './trusted-keys.ts'

export interface BackupKeeperParts {
  store: FleetStore
  keyring: Keyring
  jobs: Jobs
  dataDirectory: string
  version: string
  fleet(): string
  now(): number
  log: Log
  changed(): void
}

/** Makes backups when they are due or wanted, and knows how they do. */
export interface BackupKeeper {
  readonly schedule: BackupSchedule
  readonly folder: string
  /** Whole backups of the folder, the newest first. */
  list(): FoundBackup[]
  find(named: string): FoundBackup
  /** Since when a backup could be due: the newest good one, else the first start with this version. */
  readonly since: number
  /** When the console first knew of backups. */
  readonly firstAt: number
  /** Why the last attempt failed; null: it did not. */
  readonly failure: { at: number; problem: ProblemReport } | null
  /** The job that makes one, if there is one. */
  readonly running: string | null
  /** Begins the job of a backup. */
  make(job: string, reason: BackupReason): void
  /** Begins the job of a check. */
  verify(job: string, name: string): void
  /** The backup that may be removed under a name or path. @throws Problem `backup.busy` while backups are made or rewritten, `backup.not-found` */
  removable(named: string): FoundBackup
  /** @throws the same */
  remove(named: string): void
  /** Takes people out of every backup, also of former folders. @throws Problem `backup.busy`, `store.*` */
  erase(erased: ErasedSubjects, signal: AbortSignal): Promise<ErasedBackups>
  /** Looks whether one is due, and begins it. */
  look(): void
  /** True if backups were made in a folder. */
  knows(folder: string): boolean
  /** The backups of a folder are gone for good: nobody is looked for there any more. */
  forget(folder: string): void
  /** The folder is another one: that is noted where it is found when fleet.db cannot be opened. */
  noteFolder(): void
  /** Looks from time to time whether one is due, and takes its row among the guards. @returns the end of it */
  start(guards: GuardList): () => void
}

/** How backups went so far, as it is stored. */
export interface BackupState {
  firstAt: number
  since: number
  failure: { at: number; problem: ProblemReport } | null
}

const LOOK_EVERY_MS = 60_000
/** After a failure the schedule tries again; a full disk is not filled each minute. */
const AGAIN_AFTER_MS = 3_600_000
const LIST_AGE_MS = 10_000
/** A console that has just started has better things to do. */
const FIRST_LOOK_MS = 120_000

export function openBackupKeeper(parts: BackupKeeperParts): BackupKeeper {
  return new Keeper(parts)
}

class Keeper implements BackupKeeper {
  readonly #parts: BackupKeeperParts
  #running: string | null = null
  /** People are taken out of backups: what is made, removed or cleared away meanwhile would get in the way. */
  #erasing: Promise<unknown> | null = null
  /** Manifests are read anew after some seconds: a disk may be plugged in, or taken away. */
  #listed: { at: number; folder: string; backups: FoundBackup[] } | null = null

  constructor(parts: BackupKeeperParts) {
    this.#parts = parts
    if (parts.store.settings.get('backupState') === undefined) this.#note({ firstAt: parts.now(), since: parts.now(), failure: null })
  }

  get schedule(): BackupSchedule {
    return { ...usualSchedule, ...this.#parts.store.settings.get('backupSchedule') }
  }

  get folder(): string {
    return this.schedule.folder ?? usualFolder(this.#parts.dataDirectory)
  }

  get failure(): BackupKeeper['failure'] {
    return this.#state.failure
  }

  get running(): string | null {
    return this.#running
  }

  get since(): number {
    return this.list().find(({ fault }) => fault === null)?.manifest.madeAt ?? this.#state.since
  }

  get firstAt(): number {
    return this.#state.firstAt
  }

  get #state(): BackupState {
    return this.#parts.store.settings.get('backupState') ?? { firstAt: 0, since: 0, failure: null }
  }

  list(): FoundBackup[] {
    const { folder } = this
    const at = this.#parts.now()
    if (this.#listed === null || this.#listed.folder !== folder || Math.abs(at - this.#listed.at) > LIST_AGE_MS)
      this.#listed = { at, folder, backups: listBackups(folder, this.#keys) }
    return this.#listed.backups
  }

  find(named: string): FoundBackup {
    return chooseBackup(named, this.folder, this.#keys)
  }

  make(job: string, reason: BackupReason): void {
    this.#running = job
    this.#parts.jobs.run(job, { kind: 'backups.make', title: 'Back up the fleet' }, (context) => this.#make(reason, context))
  }

  verify(job: string, name: string): void {
    const { jobs, now } = this.#parts
    jobs.run(job, { kind: 'backups.verify', title: `Check the backup ${name}` }, async (context) => {
      const { directory, manifest } = this.find(name)
      try {
        await verifyInWorker({ directory, folder: this.folder, manifest }, context)
        noteVerified(directory, { at: now(), fault: null })
      } catch (error) {
        if (error instanceof Problem && error.code === 'backup.damaged') noteVerified(directory, { at: now(), fault: error.message })
        throw error
      } finally {
        this.#listed = null
        this.#parts.changed()
      }
      return { name }
    })
  }

  remove(named: string): void {
    const { directory, name } = this.removable(named)
    const folder = dirname(directory)
    removeBackup(folder, name)
    this.#listed = null
    const left = lookThrough(folder, this.#keys)
    if (left !== null && left.backups.length + left.unreadable.length === 0) this.#noteFolder({ folder, hasBackups: false })
    this.#prunePool(folder)
  }

  removable(named: string): FoundBackup {
    const found = this.find(named)
    // A path may lead anywhere; only what this console made is its to remove.
    if (!this.knows(dirname(found.directory)))
      throw new Problem('backup.not-found', `${dirname(found.directory)} is no folder of the backups of this console.`)
    if (this.#running === null && this.#erasing === null) return found
    throw new Problem('backup.busy', 'Backups are being made or rewritten just now.', { hint: 'Try again in a moment.' })
  }

  async erase(erased: ErasedSubjects, signal: AbortSignal): Promise<ErasedBackups> {
    if (this.#running !== null) throw new Problem('backup.busy', 'A backup is being made; what it copied is looked through after it.')
    const { keyring, fleet, dataDirectory, now } = this.#parts
    const erasing = eraseBackups({
      ...{ keyring, dataDirectory, erased, signal, now, folders: this.#folders(), trusted: this.#keys, fleet: fleet() },
    })
    this.#erasing = erasing
    try {
      const done = await erasing
      if (done.count > 0) this.#parts.changed()
      return done
    } finally {
      this.#erasing = null
      this.#listed = null
    }
  }

  look(): void {
    const { now, log } = this.#parts
    const { schedule } = this
    const { failure } = this.#state
    if (!schedule.isOn || this.#running !== null || now() < dueAt(schedule, this.since)) return
    if (failure !== null && now() - failure.at < AGAIN_AFTER_MS) return
    log('info', 'the backup of the schedule begins')
    this.make(newJobId(), 'schedule')
  }

  knows(folder: string): boolean {
    return this.#folders().some((one) => one.folder === folder)
  }

  forget(folder: string): void {
    forgetFolder(this.#parts.dataDirectory, folder)
  }

  noteFolder(): void {
    this.#listed = null
    const { folder } = this
    this.#noteFolder(this.list().length > 0 ? { folder, hasBackups: true } : null)
  }

  #noteFolder(noted: NotedFolder | null): void {
    const { dataDirectory, log } = this.#parts
    try {
      writePointer(dataDirectory, { folder: this.folder, keys: this.#keys, noted: noted === null ? [] : [noted] })
    } catch (error) {
      log('warn', 'where the backups are could not be noted', { reason: messageOf(error) })
    }
  }

  start(guards: GuardList): () => void {
    const { log, store, dataDirectory, now } = this.#parts
    this.noteFolder()
    guards.add(() =>
      backupGuard(this, { dataDirectory, now: now(), keys: (store.settings.get('backupSeal') ?? null) === null ? 'left-out' : 'sealed' }),
    )
    let timer: NodeJS.Timeout | null = null
    const again = (ms: number): void => {
      timer = setTimeout(() => {
        try {
          this.look()
        } catch (error) {
          log('error', 'it could not be seen whether a backup is due', { reason: messageOf(error) })
        }
        again(LOOK_EVERY_MS)
      }, ms)
      timer.unref()
    }
    again(FIRST_LOOK_MS)
    return () => {
      if (timer !== null) clearTimeout(timer)
    }
  }

  /** Where backups lie, or lay. */
  #folders(): (NotedFolder & { isChosen: boolean })[] {
    const { folder } = this
    const known = readPointer(this.#parts.dataDirectory)?.folders ?? []
    const isNoted = known.some((one) => one.folder === folder)
    return [...known, ...(isNoted ? [] : [{ folder, hasBackups: false }])].map((one) => ({
      ...{ folder: one.folder, hasBackups: one.hasBackups, isChosen: one.folder === folder && this.schedule.folder !== null },
    }))
  }

  get #keys(): readonly string[] {
    return knownKeys(this.#parts.dataDirectory, this.#parts.keyring)
  }

  async #make(reason: BackupReason, context: Parameters<JobWork>[0]): Promise<{ name: string }> {
    const { store, keyring, dataDirectory, version, fleet, now, log } = this.#parts
    try {
      await this.#erasing?.catch(() => undefined)
      const name = await makeBackup(
        {
          ...{ dataDirectory, folder: this.folder, reason, version, now: now(), fleet: fleet() },
          ...{ seal: store.settings.get('backupSeal') ?? null, fleetName: store.settings.get('fleetName') ?? fleet() },
        },
        { keyring, ...context },
      )
      this.#listed = null
      this.#note({ ...this.#state, since: now(), failure: null })
      this.#noteFolder({ folder: this.folder, hasBackups: true })
      this.#removeSpare()
      return { name }
    } catch (error) {
      if (!context.signal.aborted) {
        log('error', 'the backup failed', { reason: messageOf(error) })
        this.#note({ ...this.#state, failure: { at: now(), problem: reportOf(error) } })
      }
      throw error
    } finally {
      this.#running = null
      this.#parts.changed()
    }
  }

  /** Older ones go only when a new one is there; what a person made stays until a person removes it. */
  #removeSpare(): void {
    // The one that is restored at the next start stays until it is.
    const planned = readPlan(this.#parts.dataDirectory)?.directory ?? null
    const scheduled = this.list().filter(
      ({ manifest, fault, directory }) => manifest.reason === 'schedule' && fault === null && directory !== planned,
    )
    const spare = spareBackups(
      scheduled.map(({ name, manifest }) => ({ name, madeAt: manifest.madeAt })),
      this.schedule.keep,
    )
    for (const name of spare) removeBackup(this.folder, name)
    if (spare.length === 0) return
    this.#listed = null
    this.#prunePool(this.folder)
  }

  #prunePool(folder: string): void {
    const content = lookThrough(folder, this.#keys)
    // What a manifest that cannot be read names is not known.
    if (content === null || content.unreadable.length > 0) return
    prunePool(folder, new Set(content.backups.flatMap(({ manifest }) => manifest.artifacts.map(({ sha256 }) => sha256))))
  }

  #note(state: BackupState): void {
    const { store, log } = this.#parts
    try {
      store.settings.set('backupState', state)
    } catch (error) {
      // The disk that has no space for a backup may have none for this word either; the job itself has failed visibly.
      log('error', 'how the backup went could not be noted', { reason: messageOf(error) })
    }
  }
}

/** Makes sure that a folder can take backups before it is chosen. @throws Problem `backup.folder`, `input.invalid` */
export function checkFolder(folder: string, of: { fleet: string; trusted: readonly string[] }): void {
  prepareFolder(folder)
  const other = listBackups(folder, of.trusted).find(({ manifest }) => manifest.fleet !== of.fleet)
  if (other !== undefined)
    throw new Problem('input.invalid', `${folder} holds backups of the fleet '${other.manifest.fleet}'. Choose a folder of its own.`)
}
