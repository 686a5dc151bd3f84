import * as fs from 'node:fs'
import { join } from 'node:path'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { replaceFile } from '../../../shared/store/durable-file.ts'
import { storeProblem } from '../../../shared/store/sqlite-rules.ts'
import { keyPairOf, makeKeyPair, privateKeyPem, type KeyPair } from './crypto.ts'

const FORBIDDEN_MODE = 0o077
const MAX_BYTES = 16 * 1024

/** Reads a file of the authority; null: there is none. */
export function readText(directory: string, name: string): string | null {
  const file = join(directory, name)
  try {
    const stat = fs.lstatSync(file, { throwIfNoEntry: false })
    if (stat === undefined) return null
    if (!stat.isFile() || stat.size > MAX_BYTES) throw new Problem('certificate.key-invalid', `${file} is no key or certificate.`)
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    throw storeProblem(error, file)
  }
}

/** Writes a file of the authority durably, for its owner only. */
export function writeText(directory: string, name: string, content: string): void {
  try {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
    fs.rmSync(join(directory, `${name}.new`), { force: true })
    replaceFile(fs, { directory, name, mode: 0o600 }, Buffer.from(content))
  } catch (error) {
    throw storeProblem(error, join(directory, name))
  }
}

/**
 * The key in a file; made and written if there is none and `mayMake`.
 * @throws Problem `trust.key-exposed` if others may read it, `certificate.key-invalid` if it is no P-256 key, or is gone where it must not be
 */
export async function openKeyPair(directory: string, name: string, mayMake: boolean): Promise<{ pair: KeyPair; pem: string }> {
  const file = join(directory, name)
  const kept = readText(directory, name)
  if (kept !== null) {
    assertPrivate(file)
    return { pair: await importPair(file, kept), pem: kept }
  }
  if (!mayMake) throw new Problem('certificate.key-invalid', `${file} is gone; the certificate beside it cannot sign without it.`)
  const pair = await makeKeyPair()
  const pem = await privateKeyPem(pair)
  writeText(directory, name, pem)
  return { pair, pem }
}

function assertPrivate(file: string): void {
  const { mode } = fs.statSync(file)
  // Windows has no such bits: what it reports there is made up.
  if (process.platform !== 'win32' && (mode & FORBIDDEN_MODE) !== 0)
    throw new Problem('trust.key-exposed', `${file} has mode ${(mode & 0o777).toString(8)}: others than its owner have rights on it.`)
}

async function importPair(file: string, pem: string): Promise<KeyPair> {
  try {
    return await keyPairOf(pem)
  } catch (error) {
    throw new Problem('certificate.key-invalid', `${file} holds no key that certificates are signed with: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
