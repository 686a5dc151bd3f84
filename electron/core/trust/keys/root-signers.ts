import { Problem } from '../../../../shared/domain/problem.ts'
import type { KeyFileInput } from '../../../../shared/rpc/contract/keys.ts'
import type { KeyDeskParts } from './desk-parts.ts'
import { readSealedKey } from './folders.ts'
import { unsealKey } from './sealed-key.ts'
import type { SigningKey } from './signing-key.ts'

/**
 * The keys that may sign the next root: that of the console before the ceremony, those of people after it.
 * @throws Problem `trust.root-keys-needed`, `trust.key-unknown`, `trust.key-file`, `trust.passphrase`
 */
export async function rootSigners({ keyring, repository }: KeyDeskParts, given: readonly KeyFileInput[]): Promise<SigningKey[]> {
  if (keyring.offline() === null) return [keyring.bootstrapRoot()]
  const { root, threshold } = repository.root().keys
  const files = given.map((input) => ({ file: readSealedKey(input), passphrase: input.passphrase }))
  for (const { file } of files) {
    if (!root.some(({ publicKey }) => publicKey === file.publicKey))
      throw new Problem('trust.key-unknown', `${file.label} is no root key that counts in this fleet.`)
  }
  const distinct = new Map(files.map((one) => [one.file.publicKey, one]))
  if (distinct.size < threshold)
    throw new Problem(
      'trust.root-keys-needed',
      `${threshold} different root keys must sign; ${distinct.size} ${distinct.size === 1 ? 'was' : 'were'} given.`,
    )
  const keys: SigningKey[] = []
  // One after the other: each costs a fair amount of memory.
  for (const { file, passphrase } of distinct.values()) keys.push(await unsealKey(file, passphrase))
  return keys
}
