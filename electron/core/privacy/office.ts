import * as fs from 'node:fs'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { ApiParts } from '../api/parts.ts'
import type { ErasedBackups } from '../backup/erase-backups.ts'
import { eraseInWorker } from '../backup/run-worker.ts'
import type { Erasure } from '../store/fleet/privacy.ts'
import { strayCopies } from './stray-copies.ts'
import { emptyLog, eraseFromFleet, type ErasedSubjects } from './erase-rows.ts'
import { readErased, writeErased } from './erased-file.ts'
import { rawMatches } from './raw-matches.ts'
import { redactNamed } from './redact-audit.ts'

/** What the office works with. */
export type PrivacyParts = Pick<
  ApiParts,
  'store' | 'telemetry' | 'desk' | 'backups' | 'hub' | 'registry' | 'dataDirectory' | 'now' | 'log' | 'config' | 'changed'
>

/** Takes people out of everything that the console holds, and knows which devices are still to do it. */
export interface PrivacyOffice {
  /** Begins, or tries again, what is not done. Call it after the commit. */
  kick(): void
  /** Devices reported: what they have taken out is confirmed. */
  heard(devices: Iterable<string>): void
  /** Notes who was erased beside the stores, so that a restore does not bring them back. */
  keepList(): void
  /** Begins. @returns what ends it */
  start(): () => Promise<void>
}

const AGAIN_MS = 30_000
/** Backups and copies are read in full: what a person must do something about is not tried each half minute. */
const AGAIN_COPIES_MS = 600_000

/** Opens the office; its parts are asked for when there is something to do. */
export function openPrivacyOffice(parts: () => PrivacyParts): PrivacyOffice {
  return new Office(parts)
}

class Office implements PrivacyOffice {
  readonly #partsOf: () => PrivacyParts
  readonly #abort = new AbortController()
  #running: Promise<void> | null = null
  #isWanted = false
  #timer: NodeJS.Timeout | null = null
  #notBefore = 0

  constructor(parts: () => PrivacyParts) {
    this.#partsOf = parts
  }

