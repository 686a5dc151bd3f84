import 'reflect-metadata'
import { createHash, createPrivateKey, createPublicKey, webcrypto } from 'node:crypto'
import { cryptoProvider } from '@peculiar/x509'

// One provider for the library, set before anything uses it.
cryptoProvider.set(webcrypto)

/** Every key that certificates are for: ECDSA over P-256, which all TLS 1.3 peers know. */
export const EC = { name: 'ECDSA', namedCurve: 'P-256' } as const
/** How certificates and lists are signed. */
export const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const

/** The keys of one certificate. */
export type KeyPair = webcrypto.CryptoKeyPair

/** Makes a key pair that can be written to a file. */
export function makeKeyPair(): Promise<KeyPair> {
  return webcrypto.subtle.generateKey(EC, true, ['sign', 'verify'])
}

/** The key pair of a private key in PEM. Throws on anything but a P-256 key. */
export async function keyPairOf(pem: string): Promise<KeyPair> {
  const key = createPrivateKey(pem)
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('it is no P-256 key')
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return {
    privateKey: await webcrypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), EC, true, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spki, EC, true, ['verify']),
  }
}

/** A private key as PKCS#8 PEM. */
export async function privateKeyPem({ privateKey }: KeyPair): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey))
  return `-----BEGIN PRIVATE KEY-----\n${folded(der)}\n-----END PRIVATE KEY-----\n`
}

/** Bytes as PEM writes them: base64 in lines of 64 characters. */
export function folded(der: Buffer): string {
  return der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
}

/** SHA-256 of a public key as it stands in a certificate (SubjectPublicKeyInfo), hex: what people compare. */
export function fingerprintOf(spki: ArrayBuffer | Uint8Array): string {
  return createHash('sha256')
    .update(spki instanceof Uint8Array ? spki : new Uint8Array(spki))
    .digest('hex')
}
