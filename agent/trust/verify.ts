import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { preAuthEncoding, type Envelope, type PayloadType, type Signature } from '../../shared/protocol/envelope.ts'

/** A public key that this device trusts, ready for use. */
export interface TrustedKey {
  keyid: string
  key: KeyObject
}

/** Raw Ed25519 public keys (base64) with their ids: the first 32 hex digits of the SHA-256 of the raw bytes. */
export function trustedKeys(publicKeys: readonly string[]): TrustedKey[] {
  return publicKeys.map((text) => {
    const raw = Buffer.from(text, 'base64')
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' })
    return { keyid: createHash('sha256').update(raw).digest('hex').slice(0, 32), key }
  })
}

/** True if one of the signatures over (type, bytes) was made by one of the keys; unknown key ids are skipped. */
export function isSigned(
  payloadType: PayloadType,
  bytes: Uint8Array,
  signatures: readonly Signature[],
  keys: readonly TrustedKey[],
): boolean {
  const signed = preAuthEncoding(payloadType, bytes)
  return signatures.some(({ keyid, sig }) => {
    const trusted = keys.find((one) => one.keyid === keyid)
    const signature = strictBase64(sig)
    // An Ed25519 signature has 64 bytes; anything else never reaches the verifier.
    return trusted !== undefined && signature !== null && signature.length === 64 && verify(null, signed, trusted.key, signature)
  })
}

/** The payload bytes of an envelope if its type is the wanted one and a trusted key signed them; else `null`. */
export function openEnvelope(envelope: Envelope, payloadType: PayloadType, keys: readonly TrustedKey[]): Buffer | null {
  if (envelope.payloadType !== payloadType) return null
  const bytes = strictBase64(envelope.payload)
  return bytes !== null && isSigned(payloadType, bytes, envelope.signatures, keys) ? bytes : null
}

/** Standard base64 whose decoded bytes encode to the same text: a changed character never passes unseen. */
function strictBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}
