import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { bitString, der, objectIdentifier, sequence, set, smallInteger, utf8String } from './der.ts'

const COMMON_NAME = '2.5.4.3'
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2'

/** Makes the key of a certificate: ECDSA over P-256. It is made here and never leaves the device. @returns PKCS#8 PEM */
export function makeDeviceKey(): string {
  return pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
}

/** Makes the key with which a device signs receipts. @returns PKCS#8 PEM */
export function makeSigningKey(): string {
  return pemOf(generateKeyPairSync('ed25519').privateKey)
}

/** SHA-256 of the public part of a key as it stands in certificates, hex. */
export function fingerprintOf(keyPem: string): string {
  return createHash('sha256')
    .update(publicDer(createPrivateKey(keyPem)))
    .digest('hex')
}

/** Raw Ed25519 public key of a signing key, base64. */
export function rawPublicKey(signingKeyPem: string): string {
  const { x = '' } = createPublicKey(createPrivateKey(signingKeyPem)).export({ format: 'jwk' })
  return Buffer.from(x, 'base64url').toString('base64')
}

/**
 * A request for a certificate (PKCS#10, RFC 2986), signed with the key that it is for.
 * @param commonName the wanted id; the authority writes the one that the code allows
 * @returns DER in base64
 */
export function certificateRequest(keyPem: string, commonName: string): string {
  const key = createPrivateKey(keyPem)
  const subject = sequence(set(sequence(objectIdentifier(COMMON_NAME), utf8String(commonName))))
  // Version 0 (§4.1), and no attributes: the tag of an empty implicit [0] set.
  const info = sequence(smallInteger(0), subject, publicDer(key), der(0xa0))
  const signature = sign('sha256', info, key)
  return sequence(info, sequence(objectIdentifier(ECDSA_WITH_SHA256)), bitString(signature)).toString('base64')
}

function publicDer(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' })
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
