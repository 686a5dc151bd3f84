import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, Problem } from '../../../../shared/domain/problem.ts'
import { newJobId, type Jobs, type JobWork } from '../../jobs/jobs.ts'
import type { Log } from '../../log.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import type { OfferRow, RemoteVersion } from '../../store/fleet/source-offers.ts'
import type { SourceRow } from '../../store/fleet/sources.ts'
import { openMlflow, type MlflowClient } from '../mlflow/client.ts'
import { serverOf } from '../mlflow/server-of.ts'
import type { ImportedVersion, Registry } from '../registry.ts'
import { findByAlias, findInFolder, type Look } from './find-offers.ts'
import { importRemote } from './import-version.ts'
import { takeOffer, type OfferParts } from './offers.ts'
import { createSettling } from './settle.ts'
import { wantTags, writeTags } from './write-tags.ts'

export interface SourceParts {
  store: FleetStore
  registry: Pick<Registry, 'import' | 'version'>
  /** @throws Problem `trust.locked` if nothing can be signed now */
  requireKeys(): void
  jobs: Jobs
  dataDirectory: string
  fleetName(): string
  now(): number
  random(): number
  log: Log
  changed(...topics: ('sources' | 'models')[]): void
}

/** What a person who asked a place now is told. */
export interface Polled {
  found: number
  settling: number
  imported: string[]
  failed: { name: string; problem: string }[]
}

/** A version that a person wants of a tracking server: by its name, else by an alias. */
export interface WantedVersion {
  source: string
  model: string
  version: string | null
  alias: string | null
  /** Name of the model here; null: made of its name there. */
  as: string | null
  actor: string
}

/** Looks at the places that models come from. */
export interface Sources {
  /** Looks once at everything that is due. */
  look(): Promise<void>
  /** Begins a job that asks one place now and imports what is new there. */
  poll(job: string, source: string): void
  /** Begins a job that imports a version of a tracking server. */
  importRemote(job: string, of: WantedVersion): void
  /** The tracking server of a source. @throws Problem `source.not-found`, `source.secret`, `source.address`, `input.invalid` for a folder */
  client(source: string): MlflowClient
  /** Looks from time to time. @returns its end */
  start(): () => Promise<void>
}

const LOOK_MS = 10_000
const TAGS_MS = 60_000
const MINUTE = 60_000

/** INVARIANTS: 1. what comes in is a draft; nothing here orders, approves or releases anything. 2. One look at a time. 3. A place that fails keeps no other one from being asked. */
export function openSources(parts: SourceParts): Sources {
  return new Keeper(parts)
}

class Keeper implements Sources {
  readonly #parts: SourceParts
  readonly #offerParts: OfferParts
  readonly #abort = new AbortController()
  readonly #settling = createSettling()
  /** Offers whose import waits or runs. */
  readonly #taken = new Set<number>()
  #looking: Promise<void> | null = null
  #next: Promise<void> | null = null
  #tagsAt = Number.NEGATIVE_INFINITY
  readonly #workDirectory: string

