import { join } from 'node:path'
import type { Clock } from '../../shared/domain/clock.ts'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import type { ReportedTrust } from '../../shared/protocol/trust.ts'
import type { Identity } from '../identity.ts'
import type { Log } from '../log.ts'
import { openIntroduction } from './introduce.ts'
import { openMetadataFiles, type MetadataFiles } from './metadata-files.ts'
import { openTufClient, type MetadataSource, type TrustedTarget, type TufClient } from './tuf-client.ts'
import { readTrusted, type TrustedView } from './trusted-view.ts'
import { trustedKeys, type TrustedKey } from './verify.ts'

/**
 * Whom a device believes: about the bytes that it may run (TUF targets), and about who gives orders.
 *
 * INVARIANTS
 * 1. Until a device has a root and has heard a timestamp under it, the keys of the enrolment count, as they always did: behind a broker that does not
 *    hand the metadata on, or a console from before there was any, nothing changes.
 * 2. From then on nothing but the trusted metadata makes a bundle acceptable: no key that the console holds for orders can.
 * 3. Expired metadata stops changes and nothing else. What serves goes on.
 * 4. A root that was had is never forgotten: where its file is damaged nothing changes, and the keys of the enrolment do not count again.
 * 5. A refused refresh leaves what was trusted before; refreshes run one after the other.
 */
export interface DeviceTrust {
  /** Who may sign orders now. */
  assignmentKeys(): readonly TrustedKey[]
  /** False once the metadata has expired; a device that never heard any is never held back. */
  mayChange(): boolean
  /** Why nothing may change; null if it may. */
  problem(): Problem | null
  /** False: the keys of the enrolment decide about bundles. */
  decides(): boolean
  /** What the metadata says of a bundle's manifest; asks for newer metadata if it says nothing. @throws Problem `bundle.signature-invalid`, `trust.*`, `console.unreachable` */
  requireBundle(digest: string, sizeBytes: number): Promise<void>
  /** True if `requireBundle` found the bundle in this process. */
  isBundle(digest: string): boolean
  /** A timestamp came in: brings the metadata to it, unless it is the known one. Settles when that is done; it never rejects. */
  heard(timestamp: Uint8Array): Promise<void>
  reported(): ReportedTrust
}

interface TrustOptions {
  /** Folder of the agent. */
  directory: string
  identity: Identity
  clock: Clock
  /** Newest time that a trusted key signed, epoch ms: a lower bound of now. */
  newestSignedAt(keys: readonly TrustedKey[]): number
  source: MetadataSource
  log: Log
  /** Other keys or other metadata count now. */
  onChange(): void
}

/** Path of a bundle's manifest among the targets. */
export function targetPathOf(digest: string): string {
  return `bundles/${digest}`
}

/** Opens the trust of a device; nothing is asked of the console before it has spoken. */
export function openDeviceTrust(options: TrustOptions): DeviceTrust {
  return new KeptTrust(options)
}

