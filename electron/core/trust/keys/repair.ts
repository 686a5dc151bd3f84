import * as fs from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../../../shared/domain/problem.ts'
import type { KeyFileInput } from '../../../../shared/rpc/contract/keys.ts'
import { syncDirectory } from '../../../../shared/store/durable-file.ts'
import { raiseEpoch } from '../../deployments/epoch.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import { onlineRoles, openKeyring, type Keyring } from '../keys.ts'
import { openRootCopies } from '../root-copies.ts'
import type { SecretBox } from '../secret-box.ts'
import { isSameKeys, openRepository, type Repository } from '../tuf/repository.ts'
import { readRoot } from '../tuf/metadata.ts'
import { requireSignedList } from '../tuf/signed-list.ts'
import { record, type Actor, type KeyDeskParts } from './desk-parts.ts'
import { resignBundles } from './resign-bundles.ts'
import { rotateOnline } from './rotate.ts'

/** What was done about keys that are gone. */
export interface Repaired {
  /** nothing: all are there; replaced: devices follow by themselves; anew: devices must be enrolled anew. */
  did: 'nothing' | 'replaced' | 'anew'
  /** Where the files of before lie; null: they stay in their place. */
  aside: string | null
}

interface RepairRequest {
  store: FleetStore
  dataDirectory: string
  box: SecretBox
  now: number
  by: Actor
  /** Root keys of people, where people hold them. */
  rootKeys: readonly KeyFileInput[]
  /** Give the old keys up: a chain of its own begins at the next start. */
  isAnew: boolean
}

/**
 * The way back where keys of the console are gone. With root keys (of people, or the console's own) the next root names new ones, and devices follow;
 * without them only a new beginning is left. No console may run on the directory meanwhile.
 * @throws Problem `trust.key-missing` if nothing but a new beginning helps, `trust.root-keys-needed`, `trust.key-unknown`, `trust.passphrase`
 */
export async function repairKeys(request: RepairRequest): Promise<Repaired> {
  const { store, dataDirectory, box, now, isAnew } = request
  const newest = store.trust.newest('root')
  if (newest === null) return { did: 'nothing', aside: null }
  if (isAnew) return beginAnew(request)
  const fleet = (): string => readRoot(newest.bytes).fleet
  const keyring = openKeyring(join(dataDirectory, 'keys'), box, () => now, false)
  const copies = openRootCopies(join(dataDirectory, 'keys'))
  copies.catchUp(store, now)
  const repository = openRepository({ store, keyring, fleet, now: () => now, sendTimestamp: () => undefined })
  if (goneOf(keyring, repository).length === 0) return { did: 'nothing', aside: null }
  const parts: KeyDeskParts = {
    ...{ store, keyring, repository, dataDirectory, fleet, now: () => now, onOutbox: () => undefined, changed: () => undefined },
    // Orders are signed again by the next start, which sees that their key is another one.
    resign: () => undefined,
    keepRoot: () => copies.keep(repository.root().version, repository.root().bytes),
  }
  const { keys } = repository.root()
  if (keys.threshold > 1) {
    const people = { root: keys.root.map(({ publicKey }) => publicKey), targets: keys.targets.map(({ publicKey }) => publicKey) }
    if (keyring.offline() === null) keyring.goOffline({ ...people, threshold: keys.threshold })
  } else requireOwnRoot(keyring, repository)
  await rotateOnline(parts, { rootKeys: request.rootKeys, leaveDevices: true, action: 'keys.repair', isRecovery: true }, request.by)
  if (keyring.offline() === null && goneOf(keyring, repository).includes('targets')) replaceBundleKey(parts, request.by)
  return { did: 'replaced', aside: null }
}

/** Keys that are gone, or are not the ones that devices trust. */
function goneOf(keyring: Keyring, repository: Repository): string[] {
  const { keys } = repository.root()
  const isGone = (
    role: 'root' | 'targets' | (typeof onlineRoles)[number],
    held: () => Parameters<typeof isSameKeys>[0][number],
  ): boolean => {
    try {
      return !isSameKeys(keys[role], [held()])
    } catch (error) {
      if (error instanceof Problem && error.code === 'trust.key-missing') return true
      throw error
    }
  }
  const online = onlineRoles.filter((role) => isGone(role, () => keyring.online(role)))
  if (keys.threshold > 1) return keyring.offline() === null ? [...online, 'offline'] : online
  const own = { root: () => keyring.bootstrapRoot(), targets: () => keyring.targets() }
  return [...online, ...(['root', 'targets'] as const).filter((role) => isGone(role, own[role]))]
}

/** @throws Problem `trust.key-missing` */
function requireOwnRoot(keyring: Keyring, repository: Repository): void {
  if (!goneOf(keyring, repository).includes('root')) return
  throw new Problem('trust.key-missing', 'The root key of this fleet is gone too: no device can be told of another key.', {
    hint: 'Restore the keys from a backup: muster backup restore latest --passphrase. If there is none: muster keys repair --anew, and enrol every device anew.',
  })
}

/** The console signs bundles itself, and lost the key: the next root names another one. */
function replaceBundleKey(parts: KeyDeskParts, by: Actor): void {
  const { store, keyring, repository } = parts
  const before = repository.root()
  const list = requireSignedList(store.trust, before.keys.targets)
  const key = keyring.remakeBundleKey()
  store.transact(() => {
    const online = { snapshot: keyring.online('snapshot'), timestamp: keyring.online('timestamp') }
    repository.publishRoot({ fleet: before.fleet, keys: { ...before.keys, targets: [key] } }, [keyring.bootstrapRoot()], online)
    repository.signList(list, key)
    resignBundles(store.db, key, list)
    record(parts, by, 'keys.repair', { what: 'targets', keyIds: [key.id], root: before.version + 1 })
  })
  parts.keepRoot()
}

/** What tells a right passphrase of the console from a wrong one seals the new keys too, and what the audit log was signed with goes on to verify it. */
const stays: ReadonlySet<string> = new Set(['passphrase.json', 'checkpoint-keys.json'])

/** What is left of the keys goes aside; the next start makes new ones, and a chain of roots that begins with them. */
function beginAnew({ store, dataDirectory, now, by }: RepairRequest): Repaired {
  const directory = join(dataDirectory, 'keys')
  const aside = join(dataDirectory, `keys-given-up-${new Date(now).toISOString().slice(0, 19).replaceAll(':', '-')}`)
  store.transact(() => {
    const before = store.trust.newest('root')
    store.trust.clear()
    for (const { keyId, endedAt } of store.trust.keys()) if (endedAt === null) store.trust.endKey(keyId, now, 'given up')
    raiseEpoch(store, now)
    store.audit.append({ at: now, actor: by.actor, action: 'keys.begunAnew', detail: { root: before?.version ?? null } })
    if (!fs.existsSync(directory)) return
    fs.mkdirSync(aside, { mode: 0o700 })
    for (const name of fs.readdirSync(directory)) if (!stays.has(name)) fs.renameSync(join(directory, name), join(aside, name))
    syncDirectory(fs, directory)
  })
  return { did: 'anew', aside: fs.existsSync(aside) ? aside : null }
}
