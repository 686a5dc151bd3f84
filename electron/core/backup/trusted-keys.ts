import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openKeyring, type Keyring } from '../trust/keys.ts'
import { readPointer } from './pointer.ts'

/** Public keys whose signature on a backup is this console's own: the one that signs now, and those from before it was changed. */
export function knownKeys(dataDirectory: string, keyring: Pick<Keyring, 'roots'>): readonly string[] {
  return [...new Set([...keyring.roots().assignment, ...(readPointer(dataDirectory)?.keys ?? [])])]
}

/** The same while no console runs; empty where there are no keys yet. None are made by this. */
export function trustedKeysOf(dataDirectory: string): readonly string[] {
  const directory = join(dataDirectory, 'keys')
  return existsSync(join(directory, 'assignment.pem')) ? knownKeys(dataDirectory, openKeyring(directory)) : []
}