class KeptTrust implements DeviceTrust {
  readonly #options: TrustOptions
  readonly #files: MetadataFiles
  readonly #pinned: readonly TrustedKey[]
  readonly #client: TufClient
  readonly #accepted = new Set<string>()
  /** A root was had, and cannot be read any more. */
  #isRootLost: boolean
  #view: TrustedView | null
  #problem: Problem | null = null
  /** The timestamp that the console said last. */
  #pushed: Uint8Array | null = null
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: TrustOptions) {
    this.#options = options
    this.#files = openMetadataFiles(join(options.directory, 'trust'))
    this.#pinned = trustedKeys(options.identity.trust.assignment)
    const { root } = options.identity
    this.#view = readTrusted(this.#files)
    if (this.#view === null && root !== undefined) {
      // Also in the place of a damaged one: from the root of the enrolment the chain leads to the newest.
      this.#files.write('root', Buffer.from(root, 'base64'))
      this.#view = readTrusted(this.#files)
    }
    this.#isRootLost = this.#view === null && this.#files.roles().length > 0
    this.#client = openTufClient({
      files: this.#files,
      source: { fetch: (name, maxBytes) => this.#fetch(name, maxBytes) },
      now: () => this.#now(),
    })
  }

  assignmentKeys(): readonly TrustedKey[] {
    return this.#view?.assignmentKeys ?? (this.#isRootLost ? [] : this.#pinned)
  }

  decides(): boolean {
    return this.#isRootLost || (this.#view !== null && this.#view.timestampHash !== null)
  }

  mayChange(): boolean {
    return this.problem() === null
  }

  problem(): Problem | null {
    const view = this.#view
    if (this.#isRootLost)
      return new Problem('trust.metadata-invalid', 'The root of the trust metadata on this device is damaged; it waits for the console.')
    if (view === null || view.timestampHash === null) return null
    // It heard the beginning, or lost a file: it waits for the rest.
    if (view.expiresAt === null)
      return new Problem('trust.metadata-stale', 'This device has not heard all of the trust metadata of its fleet.')
    if (view.fleet !== null && view.fleet !== this.#options.identity.fleet)
      return new Problem('trust.metadata-invalid', `The trust metadata on this device is of the fleet ${view.fleet}.`)
    if (!view.isUnderRoot)
      return new Problem('trust.metadata-stale', 'This device has a new root, and has not heard the rest of the trust metadata under it.')
    if (this.#now() < view.expiresAt) return null
    return new Problem('trust.metadata-stale', `The trust metadata on this device expired at ${new Date(view.expiresAt).toISOString()}.`)
  }

  isBundle(digest: string): boolean {
    return this.#accepted.has(digest)
  }

  async requireBundle(digest: string, sizeBytes: number): Promise<void> {
    await this.#inTurn(async () => {
      if (!this.decides()) return
      const found = (await this.#targetOf(digest)) ?? (await this.#targetAnew(digest))
      if (found === null) throw new Problem('trust.bundle-unlisted', `The trust metadata of this fleet does not name the bundle ${digest}.`)
      if (found.hashes['sha256'] !== digest || found.sizeBytes !== sizeBytes)
        throw new Problem('bundle.signature-invalid', `The trust metadata names the bundle ${digest} with other bytes than the order.`)
      this.#accepted.add(digest)
    })
  }

  heard(timestamp: Uint8Array): Promise<void> {
    this.#pushed = timestamp
    return this.#inTurn(async () => {
      try {
        if (this.#view === null) await this.#introduce()
        if (this.#view !== null && !this.#isKnown(timestamp)) await this.#refresh()
      } catch (error) {
        this.#note(error)
      }
    })
  }

  reported(): ReportedTrust {
    const view = this.#view
    const stale = this.problem()
    const wrong = this.#problem ?? stale
    return {
      state: !this.decides() ? 'none' : stale === null ? 'current' : 'stale',
      root: view?.versions.root ?? 0,
      targets: view?.versions.targets ?? 0,
      timestamp: view?.versions.timestamp ?? 0,
      expiresAt: view?.expiresAt ?? null,
      problem: wrong === null ? null : { code: wrong.code, message: wrong.message.slice(0, 2000) },
    }
  }

  #now(): number {
    return Math.max(this.#options.clock.now(), this.#options.newestSignedAt(this.assignmentKeys()))
  }

  #isKnown(timestamp: Uint8Array): boolean {
    const mine = this.#files.read('timestamp')
    return mine !== null && mine.equals(timestamp) && this.mayChange()
  }

  async #introduce(): Promise<void> {
    const { identity, source, log } = this.#options
    const message = await source.fetch('introduction.json', 1024 * 1024)
    if (message === null) return
    const root = openIntroduction(message, { fleet: identity.fleet, trust: identity.trust })
    this.#files.write('root', root)
    this.#view = readTrusted(this.#files)
    this.#isRootLost = this.#view === null
    log('info', 'This device was introduced to the trust metadata of its fleet.', { root: this.#view?.versions.root })
    this.#options.onChange()
  }

  async #refresh(): Promise<void> {
    const before = this.#view?.versions.root
    try {
      await this.#client.refresh()
    } catch (error) {
      if (readTrusted(this.#files)?.versions.root === before) throw error
      // The new root may have taken the key back whose times stood in the way of the rest.
      this.#takeOver(before)
      await this.#client.refresh()
    } finally {
      this.#takeOver(before)
    }
    this.#problem = null
    this.#options.onChange()
  }

  #takeOver(before: number | undefined): void {
    this.#view = readTrusted(this.#files)
    if (before !== this.#view?.versions.root) this.#accepted.clear()
  }

  async #targetOf(digest: string): Promise<TrustedTarget | null> {
    if (!this.mayChange()) return null
    return this.#client.target(targetPathOf(digest))
  }

  async #targetAnew(digest: string): Promise<TrustedTarget | null> {
    // What was pushed last may be older than the order: on a new connection orders come first.
    this.#pushed = null
    await this.#refresh()
    return this.#client.target(targetPathOf(digest))
  }

  #fetch(name: string, maxBytes: number): Promise<Uint8Array | null> {
    if (name === 'timestamp.json' && this.#pushed !== null) return Promise.resolve(this.#pushed)
    return this.#options.source.fetch(name, maxBytes)
  }

  #note(error: unknown): void {
    const problem = error instanceof Problem ? error : new Problem('internal', messageOf(error), { cause: error })
    // Silence of the console says nothing about the metadata: the next timestamp tries again.
    if (problem.code !== 'console.unreachable' && problem.code !== 'broker.unreachable') this.#problem = problem
    this.#options.log('warn', 'The trust metadata could not be brought up to date.', { problem })
    this.#options.onChange()
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }
}
