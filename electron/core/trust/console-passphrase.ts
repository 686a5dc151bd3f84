import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Problem } from '../../../shared/domain/problem.ts'
import { replaceFile } from '../../../shared/store/durable-file.ts'
import { storeProblem } from '../../../shared/store/sqlite-rules.ts'
import { assertPassphrase } from './keys/sealed-key.ts'

const FILE = 'passphrase.json'
const COST = { N: 2 ** 17, r: 8, p: 1 } as const
const CHECKED = 'muster-console-passphrase'
const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/)

/** What tells a right passphrase from a wrong one, and nothing else. */
const stored = z.object({
  v: z.literal(1),
  salt: base64,
  N: z
    .int()
    .min(2 ** 14)
    .max(2 ** 20),
  iv: base64,
  tag: base64,
  check: base64,
})

/** True if the console of a data directory keeps its keys under a passphrase. */
export function hasPassphrase(dataDirectory: string): boolean {
  return fs.existsSync(join(dataDirectory, 'keys', FILE))
}

/**
 * The key that a passphrase stands for. The first one that is given becomes the one of the console.
 * @returns 32 bytes, base64
 * @throws Problem `trust.passphrase` if it is another one, `trust.passphrase-weak`, `trust.key-invalid`, `store.*`
 */
export function keyOfPassphrase(dataDirectory: string, passphrase: string): string {
  const directory = join(dataDirectory, 'keys')
  const file = join(directory, FILE)
  if (!fs.existsSync(file)) {
    assertPassphrase(passphrase)
    return begin(directory, passphrase)
  }
  const parsed = stored.safeParse(jsonOf(fs.readFileSync(file, 'utf8')))
  if (!parsed.success) throw new Problem('trust.key-invalid', `${file} is damaged.`)
  const { salt, N, iv, tag, check } = parsed.data
  const key = derive(passphrase, Buffer.from(salt, 'base64'), N)
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'), { authTagLength: 16 })
    decipher.setAuthTag(Buffer.from(tag, 'base64'))
    Buffer.concat([decipher.update(Buffer.from(check, 'base64')), decipher.final()])
  } catch (error) {
    throw new Problem('trust.passphrase', 'This is not the passphrase of this console.', { cause: error })
  }
  return key.toString('base64')
}

function begin(directory: string, passphrase: string): string {
  const salt = randomBytes(16)
  const key = derive(passphrase, salt, COST.N)
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const check = Buffer.concat([cipher.update(CHECKED, 'utf8'), cipher.final()])
  const value = {
    v: 1,
    salt: salt.toString('base64'),
    N: COST.N,
    iv: iv.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    check: check.toString('base64'),
  }
  try {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
    replaceFile(fs, { directory, name: FILE, mode: 0o600 }, Buffer.from(`${JSON.stringify(value)}\n`))
  } catch (error) {
    throw storeProblem(error, join(directory, FILE))
  }
  return key.toString('base64')
}

function derive(passphrase: string, salt: Buffer, N: number): Buffer {
  return scryptSync(passphrase.normalize('NFKC'), salt, 32, { N, r: COST.r, p: COST.p, maxmem: 256 * N * COST.r })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
