import { Problem } from '../../../../shared/domain/problem.ts'
import type { KeyFileInput } from '../../../../shared/rpc/contract/keys.ts'
import type { ParsedInputOf } from '../../../../shared/rpc/contract.ts'
import { onlineRoles } from '../keys.ts'
import { afterwards, record, type Actor, type KeyDeskParts } from './desk-parts.ts'
import { requireTold } from './devices.ts'
import { raiseEpoch } from '../../deployments/epoch.ts'
import {
  makePeopleKeys,
  notePeopleKeys,
  ROOT_LABELS,
  ROOT_THRESHOLD,
  writePeopleKeys,
  type MadeKey,
  type WrittenKey,
} from './people-keys.ts'
import { resignBundles } from './resign-bundles.ts'
import { rootSigners } from './root-signers.ts'
import { publicKeyOf } from './signing-key.ts'
import { requireSignedList } from '../tuf/signed-list.ts'
import { backedBy } from './waiting.ts'

type Input = ParsedInputOf<'keys.rotate'>
type Written = WrittenKey[]

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
    if (how.isRecovery) raiseEpoch(store, parts.now())
    record(parts, by, how.action, { what: 'online', keyIds: [snapshot!.id, timestamp!.id, assignment!.id], root: before.version + 1 })
  })
  keyring.adopt(onlineRoles)
  // Orders are signed by what the keyring holds: so after it has taken the new key, and again at the start if that was cut off.
  store.transact(() => parts.resign())
  afterwards(parts)
}

function rotateTargets(
  parts: KeyDeskParts,
  { input, signers }: { input: Input; signers: Awaited<ReturnType<typeof rootSigners>> },
  by: Actor,
) {
  const { store, keyring, repository } = parts
  const count = ([made]: readonly MadeKey[], written: readonly WrittenKey[]): void => {
    const { key } = made!
    const before = repository.root()
    const signed = requireSignedList(store.trust, keyring.offline()!.targets.map(publicKeyOf))
    // Whoever stole the key may have signed more with it than this console ever had.
    const list = input.reason === 'revoked' ? backedBy(store, signed) : signed
    const left = [...signed.keys()].filter((digest) => !list.has(digest))
    const online = { snapshot: keyring.online('snapshot'), timestamp: keyring.online('timestamp') }
    repository.publishRoot({ fleet: before.fleet, keys: { ...before.keys, targets: [key] } }, signers, online)
    repository.signList(list, key)
    resignBundles(store.db, key, list)
    for (const old of before.keys.targets) store.trust.endKey(old.id, parts.now(), input.reason)
    notePeopleKeys(parts, [made!], written)
    record(parts, by, 'keys.rotate', { what: 'targets', reason: input.reason, keyIds: [key.id], root: before.version + 1, left })
  }
  return withMade(
    parts,
    { role: 'targets', labels: ['targets'], input },
    { count, adopt: ([made]) => keyring.goOffline({ ...keyring.offline()!, targets: [made!.key.publicKey] }) },
  )
}

function rotateRoot(
  parts: KeyDeskParts,
  { input, signers }: { input: Input; signers: Awaited<ReturnType<typeof rootSigners>> },
  by: Actor,
) {
  const { store, keyring, repository } = parts
  const count = (made: readonly MadeKey[], written: readonly WrittenKey[]): void => {
    const roots = made.map(({ key }) => key)
    const before = repository.root()
    const online = { snapshot: keyring.online('snapshot'), timestamp: keyring.online('timestamp') }
    const keys = { ...before.keys, root: roots, threshold: ROOT_THRESHOLD }
    repository.publishRoot({ fleet: before.fleet, keys }, [...signers, ...roots.slice(0, ROOT_THRESHOLD)], online)
    for (const old of before.keys.root) store.trust.endKey(old.id, parts.now(), input.reason)
    notePeopleKeys(parts, made, written)
    record(parts, by, 'keys.rotate', { what: 'root', reason: input.reason, keyIds: roots.map(({ id }) => id), root: before.version + 1 })
  }
  const adopt = (made: readonly MadeKey[]): void =>
    keyring.goOffline({ ...keyring.offline()!, root: made.map(({ key }) => key.publicKey), threshold: ROOT_THRESHOLD })
  return withMade(parts, { role: 'root', labels: ROOT_LABELS, input }, { count, adopt })
}

/** Makes and writes keys of people, then lets them count: first in the store, then for the console. */
async function withMade(
  parts: KeyDeskParts,
  wanted: { role: 'root' | 'targets'; labels: readonly string[]; input: Input },
  then: { count(made: readonly MadeKey[], written: readonly WrittenKey[]): void; adopt(made: readonly MadeKey[]): void },
): Promise<Written> {
  const { role, labels, input } = wanted
  const made = await makePeopleKeys(parts, { role, labels, to: input.to, passphrases: input.passphrases })
  const written = writePeopleKeys(made, (files) => parts.store.transact(() => then.count(made, files)))
  then.adopt(made)
  afterwards(parts)
  return written
}
