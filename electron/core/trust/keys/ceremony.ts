import { Problem } from '../../../../shared/domain/problem.ts'
import type { ParsedInputOf } from '../../../../shared/rpc/contract.ts'
import { afterwards, record, type Actor, type KeyDeskParts } from './desk-parts.ts'
import { requireTold } from './devices.ts'
import { makePeopleKeys, notePeopleKeys, ROOT_LABELS, ROOT_THRESHOLD, writePeopleKeys, type WrittenKey } from './people-keys.ts'
import { resignBundles } from './resign-bundles.ts'
import { requireSignedList } from '../tuf/signed-list.ts'

/**
 * The ceremony. Three root keys and a targets key come into being, each sealed in a file of its own; the next root names them, signed by the key
 * that the console held and by two of the three; then the console forgets what it held. From here on new bytes need a person.
 * @throws Problem `trust.ceremony-done`, `trust.devices-untold`, `trust.folder`, `trust.passphrase-weak`
 */
export async function create(parts: KeyDeskParts, input: ParsedInputOf<'keys.create'>, by: Actor) {
  const { store, keyring, repository } = parts
  const assertFirst = (): void => {
    if (keyring.offline() !== null) throw new Problem('trust.ceremony-done', 'People hold the keys of this fleet already.')
  }
  assertFirst()
  requireTold(parts, input.leaveDevices)
  const roots = await makePeopleKeys(parts, { role: 'root', labels: ROOT_LABELS, to: input.rootTo, passphrases: input.rootPassphrases })
  const [targets] = await makePeopleKeys(parts, {
    ...{ role: 'targets', labels: ['targets'], to: [input.targetsTo], passphrases: [input.targetsPassphrase] },
  })
  // Sealing takes seconds: another window may have been faster.
  assertFirst()
  const made = [...roots, targets!]
  const rootKeys = roots.map(({ key }) => key)
  const count = (written: readonly WrittenKey[]): void => {
    const before = repository.root()
    const list = requireSignedList(store.trust, [keyring.targets()])
    const online = { snapshot: keyring.online('snapshot'), timestamp: keyring.online('timestamp') }
    const signers = [keyring.bootstrapRoot(), ...rootKeys.slice(0, ROOT_THRESHOLD)]
    const keys = { ...before.keys, root: rootKeys, threshold: ROOT_THRESHOLD, targets: [targets!.key] }
    repository.publishRoot({ fleet: before.fleet, keys }, signers, online)
    repository.signList(list, targets!.key)
    resignBundles(store.db, targets!.key, list)
    notePeopleKeys(parts, made, written)
    record(parts, by, 'keys.create', { keys: written.map(({ keyId, label }) => ({ keyId, label })), root: before.version + 1 })
  }
  const written = writePeopleKeys(made, (files) => store.transact(() => count(files)))
  keyring.goOffline({ targets: [targets!.key.publicKey], root: rootKeys.map(({ publicKey }) => publicKey), threshold: ROOT_THRESHOLD })
  afterwards(parts)
  return written
}
