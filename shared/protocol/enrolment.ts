import { z } from 'zod'
import { deviceId, fleetId } from '../domain/ids.ts'
import { base64, head, text } from './message.ts'
import { certificatePem, certificateRequestDer } from './pem.ts'

const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`), `${digits} hex digits`)
/** Names one attempt to enrol: random, chosen by the device. */
export const enrolRequestId = z.string().regex(/^[a-z0-9]{16,32}$/)
/** Raw Ed25519 public key, base64. */
export const publicKey = z.string().regex(/^[A-Za-z0-9+/]{43}=$/)

/** Device → console: asks to join with a one-time code. The secret is made on the device; only its hash travels. */
export const enrolRequestMessage = z
  .looseObject({
    ...head,
    request: enrolRequestId,
    codeId: text(16).describe('Public part of the one-time code.'),
    device: deviceId.describe('Id that the device would like.'),
    secretHash: hex(64).describe('SHA-256 of the connection secret.'),
    agentVersion: text(64),
    proof: hex(64).describe('HMAC-SHA256 over the request, keyed with the secret part of the code.'),
    keys: z
      .looseObject({
        csr: certificateRequestDer.describe('Request for a certificate, over the key that the device made.'),
        signingKey: publicKey.describe('Raw Ed25519 public key with which the device signs receipts.'),
        proof: hex(64).describe('HMAC-SHA256 over both, keyed with the secret part of the code.'),
      })
      .optional()
      .describe('Keys of the device; left out by agents from before certificates.'),
  })
  .describe('Request of a device to join the fleet.')
export type EnrolRequestMessage = z.infer<typeof enrolRequestMessage>

/** Public keys that a device trusts, by what they may sign. */
export const trustRoots = z.looseObject({
  bundle: z.array(publicKey).min(1).max(8),
  assignment: z.array(publicKey).min(1).max(8),
})
export type TrustRoots = z.infer<typeof trustRoots>

/** Console → device: accepted with the trust roots, or refused with a code. */
export const enrolResultMessage = z
  .discriminatedUnion('ok', [
    z.looseObject({
      ...head,
      ok: z.literal(true),
      request: enrolRequestId,
      fleet: fleetId,
      device: deviceId,
      trust: trustRoots,
      proof: hex(64).describe('HMAC-SHA256 over the answer, keyed with the secret part of the code.'),
      root: z
        .looseObject({
          file: base64.max(700_000).describe('The newest root of the trust metadata, as the exact bytes of the file.'),
          proof: hex(64).describe('HMAC-SHA256 over it, keyed with the secret part of the code.'),
        })
        .optional()
        .describe('Whom the device believes about bundles and orders from now on.'),
      keys: z
        .looseObject({
          certificate: certificatePem,
          ca: certificatePem.describe('Authority of the fleet: whom the device trusts as its broker.'),
          brokerUrl: text(512).nullable().describe('Where to connect from now on; null: where the request was made.'),
          proof: hex(64).describe('HMAC-SHA256 over the three, keyed with the secret part of the code.'),
        })
        .optional()
        .describe('Certificate of the device; only for a request with keys.'),
    }),
    z.looseObject({
      ...head,
      ok: z.literal(false),
      request: enrolRequestId,
      error: z.looseObject({ code: text(64), message: text(2000) }),
    }),
  ])
  .describe('Answer to an enrolment.')
export type EnrolResultMessage = z.infer<typeof enrolResultMessage>

/** A one-time code as people pass it on: `<fleet>.<id>.<secret>`. */
export interface EnrolmentCode {
  fleet: string
  id: string
  secret: string
}

const codePattern = /^([a-z0-9-]{1,64})\.([a-z0-9]{4,16})\.([a-z0-9-]{8,64})$/

/** Reads a one-time code; `null` if it is not of that form. Case and blanks do not matter. */
export function parseEnrolmentCode(code: string): EnrolmentCode | null {
  const match = codePattern.exec(code.trim().toLowerCase())
  if (match === null) return null
  return { fleet: match[1]!, id: match[2]!, secret: match[3]! }
}

/** The text that `proof` of a request covers. */
export function enrolRequestProofText(request: Pick<EnrolRequestMessage, 'request' | 'codeId' | 'device' | 'secretHash'>): string {
  return ['muster-enrol-request-1', request.request, request.codeId, request.device, request.secretHash].join('\n')
}

/** The text that `proof` of an accepting answer covers. */
export function enrolResultProofText(answer: { request: string; fleet: string; device: string; trust: TrustRoots }): string {
  return [
    'muster-enrol-result-1',
    answer.request,
    answer.fleet,
    answer.device,
    `bundle=${answer.trust.bundle.join(',')}`,
    `assignment=${answer.trust.assignment.join(',')}`,
  ].join('\n')
}

/** The text that `root.proof` of an accepting answer covers. */
export function enrolResultRootText(answer: { request: string; fleet: string; device: string }, file: string): string {
  return ['muster-enrol-result-root-1', answer.request, answer.fleet, answer.device, file].join('\n')
}

/** The text that `keys.proof` of a request covers. */
export function enrolRequestKeysText(
  request: Pick<EnrolRequestMessage, 'request' | 'codeId'>,
  keys: { csr: string; signingKey: string },
): string {
  return ['muster-enrol-request-keys-1', request.request, request.codeId, keys.csr, keys.signingKey].join('\n')
}

/** The text that `keys.proof` of an accepting answer covers. */
export function enrolResultKeysText(
  answer: { request: string; fleet: string; device: string },
  keys: { certificate: string; ca: string; brokerUrl: string | null },
): string {
  const lines = ['muster-enrol-result-keys-1', answer.request, answer.fleet, answer.device]
  return [...lines, keys.certificate.trim(), keys.ca.trim(), keys.brokerUrl ?? ''].join('\n')
}

/** Code of an answer that is none yet: a person has to confirm the fingerprint of the device first; it asks again. */
export const WAITING_FOR_PERSON = 'enrolment.waiting'

/** A file with which one device joins, without anything typed on it. Whoever has it can join in its place, once. */
export const enrolmentFile = z.looseObject({ v: z.literal(1), device: deviceId, broker: text(512), code: text(256) })

/** What the ids of guests begin with; no device takes one. */
export const GUEST_PREFIX = 'enrol-'

/**
 * The account in the address of an external broker that Muster made the configuration of; the device takes one of `enrol-000` to `enrol-999` in its
 * place. There the client id is the account: a guest can take the place of another guest (who tries again as a third), never that of a device.
 */
export const ENROL_ACCOUNT = 'enrol-nnn'
export const ENROL_ACCOUNTS = 1000

/** One of the accounts. */
export function enrolAccount(number: number): string {
  return `${GUEST_PREFIX}${String(number % ENROL_ACCOUNTS).padStart(3, '0')}`
}
