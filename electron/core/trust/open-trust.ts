import { join } from 'node:path'
import { Problem, reportOf } from '../../../shared/domain/problem.ts'
import { decodeMessage } from '../../../shared/protocol/decode.ts'
import { topicOf, topics } from '../../../shared/protocol/topics.ts'
import { trustWantMessage } from '../../../shared/protocol/trust.ts'
import type { Log } from '../log.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { openGuardList, type GuardList } from './guards.ts'
import { addKeyGuards } from './key-guards.ts'
import { onlineRoles, type Keyring } from './keys.ts'
import { openKeyDesk, type KeyDesk } from './keys/desk.ts'
import { openRootCopies } from './root-copies.ts'
import { publicKeyOf } from './keys/signing-key.ts'
import { waitingFor } from './keys/waiting.ts'
import { assertFollows } from './tuf/root-chain.ts'
import { isSameKeys, openRepository, type Repository } from './tuf/repository.ts'
import { readSignedList } from './tuf/signed-list.ts'

/** The trust of the fleet as the console keeps it: keys, metadata, and the list of guards. */
export interface Trust {
  readonly keyring: Keyring
  readonly repository: Repository
  readonly desk: KeyDesk
  readonly guards: GuardList
  /** Bundles become runnable on devices; call it in the transaction of the import. @throws Problem `trust.locked` */
  authorise(digest: string, sizeBytes: number): void
  /** What a device asked for; null: it is no question. */
  answer(device: string, json: string): { topic: string; payload: Uint8Array; qos: 0 | 1; retain: boolean } | null
  /** The broker has lost what it retained. */
  resend(): void
  /** The fleet has another id, while nobody has joined. */
  renamed(): void
  /** Brings everything up to date, and keeps it so. */
  start(): void
  stop(): void
}

interface TrustParts {
  store: FleetStore
  keyring: Keyring
  dataDirectory: string
  fleet(): string
  now(): number
  log: Log
  /** Signs every standing order, and the halt list, again. Call it in a transaction. */
  resign(): void
  onOutbox(): void
  changed(): void
}

/** How often what runs out is looked for. The clock of this stands still while the machine sleeps: so not much later than when it wakes up. */
const RENEW_EVERY_MS = 60_000

/**
 * Opens the trust of the fleet.
 * @throws Problem `trust.passphrase-needed` if the keys are sealed, `store.*`
 */
export function openTrust(parts: TrustParts): Trust {
  const { store, keyring, fleet, now, log } = parts
  const copies = openRootCopies(join(parts.dataDirectory, 'keys'))
  const caughtUp = copies.catchUp(store, now())
  if (caughtUp > 0) log('warn', 'the store lacked roots of the trust metadata; they were taken from beside the keys', { roots: caughtUp })
  const make = (): Repository => openRepository({ store, keyring, fleet, now, sendTimestamp: (bytes) => putTimestamp(parts, bytes) })
  const repository = make()
  settleKeys(parts, repository)
  // A console that cannot sign is none: said at once, and not with the first timestamp that runs out.
  keyring.requireAll()
  assertTrusted(keyring, repository)
  const keepRoot = (): void => {
    const { version, bytes } = repository.root()
    try {
      copies.keep(version, bytes)
    } catch (error) {
      log('error', 'the copy of the newest root beside the keys could not be written', { reason: reportOf(error).message })
    }
  }
  keepRoot()
  const { dataDirectory, onOutbox, changed } = parts
  const resign = (): void => {
    parts.resign()
    noteSigner(parts)
  }
  const desk = openKeyDesk({ store, keyring, repository, dataDirectory, fleet, now, resign, keepRoot, onOutbox, changed })
  const guards = openGuardList()
  addKeyGuards(guards, { ...parts, repository })
  let timer: NodeJS.Timeout | null = null
  const renew = (): void => {
    try {
      if (!keyring.isSettled() && keyring.settle()) changed()
      // An unlocked key whose time is over is forgotten, whether somebody asks or not.
      keyring.lockState()
      if (!repository.renew()) return
      keepRoot()
      onOutbox()
    } catch (error) {
      log('error', 'the trust metadata could not be renewed', { reason: reportOf(error).message })
    }
  }
  return {
    ...{ keyring, repository, desk, guards },
    authorise: (digest, sizeBytes) => repository.authorise(new Map([[digest, sizeBytes]])),
    answer: (device, json) => answer(parts, repository, { device, json }),
    resend() {
      renew()
      store.transact(() => repository.tell())
    },
    renamed() {
      const before = repository.root().fleet
      make()
      if (repository.root().fleet === before) return
      copies.clear()
      keepRoot()
      authoriseMissing(parts, repository)
    },
    start() {
      // Models that wait are named, and signed, where people hold the key; before that the console does it itself.
      authoriseMissing(parts, repository)
      signAnew(parts)
      renew()
      timer = setInterval(renew, RENEW_EVERY_MS).unref()
    },
    stop() {
      if (timer !== null) clearInterval(timer)
    },
  }
}

