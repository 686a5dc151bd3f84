import * as fs from 'node:fs'
import type { KeyDeskParts } from './desk-parts.ts'
import { requireFolder, writeSealedKey } from './folders.ts'
import { assertPassphrase, seal, type SealedKey } from './sealed-key.ts'
import { makeSigningKey, type SigningKey } from './signing-key.ts'

/** A key that was just made for people: still in memory, and sealed. */
export interface MadeKey {
  key: SigningKey
  file: SealedKey
  folder: string
}

/** What is to be made: one key per label, to the folders and under the passphrases in turn. */
interface Wanted {
  role: 'root' | 'targets'
  labels: readonly string[]
  to: readonly string[]
  passphrases: readonly string[]
}

/** Root keys are three, of which two sign: one may be lost, and one alone does nothing. */
export const ROOT_LABELS = ['root 1 of 3', 'root 2 of 3', 'root 3 of 3'] as const
export const ROOT_THRESHOLD = 2

/**
 * Makes keys and seals them; nothing is written yet.
 * @throws Problem `trust.folder`, `trust.passphrase-weak`
 */
export async function makePeopleKeys(parts: KeyDeskParts, { role, labels, to, passphrases }: Wanted): Promise<MadeKey[]> {
  const folders = to.map((folder) => requireFolder(folder, parts.dataDirectory))
  passphrases.forEach(assertPassphrase)
  const made: MadeKey[] = []
  for (const [i, label] of labels.entries()) {
    const key = makeSigningKey()
    const head = { fleet: parts.fleet(), role, label, publicKey: key.publicKey, createdAt: parts.now() }
    const file = await seal(head, key.pem(), passphrases[i % passphrases.length]!)
    made.push({ key, file, folder: folders[i % folders.length]! })
  }
  return made
}

export type WrittenKey = { keyId: string; label: string; file: string }

/**
 * Writes the sealed files, then lets the keys count. If that fails the files are taken away again: what counts for nothing must not lie on a stick.
 * @returns where the files are @throws Problem `trust.folder`, `store.*`, and what `count` throws
 */
export function writePeopleKeys(made: readonly MadeKey[], count: (written: readonly WrittenKey[]) => void): WrittenKey[] {
  const written: WrittenKey[] = []
  try {
    for (const { key, file, folder } of made) written.push({ keyId: key.id, label: file.label, file: writeSealedKey(folder, file) })
    count(written)
    return written
  } catch (error) {
    for (const { file } of written) removeIfThere(file)
    throw error
  }
}

/** A stick that was pulled out keeps the file; the error that brought us here matters more. */
function removeIfThere(file: string): void {
  try {
    fs.rmSync(file, { force: true })
  } catch {
    // Said above.
  }
}

/** Notes the keys of people in the store; call it in the transaction that makes them count. */
export function notePeopleKeys(
  { store, now }: KeyDeskParts,
  made: readonly MadeKey[],
  written: readonly { keyId: string; file: string }[],
): void {
  for (const { key, file } of made) {
    const kept = written.find(({ keyId }) => keyId === key.id)?.file ?? null
    store.trust.addKey({
      keyId: key.id,
      role: file.role === 'root' ? 'root' : 'targets',
      label: file.label,
      publicKey: key.publicKey,
      kept,
      createdAt: now(),
    })
  }
}
