import * as fs from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { replaceFile } from '../../../shared/store/durable-file.ts'
import { storeProblem } from '../../../shared/store/sqlite-rules.ts'
import { shred } from '../trust/keys/key-files.ts'
import type { SecretBox } from '../trust/secret-box.ts'
import { keyPairOf, makeKeyPair, privateKeyPem, type KeyPair } from './crypto.ts'

const FORBIDDEN_MODE = 0o077
/** What lay open, while the sealed file takes its place. */
const OPEN = '.open'
const MAX_BYTES = 16 * 1024

/** A key under the passphrase of the console, in the place of the PEM. */
const sealedFile = z.object({ v: z.literal(1), sealed: z.string() })

/** Where keys of certificates lie, and what seals them. */
export interface KeyPlace {
  directory: string
  box: SecretBox
}

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
 * The key in a file, sealed from now on where the console has a passphrase; made and written if there is none and `mayMake`.
 * @throws Problem `trust.key-exposed` if others may read it, `trust.passphrase-needed` if it is sealed, `certificate.key-invalid` if it is no P-256 key, or is gone where it must not be
 */
export async function openKeyPair({ directory, box }: KeyPlace, name: string, mayMake: boolean): Promise<{ pair: KeyPair; pem: string }> {
  const file = join(directory, name)
  const kept = readText(directory, name)
  if (kept !== null) {
    assertPrivate(file)
    const pem = openText(kept, file, box)
    const pair = await importPair(file, pem)
    return { pair, pem }
  }
  if (!mayMake) throw new Problem('certificate.key-invalid', `${file} is gone; the certificate beside it cannot sign without it.`)
  const pair = await makeKeyPair()
  const pem = await privateKeyPem(pair)
  writeText(directory, name, sealedText(pem, box))
  return { pair, pem }
}

/** Seals what lies open although there is a passphrase. The bytes of before are overwritten, as far as the disk lets them be. */
export function sealOpenKeys({ directory, box }: KeyPlace): void {
  if (!box.seals || !fs.existsSync(directory)) return
  for (const name of fs.readdirSync(directory)) {
    const path = join(directory, name)
    // What a cut left in the middle of this.
    if (name.endsWith(OPEN)) shred(path)
    if (!name.endsWith('.key.pem')) continue
    const kept = readText(directory, name)
    if (kept === null || isSealed(kept)) continue
    fs.linkSync(path, `${path}${OPEN}`)
    writeText(directory, name, sealedText(kept, box))
    shred(`${path}${OPEN}`)
  }
}

/** Names of keys of certificates that lie open. */
export function openKeyNames(directory: string): string[] {
  if (!fs.existsSync(directory)) return []
  return fs.readdirSync(directory).filter((name) => name.endsWith('.key.pem') && !isSealed(readText(directory, name) ?? ''))
}

function isSealed(text: string): boolean {
  return text.startsWith('{')
}

function sealedText(pem: string, box: SecretBox): string {
  const stored = box.seal(pem)
  return typeof stored === 'string' ? stored : JSON.stringify({ v: 1, ...stored })
}

function openText(text: string, file: string, box: SecretBox): string {
  if (!isSealed(text)) return text
  const parsed = sealedFile.safeParse(jsonOf(text))
  if (!parsed.success) throw new Problem('certificate.key-invalid', `${file} holds no sealed key.`)
  const pem = box.open({ sealed: parsed.data.sealed })
  if (pem === null) throw new Problem('trust.passphrase-needed', `${file} is sealed, and the passphrase that opens it was not given.`)
  return pem
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
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
