import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { preAuthEncoding, type Envelope, type PayloadType, type Signature } from '../../shared/protocol/envelope.ts'

/** A public key that this device trusts, ready for use. */
export interface TrustedKey {
  keyid: string
  key: KeyObject
}

/**
 * Raw Ed25519 public keys (base64) with their ids: the first 32 hex digits of the SHA-256 of the raw bytes. A key of small order, under which anybody
 * can sign anything, is none.
 */
export function trustedKeys(publicKeys: readonly string[]): TrustedKey[] {
  return publicKeys.flatMap((text) => {
    const raw = Buffer.from(text, 'base64')
    if (isSmallOrder(raw)) return []
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' })
    return [{ keyid: createHash('sha256').update(raw).digest('hex').slice(0, 32), key }]
  })
}

/** Encodings of the points of small order, without the bit of the sign: those of order 1, 2, 4 and 8, and three that are written beyond the field. */
const smallOrder = new Set([
  `01${'00'.repeat(31)}`,
  '00'.repeat(32),
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
])

/** True for a raw public key that proves nothing. */
export function isSmallOrder(raw: Uint8Array): boolean {
  const point = Buffer.from(raw)
  if (point.length !== 32) return false
  point[31]! &= 0x7f
  return smallOrder.has(point.toString('hex'))
}

/** True if a signature over the bytes was made by the key; one of another length than 64 bytes never reaches the verifier. */
export function isSignatureOf({ key }: TrustedKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  return signature.length === 64 && verify(null, bytes, key, signature)
}

/** True if one of the signatures over (type, bytes) was made by one of the keys; unknown key ids are skipped. */
export function isSigned(
  payloadType: PayloadType,
  bytes: Uint8Array,
  signatures: readonly Signature[],
  keys: readonly TrustedKey[],
): boolean {
  return signerOf(payloadType, bytes, signatures, keys) !== null
}

/** Id of the first trusted key that signed (type, bytes); null: none did. */
function signerOf(
  payloadType: PayloadType,
  bytes: Uint8Array,
  signatures: readonly Signature[],
  keys: readonly TrustedKey[],
): string | null {
  const signed = preAuthEncoding(payloadType, bytes)
  const found = signatures.find(({ keyid, sig }) => {
    const trusted = keys.find((one) => one.keyid === keyid)
    const signature = strictBase64(sig)
    return trusted !== undefined && signature !== null && isSignatureOf(trusted, signed, signature)
  })
  return found?.keyid ?? null
}

/** The payload bytes of an envelope if its type is the wanted one and a trusted key signed them; else `null`. */
export function openEnvelope(envelope: Envelope, payloadType: PayloadType, keys: readonly TrustedKey[]): Buffer | null {
  return openWithKey(envelope, payloadType, keys)?.bytes ?? null
}

/** Like `openEnvelope`, with the id of the key. */
export function openWithKey(
  envelope: Envelope,
  payloadType: PayloadType,
  keys: readonly TrustedKey[],
): { bytes: Buffer; keyid: string } | null {
  if (envelope.payloadType !== payloadType) return null
  const bytes = strictBase64(envelope.payload)
  const keyid = bytes === null ? null : signerOf(payloadType, bytes, envelope.signatures, keys)
  return bytes === null || keyid === null ? null : { bytes, keyid }
}

/** Standard base64 whose decoded bytes encode to the same text: a changed character never passes unseen. */
function strictBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}
