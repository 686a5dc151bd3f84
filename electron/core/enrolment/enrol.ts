import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { deviceId, fleetId } from '../../../shared/domain/ids.ts'
import { Problem, reportOf } from '../../../shared/domain/problem.ts'
import {
  enrolRequestKeysText,
  enrolRequestProofText,
  enrolResultKeysText,
  enrolResultProofText,
  enrolResultRootText,
  WAITING_FOR_PERSON,
  type EnrolRequestMessage,
  type EnrolResultMessage,
  type TrustRoots,
} from '../../../shared/protocol/enrolment.ts'
import { WIRE_VERSION } from '../../../shared/protocol/message.ts'
import type { Issued } from '../certificates/authority.ts'
import { GUEST_ID, isGuestId } from './codes.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { PendingRow } from '../store/fleet/pending-enrolments.ts'

/** What an answer is made with. */
export interface EnrolContext {
  fleet: string
  trust: TrustRoots
  /** The newest root of the trust metadata; null or left out: there is none. */
  root?: Uint8Array | null
  now: number
  /** A person compares the fingerprint before a device joins, unless its code says otherwise. */
  confirms?: boolean
  /** SHA-256 of the key that the request asks a certificate for, hex; null: it has no keys, or bad ones. */
  fingerprint?: string | null
  /** The certificate that was made for the device that `candidate` named. */
  issued?: { device: string; certificate: Issued; ca: string; brokerUrl: string | null } | null
}

/** The device that would join with a request now, so that its certificate can be made; null: none would, or it has to wait. */
export function candidate(store: FleetStore, request: EnrolRequestMessage, context: EnrolContext): string | null {
  if (request.keys === undefined || store.enrolment.answerOf(request.request) !== null) return null
  try {
    const admitted = admit(store, request, context)
    return admitted.waits ? null : admitted.device
  } catch {
    // What is wrong is found, told and counted when the request is answered.
    return null
  }
}

/**
 * Answers a request to enrol: in one transaction the code is burned, the device added and the answer kept, so that a repeated
 * request (its answer was lost) gets the same answer and a second device with the same code gets none.
 * Where a person has to confirm, the code is burned and the device waits; its repeated request is answered when somebody has decided.
 * A wrong proof spends a try; after five the code is gone.
 */
export function answerEnrolment(store: FleetStore, request: EnrolRequestMessage, context: EnrolContext): EnrolResultMessage {
  try {
    return store.transact(() => answer(store, request, context))
  } catch (error) {
    if (error instanceof WrongProof) store.transact(() => spendTry(store, request, context))
    return refusal(request, context, error instanceof WrongProof ? new Problem('enrolment.code-invalid', 'The code is wrong.') : error)
  }
}

function refusal({ request }: EnrolRequestMessage, { now }: EnrolContext, error: unknown): EnrolResultMessage {
  const { code, message } = reportOf(error)
  return { v: WIRE_VERSION, sentAt: now, ok: false, request, error: { code, message } }
}

/** Thrown inside the transaction so that the spent try can be written after its rollback. */
class WrongProof extends Error {}

/** A wrong try is on record: whoever guesses leaves at most five entries per code. */
function spendTry(store: FleetStore, { codeId, device }: EnrolRequestMessage, { now }: EnrolContext): void {
  if (store.enrolment.find(codeId) === null) return
  store.enrolment.spendTry(codeId)
  store.audit.append({ at: now, actor: `code:${codeId}`, action: 'devices.enrolRefused', detail: { device, cause: 'the proof is wrong' } })
}

function answer(store: FleetStore, request: EnrolRequestMessage, context: EnrolContext): EnrolResultMessage {
  const before = store.enrolment.answerOf(request.request)
  if (before !== null) {
    if (!isEqualText(before.proof, request.proof)) throw new Problem('enrolment.code-invalid', 'This code was used already.')
    return JSON.parse(before.answer) as EnrolResultMessage
  }
  const admitted = admit(store, request, context)
  if (!admitted.waits) return accept(store, request, { ...context, admitted })
  if (admitted.isNew) hold(store, request, { ...context, admitted })
  return refusal(request, context, new Problem(WAITING_FOR_PERSON, 'A person has to compare the fingerprint of this device first.'))
}

/** A request whose code is right. */
interface Admitted {
  device: string
  isBound: boolean
  secret: string
  labels: Record<string, string>
  /** A person has to decide. */
  waits: boolean
  /** Nobody was asked yet. */
  isNew: boolean
}

function admit(store: FleetStore, request: EnrolRequestMessage, context: EnrolContext): Admitted {
  const pending = store.pending.find(request.request)
  if (pending !== null) return again(store, pending, request)
  const code = store.enrolment.find(request.codeId)
  if (code === null || code.triesLeft <= 0) throw new Problem('enrolment.code-invalid', 'There is no such code, or it was used already.')
  if (code.expiresAt <= context.now) throw new Problem('enrolment.code-expired', 'The code has expired.')
  checkProofs(request, code.secret)
  if (request.keys !== undefined && context.fingerprint == null)
    throw new Problem('certificate.request-invalid', 'The request is not for a P-256 key that signed it.')
  const device = code.device ?? request.device
  assertFree(store, { device, isBound: code.device !== null })
  const waits = code.confirm ?? context.confirms ?? false
  if (waits && request.keys === undefined)
    throw new Problem('enrolment.certificate-needed', 'Devices of this fleet join with keys that a person confirms; this agent sent none.')
  return { device, isBound: code.device !== null, secret: code.secret, labels: code.labels, waits, isNew: true }
}