  get #parts(): PrivacyParts {
    return this.#partsOf()
  }

  kick(): void {
    this.#isWanted = true
    if (this.#abort.signal.aborted || this.#running !== null) return
    this.#isWanted = false
    this.#running = this.#work()
      // It is tried again with the next round; a disk that takes no word of it must not end the console.
      .catch((error: unknown) => this.#parts.log('error', 'people could not be taken out', { reason: messageOf(error) }))
      .finally(() => {
        this.#running = null
        if (this.#isWanted) this.kick()
      })
  }

  heard(devices: Iterable<string>): void {
    const { store, now } = this.#parts
    if (store.settings.get('privacySalt') === undefined) return
    const confirmed: string[] = []
    for (const device of devices) {
      const erased = store.devices.find(device)?.reported?.erased ?? []
      if (erased.length === 0) continue
      const at = now()
      const isNew = store.transact(() => erased.filter((subject) => store.privacy.confirm(device, subject, at)).length > 0)
      if (isNew) confirmed.push(device)
    }
    if (confirmed.length === 0) return
    // What they have done need not be asked of them any more.
    this.#parts.config.sign(confirmed)
    this.#parts.changed('privacy', 'devices')
  }

  keepList(): void {
    const { store, dataDirectory, backups } = this.#parts
    const salt = store.settings.get('privacySalt')
    const erased = store.privacy.erasures().map(({ subject, at, reason, by }) => ({ subject, at, reason, by }))
    if (salt === undefined || erased.length === 0) return
    for (const directory of [dataDirectory, backups.folder]) if (fs.existsSync(directory)) writeErased(directory, { v: 1, salt, erased })
  }

  start(): () => Promise<void> {
    this.#takeBackList()
    this.kick()
    this.#timer = setInterval(() => {
      const left = this.#notBefore - this.#parts.now()
      // A clock that was put back must not hold it up for years.
      if ((left <= 0 || left > AGAIN_COPIES_MS) && this.#open().length > 0) this.kick()
    }, AGAIN_MS)
    this.#timer.unref()
    return () => this.#stop()
  }

  async #stop(): Promise<void> {
    this.#abort.abort()
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.#running
  }

  /** After a restore the stores know nothing of what was erased since the backup, or hold again what was. */
  #takeBackList(): void {
    const { store, dataDirectory, backups, now } = this.#parts
    const lists = [readErased(dataDirectory), readErased(backups.folder)].filter((list) => list !== null)
    const restored = store.settings.get('restored')?.id ?? ''
    const isRestored = restored !== '' && store.settings.get('privacyRestore') !== restored
    store.transact(() => {
      for (const { salt, erased } of lists) {
        if (store.settings.get('privacySalt') === undefined) store.settings.set('privacySalt', salt)
        if (store.settings.get('privacySalt') !== salt) continue
        for (const one of erased.toReversed()) {
          if (store.privacy.erasure(one.subject) !== null) continue
          store.privacy.askDevices(store.privacy.addErasure(one))
          store.audit.recordSystem({ at: now(), action: 'privacy.erasureKept', detail: { subject: one.subject, erasedAt: one.at } })
        }
      }
      if (!isRestored) return
      store.privacy.doAgain()
      store.settings.set('privacyRestore', restored)
    })
  }

  #open(): Erasure[] {
    return this.#parts.store.privacy.erasures().filter(({ doneAt }) => doneAt === null)
  }

  async #work(): Promise<void> {
    for (const erasure of this.#open().reverse()) {
      if (this.#abort.signal.aborted) return
      await this.#erase(erasure)
    }
  }

  async #erase(erasure: Erasure): Promise<void> {
    const { store, log, now } = this.#parts
    const found = { ...erasure.found }
    const note = (doneAt: number | null, problem: string | null): void =>
      store.privacy.noteErasure({ id: erasure.id, doneAt, found, problem })
    try {
      this.keepList()
      const erased = await this.#eraseStores(erasure, found)
      await this.#eraseCopies(erased, found)
      store.transact(() => {
        note(now(), null)
        store.audit.recordSystem({ at: now(), action: 'privacy.erased', detail: { subject: erasure.subject, found } })
      })
    } catch (error) {
      if (this.#abort.signal.aborted) return
      log('warn', 'a subject is not taken out of everything yet; it is tried again', { reason: messageOf(error) })
      if (isForPeople(error)) this.#notBefore = now() + AGAIN_COPIES_MS
      store.transact(() => note(null, messageOf(error)))
    }
    this.#parts.changed('privacy', 'devices')
  }

  async #eraseStores({ subject }: Erasure, found: Erasure['found']): Promise<ErasedSubjects> {
    const { store, telemetry, registry, desk, hub, now } = this.#parts
    const { signal } = this.#abort
    const manifestOf = (digest: string) => registry.manifest(digest)
    const raw = await rawMatches(subject, { store, reader: telemetry.subjects, manifestOf, signal })
    const stored = await orAborted(hub().erase({ subjects: [subject], predictions: raw.predictions }), signal)
    const erased = { subjects: [subject], predictions: stored.predictions }
    const deskRows = store.transact(() => {
      const rows = eraseFromFleet(store.db, erased)
      const entry = {
        at: now(),
        action: 'privacy.storesErased',
        detail: { subject, predictions: stored.predictions.length, deskRows: rows },
      }
      redactNamed(store, stored.predictions, (redacted) => store.audit.recordSystem({ ...entry, detail: { ...entry.detail, redacted } }))
      return rows
    })
    const keys = new Set(stored.predictions.map(({ device, prediction }) => `${device} ${prediction}`))
    desk.context.book.forget(({ device, prediction }) => keys.has(`${device} ${prediction}`))
    add(found, { samples: stored.samples, labels: stored.labels, unreadable: stored.unreadable, deskRows })
    if (!stored.isLogEmpty || !emptyLog(store.db))
      throw new Problem('store.locked', 'A reader holds the log of a store, in which deleted rows still stand.')
    return erased
  }

  async #eraseCopies(erased: ErasedSubjects, found: Erasure['found']): Promise<void> {
    const { backups, dataDirectory, now } = this.#parts
    const { signal } = this.#abort
    const inBackups = await backups.erase(erased, signal)
    add(found, { backups: inBackups.count })
    const files = strayCopies(dataDirectory)
    if (files.length === 0) return requireWhole(inBackups)
    const done = await eraseInWorker({ erased, backup: null, files, at: now() }, { signal, progress: () => undefined })
    add(found, { copies: done.rows })
    const [bad] = done.unreadable
    if (bad !== undefined) throw new Problem('privacy.unreadable-copy', `Nothing can be looked up in ${bad.file}: ${bad.reason}`)
    requireWhole(inBackups)
  }
}

/** A console that ends does not wait for another process; what that does meanwhile is done again at the next start. */
function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new Problem('cancelled', 'The console ends.'))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** A disk that is not there, or a file that cannot be read: time alone mends neither. */
function isForPeople(error: unknown): boolean {
  return error instanceof Problem && ['backup.folder', 'backup.damaged', 'privacy.unreadable-copy'].includes(error.code)
}

/** Backups that could not be looked through may hold them still. */
function requireWhole({ left }: ErasedBackups): void {
  if (left !== null) throw left
}

/** What several attempts found adds up. */
function add(found: Erasure['found'], more: Erasure['found']): void {
  for (const [place, count] of Object.entries(more) as [keyof Erasure['found'], number][]) found[place] = (found[place] ?? 0) + count
}
