import { Problem } from '../../../../shared/domain/problem.ts'
import type { ParsedInputOf } from '../../../../shared/rpc/contract.ts'
import type { KeyFileInput } from '../../../../shared/rpc/contract/keys.ts'
import { LIST_IS_DUE_MS } from '../tuf/repository.ts'
import { listDamaged, readSignedList } from '../tuf/signed-list.ts'
import { record, type Actor, type KeyDeskParts } from './desk-parts.ts'
import { readSealedKey } from './folders.ts'
import { resignBundles } from './resign-bundles.ts'
import { unsealKey } from './sealed-key.ts'
import type { SigningKey } from './signing-key.ts'
import { chosenOf, waitingFor } from './waiting.ts'

const MINUTE_MS = 60_000

type Input = ParsedInputOf<'keys.unlock'>

/**
 * Keeps the targets key in memory for a while. What it signs now is the list that it signed last, and beyond that what the person named and nothing
 * else: whoever can write to the store must not get a signature by waiting for somebody with the key.
 * @throws Problem `trust.ceremony-needed`, `trust.key-unknown`, `trust.key-file`, `trust.passphrase`, `trust.list-damaged`, `trust.list-differs`
 */
export async function unlock(parts: KeyDeskParts, input: Input, by: Actor): Promise<void> {
  const { store, keyring, repository, now } = parts
  if (keyring.offline() === null) throw new Problem('trust.ceremony-needed', 'Nothing is locked: the console holds the keys itself.')
  const file = readSealedKey(defaultPlace(parts, input.key))
  const { targets } = repository.root().keys
  if (!targets.some(({ publicKey }) => publicKey === file.publicKey))
    throw new Problem('trust.key-unknown', `${file.label} is not the targets key that counts in this fleet.`)
  const key = await unsealKey(file, input.key.passphrase).catch((error: unknown) => {
    // Whoever guesses passphrases is seen.
    if (error instanceof Problem) store.transact(() => record(parts, by, 'keys.refused', { label: file.label, code: error.code }))
    throw error
  })
  try {
    store.transact(() => {
      const signed = signWhatIsDue(parts, key, input)
      record(parts, by, 'keys.unlock', { keyId: key.id, minutes: input.minutes, ...signed })
    })
  } catch (error) {
    if (error instanceof Problem && (error.code === 'trust.list-damaged' || error.code === 'trust.list-differs'))
      store.transact(() => record(parts, by, 'keys.refused', refusal(parts, { key, code: error.code, asked: input.sign ?? [] })))
    throw error
  }
  keyring.unlock(key, now() + input.minutes * MINUTE_MS)
  parts.onOutbox()
  parts.changed()
}

const MOST_RECORDED = 50

/** What is kept of an unlock that was refused: an entry that somebody smuggled in is named. */
function refusal({ store }: KeyDeskParts, of: { key: SigningKey; code: string; asked: readonly string[] }): Record<string, unknown> {
  const { differs } = readSignedList(store.trust, [of.key])
  return { keyId: of.key.id, code: of.code, differs: differs.slice(0, MOST_RECORDED), asked: of.asked.slice(0, MOST_RECORDED) }
}

/** @returns what was signed, for the record */
function signWhatIsDue(parts: KeyDeskParts, key: SigningKey, { sign = [], mend = false }: Input): Record<string, unknown> {
  const { store, repository } = parts
  const list = readSignedList(store.trust, [key])
  if (!list.isGood && !mend) throw listDamaged(list)
  const chosen = chosenOf(waitingFor(store, list.targets), sign)
  if (chosen.length === 0 && list.isGood && !isDue(parts)) return {}
  const all = new Map([...list.targets, ...chosen.map(({ digest, sizeBytes }) => [digest, sizeBytes] as const)])
  repository.signList(all, key)
  resignBundles(store.db, key, new Set(chosen.map(({ digest }) => digest)))
  return {
    list: { version: repository.targets().version, bundles: all.size, isMended: !list.isGood },
    added: chosen.map(({ digest, versions }) => ({ digest, versions })),
  }
}

/** The list runs out, or devices know a newer one than this console, which comes from a backup. */
function isDue({ store, repository, now }: KeyDeskParts): boolean {
  const { version, expiresAt } = repository.targets()
  if (expiresAt - now() < LIST_IS_DUE_MS || !repository.isListSigned()) return true
  return store.devices.all().some(({ reported }) => (reported?.trust?.targets ?? 0) > version)
}

/** Without a file the place counts where the key was written, or last seen. */
function defaultPlace({ store }: KeyDeskParts, input: KeyFileInput): Pick<KeyFileInput, 'path' | 'content'> {
  if (input.path !== undefined || input.content !== undefined) return input
  const kept = store.trust.keys().find(({ role, endedAt }) => role === 'targets' && endedAt === null)?.kept
  if (kept === undefined || kept === null) throw new Problem('trust.key-file', 'Name the file of the targets key.')
  return { path: kept }
}
