import { join } from 'node:path'
import { reportOf } from '../../../shared/domain/problem.ts'
import { decodeMessage } from '../../../shared/protocol/decode.ts'
import { topicOf, topics } from '../../../shared/protocol/topics.ts'
import { trustWantMessage } from '../../../shared/protocol/trust.ts'
import type { Log } from '../log.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { openModelTable } from '../store/fleet/models.ts'
import { openGuardList, type GuardList } from './guards.ts'
import { addKeyGuards } from './key-guards.ts'
import { onlineRoles, type Keyring } from './keys.ts'
import { openKeyDesk, type KeyDesk } from './keys/desk.ts'
import { openRootCopies } from './root-copies.ts'
import { isSameKeys, openRepository, type Repository } from './tuf/repository.ts'

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

/** How often what runs out is looked for. */
const RENEW_EVERY_MS = 3_600_000

/**
 * Opens the trust of the fleet.
 * @throws Problem `trust.passphrase-needed` if the keys are sealed, `store.*`
 */
export function openTrust(parts: TrustParts): Trust {
  const { store, keyring, fleet, now, log } = parts
  // A console that cannot sign is none: said at once, and not with the first timestamp that runs out.
  for (const role of onlineRoles) keyring.online(role)
  const copies = openRootCopies(join(parts.dataDirectory, 'keys'))
  const caughtUp = copies.catchUp(store, now())
  if (caughtUp > 0) log('warn', 'the store lacked roots of the trust metadata; they were taken from beside the keys', { roots: caughtUp })
  const make = (): Repository => openRepository({ store, keyring, fleet, now, sendTimestamp: (bytes) => putTimestamp(parts, bytes) })
  const repository = make()
  settleKeys(parts, repository)
  const keepRoot = (): void => {
    const { version, bytes } = repository.root()
    copies.keep(version, bytes)
  }
  keepRoot()
  const { dataDirectory, resign, onOutbox, changed } = parts
  const desk = openKeyDesk({ store, keyring, repository, dataDirectory, fleet, now, resign, keepRoot, onOutbox, changed })
  const guards = openGuardList()
  addKeyGuards(guards, { ...parts, repository })
  let timer: NodeJS.Timeout | null = null
  const renew = (): void => {
    try {
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
    resend: () => store.transact(() => repository.tell()),
    renamed() {
      const before = repository.root().fleet
      make()
      if (repository.root().fleet === before) return
      copies.clear()
      keepRoot()
      authoriseMissing(parts, repository)
    },
    start() {
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

/** A cut between the root and the key files is mended: the root says which keys count. */
function settleKeys({ keyring, log }: TrustParts, repository: Repository): void {
  const { keys } = repository.root()
  for (const role of onlineRoles) {
    const prepared = keyring.prepared(role)
    if (prepared === null) continue
    if (isSameKeys(keys[role], [prepared])) keyring.adopt([role])
    else keyring.discard(role)
  }
  for (const role of onlineRoles) {
    if (!isSameKeys(keys[role], [keyring.onlinePublic(role)]))
      log('error', 'a key of the console is not the one that devices trust; restore the keys from a backup', { role })
  }
  const people = { root: keys.root.map(({ publicKey }) => publicKey), targets: keys.targets.map(({ publicKey }) => publicKey) }
  const known = keyring.offline()
  const isPeople = keys.threshold > 1
  if (isPeople && JSON.stringify([known?.root, known?.targets]) !== JSON.stringify([people.root, people.targets]))
    keyring.goOffline({ ...people, threshold: keys.threshold })
}

/** Bundles from before there was metadata, or that came by another way into the store. */
function authoriseMissing({ store, keyring, log }: TrustParts, repository: Repository): void {
  const { targets } = repository.targets()
  const missing = new Map([...openModelTable(store.db).bundleSizes()].filter(([digest]) => !targets.has(digest)))
  if (missing.size === 0) return
  if (keyring.lockState().isLocked)
    log('warn', 'some models wait for the targets key before devices may run them', { bundles: missing.size })
  else store.transact(() => repository.authorise(missing))
}

/** Orders are signed by the key that counts; a rotation that was cut off has left older ones. */
function signAnew({ store, keyring, resign }: TrustParts): void {
  const keyId = keyring.onlinePublic('assignment').id
  const before = store.settings.get('ordersSignedBy')
  if (before === keyId) return
  store.transact(() => {
    if (before !== undefined) resign()
    store.settings.set('ordersSignedBy', keyId)
  })
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
