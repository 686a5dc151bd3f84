import { z } from 'zod'
import { deviceId, fleetId } from '../domain/ids.ts'
import { head, text } from './message.ts'

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
