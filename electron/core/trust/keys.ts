import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { TrustRoots } from '../../../shared/protocol/enrolment.ts'
import { payloadTypes, preAuthEncoding, type PayloadType, type Signature } from '../../../shared/protocol/envelope.ts'
import { replaceFile } from '../../../shared/store/durable-file.ts'
import { storeProblem } from '../../../shared/store/sqlite-rules.ts'

/** The keys of the fleet: what signs, and what devices are told to trust. Everything that signs goes through here. */
export interface Keyring {
  /** Signatures over the DSSE encoding of type and bytes, by the key that may sign this type. Equal input gives equal signatures. */
  sign(type: PayloadType, bytes: Uint8Array): Signature[]
  /** Raw public keys, base64, by what they may sign. */
  roots(): TrustRoots
  readonly keyIds: { readonly bundle: string; readonly assignment: string }
}

interface Key {
  id: string
  publicKey: string
  privateKey: KeyObject
}

/** Nobody but the owner of a key file may read it, and keys are small. */
const FORBIDDEN_MODE = 0o077
const MAX_KEY_FILE_BYTES = 4096

/**
 * Opens the two Ed25519 keys in a directory of their own, and makes them at the first use (files of mode 0600, written durably).
 * @throws Problem `trust.key-exposed` if group or others may read a key, `trust.key-invalid` if a file holds no Ed25519 key,
 *   `store.disk-full`, `data-directory.read-only`
 */
export function openKeyring(directory: string): Keyring {
  const bundle = openKey(directory, 'bundle.pem')
  const assignment = openKey(directory, 'assignment.pem')
  const keys: Record<PayloadType, Key> = {
    [payloadTypes.bundle]: bundle,
    [payloadTypes.assignment]: assignment,
    [payloadTypes.halt]: assignment,
  }
  return {
    sign(type, bytes) {
      const { id, privateKey } = keys[type]
      return [{ keyid: id, sig: sign(null, preAuthEncoding(type, bytes), privateKey).toString('base64') }]
    },
    roots: () => ({ bundle: [bundle.publicKey], assignment: [assignment.publicKey] }),
    keyIds: { bundle: bundle.id, assignment: assignment.id },
  }
}

/** Id of a raw Ed25519 public key: the first 32 hex digits of its SHA-256. */
export function keyIdOf(rawPublicKey: Uint8Array): string {
  return createHash('sha256').update(rawPublicKey).digest('hex').slice(0, 32)
}

/**
 * True if at least one signature over type and bytes was made with one of the keys (raw, base64). A signature by an unknown key
 * proves nothing and harms nothing; anything malformed counts as no signature.
 */
export function verifySignatures(
  type: PayloadType,
  bytes: Uint8Array,
  signatures: readonly Signature[],
  publicKeys: readonly string[],
): boolean {
  const known = new Map(publicKeys.map((text) => [keyIdOf(Buffer.from(text, 'base64')), text]))
  const encoded = preAuthEncoding(type, bytes)
  return signatures.some(({ keyid, sig }) => {
    const text = known.get(keyid)
    const key = text === undefined ? null : publicKeyOf(text)
    const signature = Buffer.from(sig, 'base64')
    return key !== null && signature.length === 64 && verify(null, encoded, key, signature)
  })
}

function publicKeyOf(base64: string): KeyObject | null {
  const raw = Buffer.from(base64, 'base64')
  if (raw.length !== 32) return null
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' })
}

function openKey(directory: string, name: string): Key {
  const file = join(directory, name)
  try {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
    const stat = fs.lstatSync(file, { throwIfNoEntry: false })
    if (stat === undefined) makeKey(directory, name)
    else checkKeyFile(file, stat)
    return readKey(file)
  } catch (error) {
    throw storeProblem(error, file)
  }
}

function makeKey(directory: string, name: string): void {
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
  // A file left by an interrupted run keeps its mode when it is opened again; it must not.
  fs.rmSync(join(directory, `${name}.new`), { force: true })
  replaceFile(fs, { directory, name, mode: 0o600 }, Buffer.from(pem))
}

function checkKeyFile(file: string, stat: fs.Stats): void {
  if (!stat.isFile() || stat.size > MAX_KEY_FILE_BYTES) throw new Problem('trust.key-invalid', `${file} is no key file.`)
  // Windows has no such bits: what it reports there is made up.
  if (process.platform !== 'win32' && (stat.mode & FORBIDDEN_MODE) !== 0) {
    throw new Problem('trust.key-exposed', `${file} has mode ${(stat.mode & 0o777).toString(8)}: others than its owner have rights on it.`)
  }
}

function readKey(file: string): Key {
  const pem = fs.readFileSync(file, 'utf8')
  let privateKey: KeyObject
  try {
    privateKey = createPrivateKey(pem)
  } catch (error) {
    throw new Problem('trust.key-invalid', `${file} holds no private key: ${messageOf(error)}`, { cause: error })
  }
  const raw = privateKey.asymmetricKeyType === 'ed25519' ? createPublicKey(privateKey).export({ format: 'jwk' }).x : undefined
  if (raw === undefined) throw new Problem('trust.key-invalid', `${file} holds no Ed25519 key.`)
  const bytes = Buffer.from(raw, 'base64url')
  return { id: keyIdOf(bytes), publicKey: bytes.toString('base64'), privateKey }
}
