import { Problem } from '../../../../shared/domain/problem.ts'
import type { KeyFileInput } from '../../../../shared/rpc/contract/keys.ts'
import type { ParsedInputOf } from '../../../../shared/rpc/contract.ts'
import { onlineRoles } from '../keys.ts'
import { record, type Actor, type KeyDeskParts } from './desk-parts.ts'
import { requireTold } from './devices.ts'
import { raiseEpoch } from '../../deployments/epoch.ts'
import { makePeopleKeys, notePeopleKeys, ROOT_LABELS, ROOT_THRESHOLD, writePeopleKeys, type MadeKey } from './people-keys.ts'
import { resignBundles } from './resign-bundles.ts'
import { rootSigners } from './root-signers.ts'

type Input = ParsedInputOf<'keys.rotate'>
type Written = ReturnType<typeof writePeopleKeys>

/**
 * Replaces keys, by a root that names the new ones; the old ones count no more from the moment that a device has heard it.
 * @throws Problem `trust.ceremony-needed`, `trust.root-keys-needed`, `trust.devices-untold`, `trust.folder`, `trust.passphrase*`
 */
export async function rotate(parts: KeyDeskParts, input: Input, by: Actor): Promise<Written> {
  if (input.what === 'online') {
    await rotateOnline(parts, { ...input, action: 'keys.rotate', isRecovery: false }, by)
    return []
  }
  if (parts.keyring.offline() === null) throw new Problem('trust.ceremony-needed', 'The console still holds these keys itself.')
  if (input.to.length === 0 || input.passphrases.length === 0)
    throw new Problem('trust.folder', 'Say where the new keys go, and what seals them.')
  const signers = await rootSigners(parts, input.rootKeys)
  return input.what === 'targets' ? rotateTargets(parts, { input, signers }, by) : rotateRoot(parts, { input, signers }, by)
}

/**
 * New online keys; as a recovery also a new epoch, so that no order of the thief's counts, however high its number. Devices drop what the old
 * snapshot and timestamp keys signed.
 */
export async function rotateOnline(
  parts: KeyDeskParts,
  how: { rootKeys: readonly KeyFileInput[]; leaveDevices: boolean; action: string; isRecovery: boolean },
  by: Actor,
): Promise<void> {
  const { store, keyring, repository } = parts
  requireTold(parts, how.leaveDevices)
  const signers = await rootSigners(parts, how.rootKeys)
  const prepared = keyring.prepare(onlineRoles)
  const { snapshot, timestamp, assignment } = prepared
  store.transact(() => {
    const before = repository.root()
    const keys = { ...before.keys, snapshot: [snapshot!], timestamp: [timestamp!], assignment: [assignment!] }
    repository.publishRoot({ fleet: before.fleet, keys }, signers, { snapshot: snapshot!, timestamp: timestamp! })
    if (how.isRecovery) raiseEpoch(store)
    record(parts, by, how.action, { what: 'online', keyIds: [snapshot!.id, timestamp!.id, assignment!.id], root: before.version + 1 })
  })
  keyring.adopt(onlineRoles)
  // Orders are signed by what the keyring holds: so after it has taken the new key, and again at the start if that was cut off.
  store.transact(() => parts.resign())
  done(parts)
}

function rotateTargets(
  parts: KeyDeskParts,
  { input, signers }: { input: Input; signers: Awaited<ReturnType<typeof rootSigners>> },
  by: Actor,
) {
  const { store, keyring, repository } = parts
  return withMade(parts, { role: 'targets', labels: ['targets'], input }, ([made], written) => {
    const { key } = made!
    store.transact(() => {
      const before = repository.root()
      const online = { snapshot: keyring.online('snapshot'), timestamp: keyring.online('timestamp') }
      repository.publishRoot({ fleet: before.fleet, keys: { ...before.keys, targets: [key] } }, signers, online)
      repository.signTargets(key, parts.now())
      resignBundles(store.db, key)
      for (const old of before.keys.targets) store.trust.endKey(old.id, parts.now(), input.reason)
      notePeopleKeys(parts, [made!], written)
      record(parts, by, 'keys.rotate', { what: 'targets', reason: input.reason, keyIds: [key.id], root: before.version + 1 })
    })
    keyring.goOffline({ ...keyring.offline()!, targets: [key.publicKey] })
  })
}

function rotateRoot(
  parts: KeyDeskParts,
  { input, signers }: { input: Input; signers: Awaited<ReturnType<typeof rootSigners>> },
  by: Actor,
) {
  const { store, keyring, repository } = parts
  return withMade(parts, { role: 'root', labels: ROOT_LABELS, input }, (made, written) => {
    const roots = made.map(({ key }) => key)
    store.transact(() => {
      const before = repository.root()
      const online = { snapshot: keyring.online('snapshot'), timestamp: keyring.online('timestamp') }
      const keys = { ...before.keys, root: roots, threshold: ROOT_THRESHOLD }
      repository.publishRoot({ fleet: before.fleet, keys }, [...signers, ...roots.slice(0, ROOT_THRESHOLD)], online)
      for (const old of before.keys.root) store.trust.endKey(old.id, parts.now(), input.reason)
      notePeopleKeys(parts, made, written)
      record(parts, by, 'keys.rotate', { what: 'root', reason: input.reason, keyIds: roots.map(({ id }) => id), root: before.version + 1 })
    })
    keyring.goOffline({ ...keyring.offline()!, root: roots.map(({ publicKey }) => publicKey), threshold: ROOT_THRESHOLD })
  })
}

/** Makes and writes keys of people, then lets them count. */
async function withMade(
  parts: KeyDeskParts,
  wanted: { role: 'root' | 'targets'; labels: readonly string[]; input: Input },
  use: (made: readonly MadeKey[], written: Written) => void,
): Promise<Written> {
  const { role, labels, input } = wanted
  const made = await makePeopleKeys(parts, { role, labels, to: input.to, passphrases: input.passphrases })
  const written = writePeopleKeys(made)
  use(made, written)
  done(parts)
  return written
}

function done(parts: KeyDeskParts): void {
  parts.keepRoot()
  parts.onOutbox()
  parts.changed()
}
