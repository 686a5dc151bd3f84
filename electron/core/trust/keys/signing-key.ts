import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { messageOf, Problem } from '../../../../shared/domain/problem.ts'

/** The public half of an Ed25519 key, under both names that it has: ours in envelopes, and that of TUF in metadata. */
export interface PublicKey {
  /** First 32 hex digits of the SHA-256 of the raw bytes. */
  id: string
  /** SHA-256 of the canonical form of the key in TUF metadata, hex. */
  tufId: string
  /** Raw, base64. */
  publicKey: string
}

/** A key that signs. */
export interface SigningKey extends PublicKey {
  sign(bytes: Uint8Array): Buffer
  /** PKCS#8 PEM, for whoever stores it. */
  pem(): string
}

/** Makes a key. */
export function makeSigningKey(): SigningKey {
  return signingKeyOf(generateKeyPairSync('ed25519').privateKey)
}

/** Reads a key from PKCS#8 PEM. @param where names it in a message @throws Problem `trust.key-invalid` */
export function signingKeyFromPem(pem: string, where: string): SigningKey {
  let privateKey: KeyObject
  try {
    privateKey = createPrivateKey(pem)
  } catch (error) {
    throw new Problem('trust.key-invalid', `${where} holds no private key: ${messageOf(error)}`, { cause: error })
  }
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Problem('trust.key-invalid', `${where} holds no Ed25519 key.`)
  return signingKeyOf(privateKey)
}

function signingKeyOf(privateKey: KeyObject): SigningKey {
  const raw = Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '', 'base64url')
  return {
    ...publicKeyOf(raw.toString('base64')),
    sign: (bytes) => sign(null, bytes, privateKey),
    pem: () => privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** The names of a raw public key (base64). */
export function publicKeyOf(publicKey: string): PublicKey {
  const raw = Buffer.from(publicKey, 'base64')
  return { id: keyIdOf(raw), tufId: tufIdOf(raw), publicKey }
}

/** Id of a raw Ed25519 public key: the first 32 hex digits of its SHA-256. */
export function keyIdOf(rawPublicKey: Uint8Array): string {
  return createHash('sha256').update(rawPublicKey).digest('hex').slice(0, 32)
}

/** Its id in TUF: the hash of the key as metadata carries it, in canonical JSON (fields sorted, no blanks). */
function tufIdOf(rawPublicKey: Uint8Array): string {
  const hex = Buffer.from(rawPublicKey).toString('hex')
  return createHash('sha256').update(`{"keytype":"ed25519","keyval":{"public":"${hex}"},"scheme":"ed25519"}`).digest('hex')
}
