import { Problem, reportOf } from '../../../../shared/domain/problem.ts'
import type { KeyFileInput, ShownKeys } from '../../../../shared/rpc/contract/keys.ts'
import type { ParsedInputOf } from '../../../../shared/rpc/contract.ts'
import { create } from './ceremony.ts'
import { record, type Actor, type KeyDeskParts } from './desk-parts.ts'
import { verifySignatures } from '../keys.ts'
import { payloadTypes, preAuthEncoding } from '../../../../shared/protocol/envelope.ts'
import { readSealedKey, requireFolder, writeSealedKey } from './folders.ts'
import { rotate, rotateOnline } from './rotate.ts'
import { unsealKey, type SealedKey } from './sealed-key.ts'
import { showKeys } from './show.ts'
import { publicKeyOf, type SigningKey } from './signing-key.ts'
import { unlock } from './unlock.ts'

type Written = { keyId: string; label: string; file: string }[]

/** The acts of people on the keys of the fleet. One runs at a time: each reads what the one before has made. */
export interface KeyDesk {
  show(): ShownKeys
  create(input: ParsedInputOf<'keys.create'>, by: Actor): Promise<Written>
  unlock(input: ParsedInputOf<'keys.unlock'>, by: Actor): Promise<void>
  lock(by: Actor): void
  rotate(input: ParsedInputOf<'keys.rotate'>, by: Actor): Promise<Written>
  recover(input: ParsedInputOf<'keys.recover'>, by: Actor): Promise<void>
  drill(
    input: ParsedInputOf<'keys.drill'>,
    by: Actor,
  ): Promise<{ keyId: string; label: string; role: string; ok: boolean; problem: string | null }>
  backup(input: ParsedInputOf<'keys.backup'>, by: Actor): Written
}

/** Opens the desk. */
export function openKeyDesk(parts: KeyDeskParts): KeyDesk {
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = turn.then(work)
    turn = done.catch(() => undefined)
    return done
  }
  return {
    show: () => showKeys(parts),
    create: (input, by) => inTurn(() => create(parts, input, by)),
    unlock: (input, by) => inTurn(() => unlock(parts, input, by)),
    lock(by) {
      parts.keyring.lock()
      parts.store.transact(() => record(parts, by, 'keys.lock', {}))
      parts.changed()
    },
    rotate: (input, by) => inTurn(() => rotate(parts, input, by)),
    recover: (input, by) => inTurn(() => rotateOnline(parts, { ...input, action: 'keys.recover', isRecovery: true }, by)),
    drill: (input, by) => inTurn(() => drill(parts, input.key, by)),
    backup: (input, by) => backup(parts, input, by),
  }
}

/** Signs a test document with a key of people, and verifies it by what devices trust. Right or wrong, it is on record. */
async function drill(parts: KeyDeskParts, input: KeyFileInput, by: Actor) {
  const { store, repository, now } = parts
  const file = readSealedKey(input)
  const { id: keyId } = publicKeyOf(file.publicKey)
  const { root, targets } = repository.root().keys
  const trusted = [...root, ...targets].map(({ publicKey }) => publicKey)
  if (!trusted.includes(file.publicKey)) throw new Problem('trust.key-unknown', `${file.label} is no key that counts in this fleet.`)
  let problem: string | null = null
  try {
    rehearse(await unsealKey(file, input.passphrase), file, now())
  } catch (error) {
    problem = reportOf(error).message
  }
  store.transact(() => {
    store.trust.addDrill({ at: now(), actor: by.actor, keyId, problem })
    record(parts, by, 'keys.drill', { keyId, label: file.label, ok: problem === null })
  })
  parts.changed()
  return { keyId, label: file.label, role: file.role, ok: problem === null, problem }
}

/** The type is that of nothing which counts: what is signed here can never be taken for anything else. */
function rehearse(key: SigningKey, { fleet, label }: SealedKey, at: number): void {
  const bytes = Buffer.from(JSON.stringify({ rehearsal: true, fleet, label, at }))
  const type = `${payloadTypes.trust}-rehearsal` as typeof payloadTypes.trust
  const sig = key.sign(preAuthEncoding(type, bytes)).toString('base64')
  if (!verifySignatures(type, bytes, [{ keyid: key.id, sig }], [key.publicKey]))
    throw new Problem('trust.key-invalid', `What ${label} signs does not verify.`)
}

function backup(parts: KeyDeskParts, { key, to }: ParsedInputOf<'keys.backup'>, by: Actor): Written {
  const { store } = parts
  const file = readSealedKey(key)
  const { id: keyId } = publicKeyOf(file.publicKey)
  if (!store.trust.keys().some((one) => one.keyId === keyId && one.endedAt === null))
    throw new Problem('trust.key-unknown', `${file.label} is no key that counts in this fleet.`)
  const path = writeSealedKey(requireFolder(to, parts.dataDirectory), file)
  store.transact(() => {
    store.trust.keepKey(keyId, path)
    record(parts, by, 'keys.backup', { keyId, label: file.label })
  })
  parts.changed()
  return [{ keyId, label: file.label, file: path }]
}