/** The request of a device that waits, or waited. */
function again(store: FleetStore, pending: PendingRow, request: EnrolRequestMessage): Admitted {
  const first = JSON.parse(pending.message) as EnrolRequestMessage
  const isSame =
    isEqualText(first.proof, request.proof) && first.keys?.csr === request.keys?.csr && first.keys?.proof === request.keys?.proof
  if (!isSame) throw new Problem('enrolment.code-invalid', 'This code was used already.')
  if (pending.refusedAt !== null) throw new Problem('enrolment.refused', `A person refused ${pending.device}.`)
  const { device, isBound, secret, labels } = pending
  // Two may have waited for one id.
  assertFree(store, pending)
  return { device, isBound, secret, labels, waits: pending.confirmedBy === null, isNew: false }
}

/** Only a code that was made for an id gives a device that has it new keys. */
function assertFree(store: FleetStore, { device, isBound }: { device: string; isBound: boolean }): void {
  if (isGuestId(store, device)) throw new Problem('input.invalid', GUEST_ID)
  if (!isBound && store.devices.find(device) !== null) throw new Problem('enrolment.id-taken', `A device '${device}' is enrolled already.`)
}

function checkProofs(request: EnrolRequestMessage, secret: string): void {
  if (!isEqualText(hmac(secret, enrolRequestProofText(request)), request.proof)) throw new WrongProof()
  const { keys } = request
  if (keys !== undefined && !isEqualText(hmac(secret, enrolRequestKeysText(request, keys)), keys.proof)) throw new WrongProof()
}

function hold(
  store: FleetStore,
  request: EnrolRequestMessage,
  { admitted, fingerprint, now }: EnrolContext & { admitted: Admitted },
): void {
  const { device, isBound, secret, labels } = admitted
  store.pending.add({
    ...{ request: request.request, codeId: request.codeId, device, isBound, secret, labels, askedAt: now },
    ...{ fingerprint: fingerprint ?? '', message: JSON.stringify(request) },
  })
  store.enrolment.burn(request.codeId)
  store.audit.append({
    ...{ at: now, actor: `code:${request.codeId}`, action: 'devices.enrolAsked' },
    detail: { device, fingerprint, agentVersion: request.agentVersion },
  })
}

function accept(store: FleetStore, request: EnrolRequestMessage, context: EnrolContext & { admitted: Admitted }): EnrolResultMessage {
  const { now, issued = null } = context
  const { device, secret, labels } = context.admitted
  store.devices.enrol({ device, secretHash: request.secretHash, labels, enrolledAt: now })
  store.enrolment.burn(request.codeId)
  store.pending.remove(request.request)
  store.certificates.revokeAll(device, now, 'enrolled anew')
  store.deviceTrust.admit(device)
  if (request.keys !== undefined) store.deviceTrust.setSigningKey(device, request.keys.signingKey)
  const mine = issued !== null && issued.device === device ? issued : null
  if (mine !== null) store.certificates.add({ ...mine.certificate, device, issuedAt: now })
  const accepted = { request: request.request, fleet: fleetId.parse(context.fleet), device: deviceId.parse(device), trust: context.trust }
  const answer: EnrolResultMessage = {
    v: WIRE_VERSION,
    sentAt: now,
    ok: true,
    ...accepted,
    proof: hmac(secret, enrolResultProofText(accepted)),
    ...(mine === null ? {} : { keys: keysOf(accepted, mine, secret) }),
    ...(context.root == null ? {} : { root: rootOf(accepted, context.root, secret) }),
  }
  store.enrolment.keepAnswer({
    ...{ request: request.request, codeId: request.codeId, proof: request.proof, device },
    ...{ answer: JSON.stringify(answer), answeredAt: now },
  })
  store.audit.append({
    at: now,
    actor: `code:${request.codeId}`,
    action: 'devices.enrolled',
    detail: {
      ...{ device, agentVersion: request.agentVersion },
      ...(mine === null ? {} : { serial: mine.certificate.serial, fingerprint: mine.certificate.fingerprint }),
    },
    devices: [device],
  })
  return answer
}

function keysOf(accepted: { request: string; fleet: string; device: string }, mine: NonNullable<EnrolContext['issued']>, secret: string) {
  const keys = { certificate: mine.certificate.certificate, ca: mine.ca, brokerUrl: mine.brokerUrl }
  return { ...keys, proof: hmac(secret, enrolResultKeysText(accepted, keys)) }
}

function rootOf(accepted: { request: string; fleet: string; device: string }, bytes: Uint8Array, secret: string) {
  const file = Buffer.from(bytes).toString('base64')
  return { file, proof: hmac(secret, enrolResultRootText(accepted, file)) }
}

function hmac(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex')
}

function isEqualText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
