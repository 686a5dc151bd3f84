import { Problem } from '../../../../shared/domain/problem.ts'
import { payloadTypes } from '../../../../shared/protocol/envelope.ts'
import { WIRE_VERSION } from '../../../../shared/protocol/message.ts'
import { randomUUID } from 'node:crypto'
import type { Introduction } from '../../../../shared/protocol/trust.ts'
import { fleetId } from '../../../../shared/domain/ids.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import type { Keyring } from '../keys.ts'
import type { PublicKey, SigningKey } from '../keys/signing-key.ts'
import { readSignedList, requireSignedList } from './signed-list.ts'
import {
  isRoleSigned,
  isSignedBy,
  makeRoot,
  makeSnapshot,
  makeTargets,
  makeTimestamp,
  readRoot,
  readStamp,
  readTargets,
  type RootKeys,
  type SignedFile,
} from './metadata.ts'

const DAY_MS = 86_400_000
/** How long each file is good for. A timestamp is made anew each day: who is kept from hearing it notices within the week. */
export const lifeMs = { root: 2 * 365 * DAY_MS, targets: 365 * DAY_MS, snapshot: 30 * DAY_MS, timestamp: 7 * DAY_MS } as const
const RENEW_TIMESTAMP_AFTER_MS = DAY_MS
/** From when a list of bundles is signed anew by whoever unlocks the targets key; people are told from then on. */
export const LIST_IS_DUE_MS = 45 * DAY_MS

/** The trust metadata of the fleet: made here, stored with what it belongs to, told to the devices. */
export interface Repository {
  /** The newest root, as a device that joins gets it. */
  root(): { bytes: Buffer; version: number; expiresAt: number; fleet: string; keys: RootKeys }
  /** Bundles that devices may run: sizes of manifests by digest. */
  targets(): { version: number; expiresAt: number; targets: Map<string, number> }
  /** Versions and ends of the other two files. */
  stamps(): Record<'snapshot' | 'timestamp', { version: number; expiresAt: number }>
  /** Adds bundles to the list that the same key signed; call it in the transaction of the import. @throws Problem `trust.locked`, `trust.list-damaged` */
  authorise(bundles: ReadonlyMap<string, number>): void
  /** False: the key that signed the list counts no more, as after a restored backup. */
  isListSigned(): boolean
  /** Signs a list in the place of the newest. Whoever calls it has made sure of each entry. */
  signList(targets: ReadonlyMap<string, number>, key: SigningKey): void
  /** The next root, signed by keys of the one before and of its own; what it changes below is signed anew. Call it in a transaction. */
  publishRoot(next: { fleet: string; keys: RootKeys }, signers: readonly SigningKey[], online: OnlineKeys): void
  /**
   * Makes everything below the root anew, as far as keys are here, with numbers above all that this console gave before it came back from a backup:
   * devices refuse what is older than what they have seen. Call it in a transaction.
   */
  overtake(): void
  /** Makes what runs out soon anew, as far as keys are here. @returns true if something was made */
  renew(): boolean
  /** A file by its name on the wire; null: there is none. */
  file(name: string): Buffer | null
  /** Says the newest timestamp to the devices (again). */
  tell(): void
}

/** Keys that sign snapshot and timestamp. */
export interface OnlineKeys {
  snapshot: SigningKey
  timestamp: SigningKey
}

interface RepositoryParts {
  store: Pick<FleetStore, 'trust' | 'transact' | 'devices' | 'settings' | 'deployments'>
  keyring: Keyring
  fleet(): string
  now(): number
  /** Puts the timestamp into the outbox, retained. */
  sendTimestamp(bytes: Buffer): void
}

/**
 * Versions follow the clock (minutes since 1970), one more than the last where that is not enough: a console that comes back from a backup then does not
 * issue a number that devices have seen. Roots count by one.
 */
export function nextVersion(last: number, now: number): number {
  return Math.max(last + 1, Math.floor(now / 60_000))
}

/** Opens the metadata in fleet.db; makes it at the first use, with keys that the console keeps until people hold their own. */
export function openRepository(parts: RepositoryParts): Repository {
  const repository = new StoredRepository(parts)
  repository.begin()
  return repository
}

class StoredRepository implements Repository {
  readonly #parts: RepositoryParts

  constructor(parts: RepositoryParts) {
    this.#parts = parts
  }