  constructor(parts: SourceParts) {
    this.#parts = parts
    this.#workDirectory = join(parts.dataDirectory, 'work', 'sources')
    // What an import that was killed has left.
    rmSync(this.#workDirectory, { recursive: true, force: true })
    const { store, registry, now, random } = parts
    this.#offerParts = {
      ...{ store, registry, now, random, workDirectory: this.#workDirectory },
      ...{ requireKeys: () => parts.requireKeys(), isStopping: () => this.#abort.signal.aborted },
    }
  }

  look(): Promise<void> {
    if (this.#looking !== null) {
      // The look that is under way may have passed what the caller means.
      this.#next ??= this.#looking.then(() => {
        this.#next = null
        return this.look()
      })
      return this.#next
    }
    this.#looking = this.#lookNow()
      .catch((error: unknown) => this.#parts.log('error', 'the sources of models could not be looked at', { reason: messageOf(error) }))
      .finally(() => (this.#looking = null))
    return this.#looking
  }

  async #lookNow(): Promise<void> {
    const { store, now } = this.#parts
    const { signal } = this.#abort
    if (signal.aborted) return
    const due = store.sources.all().filter((row) => row.settings.isEnabled && isDue(row, now()))
    // Beside each other: a server that takes its time keeps no folder and no other server waiting.
    await Promise.all(due.map((row) => this.#lookAt(row, signal)))
    if (signal.aborted) return
    await this.#tellBack()
    if (signal.aborted) return
    for (const offer of store.sourceOffers.due(now())) this.#begin(offer)
  }

  /** Asks one place, and notes how that went. */
  async #lookAt(row: SourceRow, signal: AbortSignal): Promise<Look> {
    const { store, now, changed, log } = this.#parts
    const { settings, source } = row
    const look =
      settings.kind === 'folder'
        ? findInFolder(this.#parts, { row, settings, settling: this.#settling })
        : await findByAlias(this.#parts, { row, settings, client: () => openMlflow(serverOf(row, settings), signal) })
    if (signal.aborted || store.sources.find(source) === null) return look
    const { problem } = look
    // A folder is looked at every few seconds: what stays as it is is not written each time.
    const isSame = row.problem?.code === problem?.code && row.problem?.message === problem?.message
    if (settings.kind === 'mlflow' || !isSame || row.lookedAt === null) {
      const noted =
        problem === null ? null : { code: problem.code, message: problem.message.slice(0, 2000), at: isSame ? row.problem!.at : now() }
      store.transact(() => store.sources.noteLook(source, now(), noted))
    }
    if (problem !== null && !isSame)
      log('warn', 'a source of models could not be asked', { source, code: problem.code, reason: problem.message })
    if (look.found > 0 || !isSame) changed('sources')
    return look
  }

  #begin(offer: OfferRow): void {
    if (this.#taken.has(offer.offer) || this.#parts.store.sources.find(offer.source)?.settings.isEnabled !== true) return
    this.#taken.add(offer.offer)
    const title = `Import ${offer.name} of ${offer.source}`
    this.#parts.jobs.run(newJobId(), { kind: 'sources.import', title }, async (context) => {
      try {
        return (await this.#take(offer, context)).model
      } finally {
        this.#taken.delete(offer.offer)
      }
    })
  }

  async #take(offer: OfferRow, context: Parameters<JobWork>[0]): Promise<ImportedVersion> {
    try {
      return (await takeOffer(this.#offerParts, offer, context)).imported
    } finally {
      this.#parts.changed('sources', 'models')
    }
  }

  poll(job: string, source: string): void {
    this.#parts.jobs.run(job, { kind: 'sources.poll', title: `Ask ${source}` }, (context) => this.#poll(source, context))
  }

  async #poll(source: string, context: Parameters<JobWork>[0]): Promise<Polled> {
    const { store, now } = this.#parts
    context.progress(null, `asking ${source}`)
    const { found, settling, problem } = await this.#lookAt(requireSource(store, source), context.signal)
    if (problem !== null) throw problem
    store.transact(() => store.sourceOffers.again(source, now()))
    const polled: Polled = { found, settling, imported: [], failed: [] }
    for (const offer of store.sourceOffers.due(now()).filter((one) => one.source === source && !this.#taken.has(one.offer))) {
      this.#taken.add(offer.offer)
      try {
        const { model, version } = await this.#take(offer, context)
        polled.imported.push(`${model}@${version}`)
      } catch (error) {
        if (context.signal.aborted) throw error
        polled.failed.push({ name: offer.name, problem: messageOf(error) })
      } finally {
        this.#taken.delete(offer.offer)
      }
    }
    return polled
  }

  importRemote(job: string, of: WantedVersion): void {
    const title = `Import ${of.model} ${of.version ?? of.alias ?? ''} of ${of.source}`
    this.#parts.jobs.run(job, { kind: 'mlflow.import', title }, (context) => this.#importRemote(of, context))
  }

  async #importRemote(
    { source, actor, ...of }: WantedVersion,
    context: Parameters<JobWork>[0],
  ): Promise<ImportedVersion & { notes: string[] }> {
    const { store, now, changed } = this.#parts
    const row = requireSource(store, source)
    const { settings } = row
    if (settings.kind !== 'mlflow') throw notMlflow(source)
    const version =
      of.version ?? (await openMlflow(serverOf(row, settings), context.signal).versionOfAlias(of.model, of.alias ?? '')).version
    const remote: RemoteVersion = { model: of.model, version, as: of.as }
    const { imported, origin } = await importRemote(this.#offerParts, { row, settings, remote, actor }, context)
    store.transact(() => store.sources.putOrigin({ model: imported.model, version: imported.version, source, origin, at: now() }))
    changed('sources', 'models')
    return { ...imported, notes: origin.notes }
  }

  client(source: string): MlflowClient {
    const row = requireSource(this.#parts.store, source)
    if (row.settings.kind !== 'mlflow') throw notMlflow(source)
    return openMlflow(serverOf(row, row.settings), this.#abort.signal)
  }

  async #tellBack(): Promise<void> {
    const { store, now, changed, log } = this.#parts
    const rows = store.sources.all().filter(({ settings }) => settings.kind === 'mlflow' && settings.writesTags && settings.isEnabled)
    if (rows.length === 0) return
    if (now() - this.#tagsAt >= TAGS_MS) {
      this.#tagsAt = now()
      store.transact(() => wantTags(this.#parts))
    }
    for (const row of rows) {
      try {
        if ((await writeTags(this.#parts, row, () => this.client(row.source))) > 0) changed('sources')
      } catch (error) {
        // The first failure is told; while it goes on, the screen shows how many tags wait.
        if (row.tagAttempts === 0)
          log('warn', 'a tracking server was not told where its versions run', { source: row.source, reason: messageOf(error) })
        changed('sources')
      }
    }
  }

  start(): () => Promise<void> {
    const timer = setInterval(() => {
      if (this.#looking === null) void this.look()
    }, LOOK_MS)
    return async () => {
      clearInterval(timer)
      this.#abort.abort()
      await this.#looking
      await this.#next
    }
  }
}

function isDue({ settings, lookedAt }: SourceRow, now: number): boolean {
  if (settings.kind === 'folder') return true
  return settings.watches.length > 0 && (lookedAt === null || now - lookedAt >= settings.everyMinutes * MINUTE || now < lookedAt)
}

/** @throws Problem `source.not-found` */
export function requireSource(store: FleetStore, source: string): SourceRow {
  const row = store.sources.find(source)
  if (row === null) throw new Problem('source.not-found', `There is no source '${source}'.`)
  return row
}

const notMlflow = (source: string): Problem => new Problem('input.invalid', `${source} is a folder, and no tracking server.`)
