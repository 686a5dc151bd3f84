import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  scryptSync,
  type KeyObject,
} from 'node:crypto'
import * as fs from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { z } from 'zod'
import { Problem } from '../../../shared/domain/problem.ts'
import { syncDirectory } from '../../../shared/store/durable-file.ts'

/**
 * How keys come into a backup that is made at night, when nobody types a passphrase: the passphrase gives a private X25519 key, of which the
 * console keeps the public half only. Whoever has the backup and the console's store cannot open it; the passphrase can.
 */
export const keySeal = z.strictObject({ salt: z.string().max(64), publicKey: z.string().max(64) })
export type KeySeal = z.infer<typeof keySeal>

/** Folders of the data directory that hold secrets. They go into a backup sealed, or not at all. */
export const secretFolders = ['keys', 'certificates'] as const

const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 } as const
const IV_BYTES = 12
const TAG_BYTES = 16
const MAX_FILE_BYTES = 256 * 1024
const MAX_FILES = 500
/** Before 32 raw bytes, the DER of a private X25519 key (RFC 8410). */
const X25519_DER = Buffer.from('302e020100300506032b656e04220420', 'hex')

const sealedFile = z.looseObject({
  v: z.literal(1),
  salt: z.string(),
  ephemeral: z.string(),
  iv: z.string(),
  tag: z.string(),
  sealed: z.string(),
})
const contents = z.record(z.string().regex(/^(keys|certificates)(\/[A-Za-z0-9][A-Za-z0-9._-]{0,127}){1,4}$/), z.string())

/** The seal of a passphrase: what the console keeps of it. Takes a third of a second, by intent. */
export function sealOf(passphrase: string): KeySeal {
  const salt = randomBytes(16).toString('base64')
  return { salt, publicKey: rawOf(createPublicKey(privateKeyOf(passphrase, salt))) }
}

/** Seals the secret folders of a data directory. @returns the bytes of `keys.sealed`; null: there is nothing to seal */
export function sealKeys(dataDirectory: string, seal: KeySeal): Buffer | null {
  const files = Object.fromEntries(
    secretFolders
      .flatMap((folder) => filesIn(dataDirectory, folder))
      .map((path) => [path, fs.readFileSync(join(dataDirectory, path)).toString('base64')]),
  )
  if (Object.keys(files).length === 0) return null
  const { privateKey, publicKey } = generateKeyPairSync('x25519')
  const ephemeral = rawOf(publicKey)
  const key = keyOf(diffieHellman({ privateKey, publicKey: publicFrom(seal.publicKey) }), ephemeral, seal.publicKey)
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const sealed = Buffer.concat([cipher.update(JSON.stringify(files), 'utf8'), cipher.final()])
  const file = { v: 1, salt: seal.salt, ephemeral, iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64') }
  return Buffer.from(`${JSON.stringify({ ...file, sealed: sealed.toString('base64') })}\n`)
}

/** Opens `keys.sealed`. @returns bytes by path within the data directory @throws Problem `backup.passphrase`, `backup.damaged` */
export function openSealedKeys(bytes: Uint8Array, passphrase: string): Map<string, Buffer> {
  const file = sealedFile.safeParse(jsonOf(bytes))
  if (!file.success) throw new Problem('backup.damaged', 'The sealed keys of the backup cannot be read.')
  const { salt, ephemeral, iv, tag, sealed } = file.data
  const privateKey = privateKeyOf(passphrase, salt)
  const own = rawOf(createPublicKey(privateKey))
  try {
    const key = keyOf(diffieHellman({ privateKey, publicKey: publicFrom(ephemeral) }), ephemeral, own)
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'), { authTagLength: TAG_BYTES })
    decipher.setAuthTag(Buffer.from(tag, 'base64'))
    const text = Buffer.concat([decipher.update(Buffer.from(sealed, 'base64')), decipher.final()]).toString('utf8')
    return new Map(Object.entries(contents.parse(JSON.parse(text))).map(([path, base64]) => [path, Buffer.from(base64, 'base64')]))
  } catch (error) {
    throw new Problem('backup.passphrase', 'The passphrase does not open the keys of this backup.', { cause: error })
  }
}

/** Writes keys that a backup held into a folder, durably, each for its owner only. A file that is there is never replaced. */
export function writeKeys(directory: string, files: ReadonlyMap<string, Buffer>): void {
  for (const [path, bytes] of files) {
    const file = join(directory, path)
    fs.mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const fd = fs.openSync(file, 'wx', 0o600)
    try {
      fs.writeFileSync(fd, bytes)
      fs.fsyncSync(fd)
    } finally {
      fs.closeSync(fd)
    }
    syncDirectory(fs, dirname(file))
  }
}

function filesIn(dataDirectory: string, folder: string): string[] {
  let entries: fs.Dirent[]
  try {
    entries = fs.readdirSync(join(dataDirectory, folder), { withFileTypes: true, recursive: true })
  } catch {
    return []
  }
  const paths = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !entry.name.endsWith('.new'))
    .map((entry) => relative(dataDirectory, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
  if (paths.length > MAX_FILES) throw new Problem('internal', `${folder} holds ${paths.length} files: these are no keys.`)
  const tooLarge = paths.find((path) => fs.statSync(join(dataDirectory, path)).size > MAX_FILE_BYTES)
  if (tooLarge !== undefined) throw new Problem('internal', `${tooLarge} is too large for a key.`)
  return paths.sort()
}

function privateKeyOf(passphrase: string, salt: string): KeyObject {
  const raw = scryptSync(passphrase.normalize('NFKC'), Buffer.from(salt, 'base64'), 32, SCRYPT)
  return createPrivateKey({ key: Buffer.concat([X25519_DER, raw]), format: 'der', type: 'pkcs8' })
}

function publicFrom(base64: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: Buffer.from(base64, 'base64').toString('base64url') }, format: 'jwk' })
}

function rawOf(publicKey: KeyObject): string {
  return Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64')
}

function keyOf(shared: Buffer, ephemeral: string, own: string): Buffer {
  const salt = Buffer.concat([Buffer.from(ephemeral, 'base64'), Buffer.from(own, 'base64')])
  return Buffer.from(hkdfSync('sha256', shared, salt, 'muster backup keys', 32))
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown
  } catch {
    return null
  }
}