  /** The first root; a fleet that was renamed while nobody had joined begins again. */
  begin(): void {
    const { store, fleet } = this.#parts
    const newest = store.trust.newest('root')
    const isOther = newest !== null && readRoot(newest.bytes).fleet !== fleet() && store.devices.counts().enrolled === 0
    if (newest !== null && !(isOther && this.#parts.keyring.offline() === null)) return
    store.transact(() => {
      store.trust.clear()
      this.#bootstrap()
    })
  }

  root(): ReturnType<Repository['root']> {
    const { bytes } = this.#newest('root')
    return { bytes, ...readRoot(bytes) }
  }

  targets(): ReturnType<Repository['targets']> {
    return readTargets(this.#newest('targets').bytes)
  }

  stamps(): ReturnType<Repository['stamps']> {
    return { snapshot: readStamp(this.#newest('snapshot').bytes), timestamp: readStamp(this.#newest('timestamp').bytes) }
  }

  authorise(bundles: ReadonlyMap<string, number>): void {
    const { keyring, now, store } = this.#parts
    const key = keyring.targets()
    const known = requireSignedList(store.trust, [key])
    const all = new Map([...known, ...bundles])
    if (all.size === known.size) return
    this.#putTargets(all, key, now())
  }

  isListSigned(): boolean {
    return isRoleSigned('targets', this.#newest('targets').bytes, this.#newest('root').bytes)
  }

  signList(targets: ReadonlyMap<string, number>, key: SigningKey): void {
    this.#putTargets(targets, key, this.#parts.now())
  }

  publishRoot(next: { fleet: string; keys: RootKeys }, signers: readonly SigningKey[], online: OnlineKeys): void {
    const now = this.#parts.now()
    const before = this.root()
    const root = makeRoot({ ...next, version: before.version + 1, expiresAt: this.#endOf('root', now) }, signers)
    // A root that devices would refuse is worse than none: they follow one by one, and this one would stand in the way for ever.
    if (!isSignedBy(root.bytes, before.bytes) || !isSignedBy(root.bytes, root.bytes))
      throw new Problem('trust.root-keys-needed', 'These keys do not sign the next root: they are not enough, or were replaced meanwhile.')
    this.#put('root', root, now)
    this.#publish(online, now)
  }

  overtake(): void {
    const { store, keyring, now } = this.#parts
    const key = keyring.lockState().isLocked ? null : keyring.targets()
    const list = key === null ? null : readSignedList(store.trust, [key])
    if (key !== null && list?.isGood === true) this.#putTargets(list.targets, key, now())
    else this.#publish(this.#online(), now())
  }

  renew(): boolean {
    const { store, keyring, now } = this.#parts
    const at = now()
    const from = this.#from(at)
    const isSoon = (end: number, life: number): boolean => end - from < life / 2
    // What was signed while the clock ran ahead would be good for all that time, whoever holds the rest back.
    const isFar = (end: number, life: number): boolean => end - from > life
    return store.transact(() => {
      const root = this.root()
      const online = this.#online()
      if (keyring.offline() === null && isSoon(root.expiresAt, lifeMs.root)) {
        this.publishRoot(root, [keyring.bootstrapRoot()], online)
        return true
      }
      if (!keyring.lockState().isLocked && isSoon(this.targets().expiresAt, lifeMs.targets)) {
        const list = readSignedList(store.trust, [keyring.targets()])
        if (list.isGood) {
          this.#putTargets(list.targets, keyring.targets(), at)
          return true
        }
      }
      const { snapshot, timestamp } = this.stamps()
      if (isSoon(snapshot.expiresAt, lifeMs.snapshot) || isFar(snapshot.expiresAt, lifeMs.snapshot)) this.#publish(online, at)
      else if (timestamp.expiresAt - from < lifeMs.timestamp - RENEW_TIMESTAMP_AFTER_MS || isFar(timestamp.expiresAt, lifeMs.timestamp))
        this.#putTimestamp(this.#newest('snapshot'), online, at)
      else return false
      return true
    })
  }

  file(name: string): Buffer | null {
    return this.#parts.store.trust.find(name)?.bytes ?? null
  }

  tell(): void {
    this.#parts.sendTimestamp(this.#newest('timestamp').bytes)
  }

  /** To a device the newest time that an order was signed with is a lower bound of now: after a clock that ran ahead, ends are reckoned from there. */
  #from(now: number): number {
    return Math.max(now, this.#parts.store.deployments.newestIssuedAt() ?? 0)
  }

  #endOf(role: keyof typeof lifeMs, now: number): number {
    return this.#from(now) + lifeMs[role]
  }

  /** The newest list that devices would take; somebody may have written another one into the store. */
  #listToTell(): SignedFile {
    const root = this.#newest('root').bytes
    return this.#parts.store.trust.versions('targets').find(({ bytes }) => isRoleSigned('targets', bytes, root)) ?? this.#newest('targets')
  }

  /** A restored store knows numbers from before; those that were given since are noted beside it. */
  #nextVersion(role: 'targets' | 'snapshot' | 'timestamp', now: number): number {
    const { trust, settings } = this.#parts.store
    return nextVersion(Math.max(trust.newest(role)?.version ?? 0, settings.get('trustFloor') ?? 0), now)
  }

  #bootstrap(): void {
    const { keyring, fleet, now, store } = this.#parts
    const at = now()
    const root = keyring.bootstrapRoot()
    const keys: RootKeys = {
      ...{ root: [root], threshold: 1, targets: [keyring.targets()] },
      ...{ snapshot: [keyring.onlinePublic('snapshot')], timestamp: [keyring.onlinePublic('timestamp')] },
      assignment: [keyring.onlinePublic('assignment')],
    }
    const first = makeRoot({ version: 1, expiresAt: at + lifeMs.root, fleet: fleet(), keys }, [root])
    this.#put('root', first, at)
    store.trust.putIntroduction(introduce(keyring, { fleet: fleet(), root: first.bytes, at }), at)
    this.#putTargets(new Map(), keyring.targets(), at)
  }

  #putTargets(targets: ReadonlyMap<string, number>, key: SigningKey, now: number): void {
    const version = this.#nextVersion('targets', now)
    this.#putSigned('targets', makeTargets({ version, expiresAt: this.#endOf('targets', now), targets }, [key]), now)
    this.#publish(this.#online(), now)
  }

  #publish(online: OnlineKeys, now: number): void {
    const version = this.#nextVersion('snapshot', now)
    const snapshot = makeSnapshot({ version, expiresAt: this.#endOf('snapshot', now), targets: this.#listToTell() }, [online.snapshot])
    this.#putSigned('snapshot', snapshot, now)
    this.#putTimestamp(snapshot, online, now)
  }

  #putTimestamp(snapshot: SignedFile, online: OnlineKeys, now: number): void {
    const version = this.#nextVersion('timestamp', now)
    this.#putSigned('timestamp', makeTimestamp({ version, expiresAt: this.#endOf('timestamp', now), snapshot }, [online.timestamp]), now)
    this.tell()
  }

  /** What devices would refuse is not told to them: they would stand still, and nobody would know why. */
  #putSigned(role: 'targets' | 'snapshot' | 'timestamp', file: SignedFile, createdAt: number): void {
    if (!isRoleSigned(role, file.bytes, this.#newest('root').bytes))
      throw new Problem('trust.key-missing', `The ${role} key of this console is not the one that devices trust.`)
    this.#put(role, file, createdAt)
  }

  #put(role: 'root' | 'targets' | 'snapshot' | 'timestamp', file: SignedFile, createdAt: number): void {
    this.#parts.store.trust.put(role, { ...file, createdAt })
  }

  #newest(role: 'root' | 'targets' | 'snapshot' | 'timestamp'): SignedFile {
    const row = this.#parts.store.trust.newest(role)
    if (row === null) throw new Error(`there is no ${role} of the trust metadata`)
    return row
  }

  #online(): OnlineKeys {
    return { snapshot: this.#parts.keyring.online('snapshot'), timestamp: this.#parts.keyring.online('timestamp') }
  }
}

/** The document that gives the first root to devices from before there was one. */
function introduce(keyring: Keyring, of: { fleet: string; root: Buffer; at: number }): Buffer {
  const said: Introduction = { v: 1, fleet: fleetId.parse(of.fleet), issuedAt: of.at, root: of.root.toString('base64') }
  const payload = Buffer.from(JSON.stringify(said))
  const envelope = {
    payloadType: payloadTypes.trust,
    payload: payload.toString('base64'),
    signatures: keyring.sign(payloadTypes.trust, payload),
  }
  return Buffer.from(JSON.stringify({ v: WIRE_VERSION, sentAt: of.at, id: randomUUID(), envelope }))
}

/** True if two lists name the same keys. */
export function isSameKeys(a: readonly PublicKey[], b: readonly PublicKey[]): boolean {
  const ids = (keys: readonly PublicKey[]): string =>
    keys
      .map(({ tufId }) => tufId)
      .sort()
      .join()
  return ids(a) === ids(b)
}
