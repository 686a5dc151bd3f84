import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../../shared/domain/problem.ts'
import { openKeyring, type Keyring } from '../trust/keys.ts'
import { readPointer } from './pointer.ts'

/** Public keys whose signature on a backup is this console's own: the one that signs now, and those from before it was changed. */
export function knownKeys(dataDirectory: string, keyring: Pick<Keyring, 'onlinePublic'>): readonly string[] {
  return [...new Set([keyring.onlinePublic('assignment').publicKey, ...(readPointer(dataDirectory)?.keys ?? [])])]
}

/** The same while no console runs; empty where there are no keys yet. None are made by this. */
export function trustedKeysOf(dataDirectory: string): readonly string[] {
  const directory = join(dataDirectory, 'keys')
  if (!existsSync(join(directory, 'assignment.pem'))) return []
  try {
    return knownKeys(dataDirectory, openKeyring(directory, undefined, undefined, false))
  } catch (error) {
    // A key that cannot be read must not stand in the way of the backup that holds it; those that signed before are known without it.
    if (error instanceof Problem && error.code.startsWith('trust.')) return readPointer(dataDirectory)?.keys ?? []
    throw error
  }
}
