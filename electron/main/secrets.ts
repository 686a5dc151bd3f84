import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { SafeStorage } from 'electron'
import { errorCodeOf } from '../../shared/domain/problem.ts'
import { replaceFile } from '../../shared/store/durable-file.ts'

const FILE = 'secret-key'
const KEY_BYTES = 32

/** The key under which the core seals small secrets, such as the password of an external broker. */
export type SecretKey =
  | { state: 'encrypted'; key: string }
  /** The system has no safe place for it: nothing is sealed, and nobody is told that it were. */
  | { state: 'unavailable'; reason: string }

interface SecretParts {
  safeStorage: Pick<SafeStorage, 'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'>
  platform: NodeJS.Platform
  directory: string
}

/**
 * The key of this console, made at the first start and kept encrypted by the system (Keychain, DPAPI, libsecret, KWallet).
 * Where Linux has no such keeper, Electron would "encrypt" with a password that everybody knows: that is refused.
 */
export async function openSecretKey({ safeStorage, platform, directory }: SecretParts): Promise<SecretKey> {
  if (platform === 'linux') {
    const backend = safeStorage.getSelectedStorageBackend()
    if (backend === 'basic_text' || backend === 'unknown')
      return { state: 'unavailable', reason: 'this desktop has no password manager that Electron knows' }
  }
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return { state: 'unavailable', reason: 'the system offers no encryption' }
  const stored = read(join(directory, FILE))
  if (stored !== null) {
    try {
      const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(stored)
      if (Buffer.from(result, 'base64').length === KEY_BYTES) {
        if (shouldReEncrypt) await store(safeStorage, directory, result)
        return { state: 'encrypted', key: result }
      }
    } catch {
      // The keeper was emptied or the folder came from another machine. What was sealed cannot be read again; the person types it anew.
    }
  }
  const key = randomBytes(KEY_BYTES).toString('base64')
  await store(safeStorage, directory, key)
  return { state: 'encrypted', key }
}

async function store(safeStorage: Pick<SafeStorage, 'encryptStringAsync'>, directory: string, key: string): Promise<void> {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  replaceFile(fs, { directory, name: FILE }, await safeStorage.encryptStringAsync(key))
}

function read(file: string): Buffer | null {
  try {
    return fs.readFileSync(file)
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return null
    throw error
  }
}
