import { z } from 'zod'
import { deviceId } from '../domain/ids.ts'
import { enrolRequestId, publicKey } from './enrolment.ts'
import { envelope, utf8 } from './envelope.ts'
import { head, text } from './message.ts'
import { certificatePem, certificateRequestDer } from './pem.ts'

/** Device → console: asks for a certificate of the fleet over a connection that is its own already. */
export const certificateRequestMessage = z
  .looseObject({
    ...head,
    device: deviceId,
    request: enrolRequestId.describe('Names this request: the answer carries it again.'),
    csr: certificateRequestDer,
    signingKey: publicKey.describe('Raw Ed25519 public key with which the device signs receipts, and this request.'),
    holds: z
      .array(z.string().regex(/^[0-9a-f]{32}$/))
      .max(2)
      .optional()
      .describe('Serial numbers of the certificates that the device keeps: none of them is taken back for being unused.'),
    proof: z
      .string()
      .regex(/^[A-Za-z0-9+/]{86}==$/)
      .optional()
      .describe('Ed25519 signature over the request, by the signing key, base64: whoever only publishes in the name of a device has none.'),
  })
  .describe('Request of an enrolled device for its first or its next certificate.')
export type CertificateRequestMessage = z.infer<typeof certificateRequestMessage>

/** The bytes that `proof` of a request is a signature over, as the payload type `certificateRequest`. */
export function certificateRequestText(
  request: Pick<CertificateRequestMessage, 'device' | 'request' | 'csr' | 'signingKey' | 'holds'>,
): Uint8Array {
  const { device, request: id, csr, signingKey, holds = [] } = request
  return utf8(['muster-certificate-request-1', device, id, csr, signingKey, holds.join(',')].join('\n'))
}

/** Console → device: the signed answer; the payload of the envelope is a `certificateAnswer`. */
export const certificateResultMessage = z
  .looseObject({ ...head, envelope })
  .describe('Signed answer about a certificate: one that was issued, a refusal, or the request to ask anew.')
export type CertificateResultMessage = z.infer<typeof certificateResultMessage>

/** What the signed answer says: a certificate, why there is none, or that the device shall ask anew. */
export const certificateAnswer = z.discriminatedUnion('kind', [
  z.looseObject({
    ...head,
    kind: z.literal('issued'),
    device: deviceId,
    request: enrolRequestId,
    certificate: certificatePem,
    ca: certificatePem,
  }),
  z.looseObject({
    ...head,
    kind: z.literal('refused'),
    device: deviceId,
    request: enrolRequestId,
    error: z.looseObject({ code: text(64), message: text(2000) }),
  }),
  z.looseObject({ ...head, kind: z.literal('renew'), device: deviceId, request: enrolRequestId }),
])
export type CertificateAnswer = z.infer<typeof certificateAnswer>

/** The part of a SHA-256 of a public key that people compare: the first 128 bits, in groups of four digits. */
export function shownFingerprint(fingerprint: string): string {
  return (fingerprint.slice(0, 32).match(/.{1,4}/g) ?? []).join(' ')
}

/** True if a person's copy of a fingerprint (in groups or not, the shown part or all of it) is the one of the key. */
export function isSameFingerprint(typed: string, fingerprint: string): boolean {
  const plain = typed.toLowerCase().replace(/[\s:-]/g, '')
  return plain.length >= 32 && fingerprint.startsWith(plain)
}

/** The share of its life after which a certificate is renewed. */
export const RENEW_AFTER = 2 / 3

/** When a certificate is due for renewal, epoch ms. */
export function renewalDueAt({ notBefore, notAfter }: { notBefore: number; notAfter: number }): number {
  return Math.round(notBefore + (notAfter - notBefore) * RENEW_AFTER)
}
