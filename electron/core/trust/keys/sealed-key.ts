import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { z } from 'zod'
import { Problem } from '../../../../shared/domain/problem.ts'
import { publicKeyOf, signingKeyFromPem, type SigningKey } from './signing-key.ts'

/** Cost of one guess: about 0.4 s and 128 MiB on a small machine. */
const COST = { N: 2 ** 17, r: 8, p: 1 } as const
const MAX_MEMORY = 256 * 1024 * 1024
const KEY_BYTES = 32
const ALGORITHM = 'aes-256-gcm'
const MIN_PASSPHRASE = 12
/** A key file is a few hundred bytes; anything longer is none. */
export const MAX_SEALED_BYTES = 64 * 1024

const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/)

/** A key of people as it lies on a stick: what it is stands open, the private half is sealed under a passphrase. */
export const sealedKey = z.object({
  v: z.literal(1),
  kind: z.literal('muster-sealed-key'),
  fleet: z.string().max(64),
  role: z.enum(['root', 'targets', 'console']),
  label: z.string().max(64),
  publicKey: base64,
  createdAt: z.int().nonnegative(),
  kdf: z.object({
    name: z.literal('scrypt'),
    N: z
      .int()
      .min(2 ** 14)
      .max(2 ** 20),
    r: z.int().min(1).max(16),
    p: z.int().min(1).max(4),
    salt: base64,
  }),
  iv: base64,
  tag: base64,
  sealed: base64,
})
export type SealedKey = z.infer<typeof sealedKey>

/** What a sealed file says openly; it cannot be changed without breaking the seal. */
export type SealedHead = Pick<SealedKey, 'fleet' | 'role' | 'label' | 'publicKey' | 'createdAt'>

/** @throws Problem `trust.passphrase-weak` */
export function assertPassphrase(passphrase: string): void {
  if (passphrase.length < MIN_PASSPHRASE)
    throw new Problem('trust.passphrase-weak', `A passphrase has at least ${MIN_PASSPHRASE} characters; this one has ${passphrase.length}.`)
}

/** Seals a text under a passphrase. @throws Problem `trust.passphrase-weak` */
export async function seal(head: SealedHead, secret: string, passphrase: string): Promise<SealedKey> {
  assertPassphrase(passphrase)
  const kdf = { name: 'scrypt' as const, ...COST, salt: randomBytes(16).toString('base64') }
  const iv = randomBytes(12)
  const key = await derive(passphrase, kdf)
  const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(headBytes(head))
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  key.fill(0)
  return {
    ...{ v: 1, kind: 'muster-sealed-key', ...head, kdf },
    ...{ iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64'), sealed: sealed.toString('base64') },
  }
}

/** Opens what was sealed. @throws Problem `trust.passphrase` */
export async function unseal(file: SealedKey, passphrase: string): Promise<string> {
  const key = await derive(passphrase, file.kdf)
  try {
    const decipher = createDecipheriv(ALGORITHM, key, Buffer.from(file.iv, 'base64'), { authTagLength: 16 })
    decipher.setAAD(headBytes(file)).setAuthTag(Buffer.from(file.tag, 'base64'))
    return Buffer.concat([decipher.update(Buffer.from(file.sealed, 'base64')), decipher.final()]).toString('utf8')
  } catch (error) {
    throw new Problem('trust.passphrase', `The passphrase does not open ${file.label}, or the file was changed.`, { cause: error })
  } finally {
    key.fill(0)
  }
}

/** Opens a sealed signing key. @throws Problem `trust.passphrase`, `trust.key-invalid` */
export async function unsealKey(file: SealedKey, passphrase: string): Promise<SigningKey> {
  const key = signingKeyFromPem(await unseal(file, passphrase), file.label)
  if (key.publicKey !== publicKeyOf(file.publicKey).publicKey)
    throw new Problem('trust.key-invalid', `${file.label} holds another key than it says.`)
  return key
}

/** Reads a sealed file. @throws Problem `trust.key-file` */
export function parseSealedKey(text: string): SealedKey {
  let value: unknown = null
  try {
    value = text.length > MAX_SEALED_BYTES ? null : JSON.parse(text)
  } catch {
    // Said below.
  }
  const parsed = sealedKey.safeParse(value)
  if (!parsed.success) throw new Problem('trust.key-file', 'This is no sealed key of Muster.')
  return parsed.data
}

function headBytes({ fleet, role, label, publicKey, createdAt }: SealedHead): Buffer {
  return Buffer.from(JSON.stringify([fleet, role, label, publicKey, createdAt]))
}

function derive(passphrase: string, kdf: SealedKey['kdf']): Promise<Buffer> {
  const { N, r, p } = kdf
  return new Promise((resolve, reject) => {
    scrypt(
      passphrase.normalize('NFKC'),
      Buffer.from(kdf.salt, 'base64'),
      KEY_BYTES,
      { N, r, p, maxmem: Math.max(MAX_MEMORY, 256 * N * r) },
      (error, key) => {
        if (error === null) resolve(key)
        else reject(error)
      },
    )
  })
}