/** A cut between the root and the key files is mended: the root says which keys count. @throws Problem `trust.root-damaged` */
function settleKeys({ store, keyring }: TrustParts, repository: Repository): void {
  const { keys } = repository.root()
  for (const role of onlineRoles) {
    const prepared = keyring.prepared(role)
    if (prepared === null) continue
    if (isSameKeys(keys[role], [prepared])) keyring.adopt([role])
    else keyring.discard(role)
  }
  if (keys.threshold === 1) return
  const people = { root: keys.root.map(({ publicKey }) => publicKey), targets: keys.targets.map(({ publicKey }) => publicKey) }
  const known = keyring.offline()
  if (JSON.stringify([known?.root, known?.targets]) === JSON.stringify([people.root, people.targets])) return
  assertFollows(store.trust.versions('root'), known?.root ?? [keyring.bootstrapRoot().publicKey])
  keyring.goOffline({ ...people, threshold: keys.threshold })
}

/** @throws Problem `trust.key-missing` if a key of the console is not the one that devices trust */
function assertTrusted(keyring: Keyring, repository: Repository): void {
  const { keys } = repository.root()
  const held = keyring.offline() === null ? { root: keyring.bootstrapRoot(), targets: keyring.targets() } : null
  const wrong = [
    ...onlineRoles.filter((role) => !isSameKeys(keys[role], [keyring.onlinePublic(role)])),
    ...(['root', 'targets'] as const).filter((role) => held !== null && !isSameKeys(keys[role], [held[role]])),
  ]
  if (wrong.length === 0) return
  throw new Problem('trust.key-missing', `These keys of the console are not the ones that devices trust: ${wrong.join(', ')}.`)
}

/**
 * Bundles from before there was metadata, or that came by another way into the store. A list that somebody changed is put right from the one that was
 * signed last, as long as the console signs by itself.
 */
function authoriseMissing(parts: TrustParts, repository: Repository): void {
  const { store, keyring, log, now } = parts
  const list = readSignedList(store.trust, keyring.roots().bundle.map(publicKeyOf))
  const missing = waitingFor(store, list.targets)
  if (list.isGood && missing.length === 0) return
  if (!list.isGood) log('error', 'the list of models in the store is not the one that was signed last', { differs: list.differs.length })
  if (keyring.lockState().isLocked) {
    if (missing.length > 0) log('warn', 'some models wait for the targets key before devices may run them', { bundles: missing.length })
    return
  }
  store.transact(() => {
    repository.signList(
      new Map([...list.targets, ...missing.map(({ digest, sizeBytes }) => [digest, sizeBytes] as const)]),
      keyring.targets(),
    )
    if (list.isGood) return
    const detail = { differs: list.differs.slice(0, 100), version: repository.targets().version }
    store.audit.append({ at: now(), actor: 'muster', action: 'keys.listMended', detail })
  })
}

/** Orders are signed by the key that counts; a rotation that was cut off has left older ones. */
function signAnew(parts: TrustParts): void {
  const { store, keyring, resign } = parts
  const before = store.settings.get('ordersSignedBy')
  if (before === keyring.onlinePublic('assignment').id) return
  store.transact(() => {
    if (before !== undefined) resign()
    noteSigner(parts)
  })
}

function noteSigner({ store, keyring }: TrustParts): void {
  store.settings.set('ordersSignedBy', keyring.onlinePublic('assignment').id)
}

function putTimestamp({ store, fleet, now }: TrustParts, bytes: Buffer): void {
  const { qos, retain } = topics.trustTimestamp
  store.outbox.put({ key: 'trust/timestamp', topic: topicOf(fleet(), 'trustTimestamp', {}), payload: bytes, qos, retain, createdAt: now() })
}

function answer(
  { fleet, log }: TrustParts,
  repository: Repository,
  { device, json }: { device: string; json: string },
): ReturnType<Trust['answer']> {
  try {
    const want = decodeMessage(trustWantMessage, json, 'question about trust metadata')
    if (want.device !== device) return null
    const { qos, retain } = topics.trustAnswer
    const payload = repository.file(want.name) ?? new Uint8Array()
    return { topic: topicOf(fleet(), 'trustAnswer', { device, name: want.name }), payload, qos, retain }
  } catch (error) {
    log('warn', 'a question about trust metadata was not understood', { device, reason: reportOf(error).message })
    return null
  }
}
