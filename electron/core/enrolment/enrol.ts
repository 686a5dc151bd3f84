import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { deviceId, fleetId } from '../../../shared/domain/ids.ts'
import { Problem, reportOf } from '../../../shared/domain/problem.ts'
import {
  enrolRequestProofText,
  enrolResultProofText,
  type EnrolRequestMessage,
  type EnrolResultMessage,
  type TrustRoots,
} from '../../../shared/protocol/enrolment.ts'
import { WIRE_VERSION } from '../../../shared/protocol/message.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'

/** Letters and digits that nobody mistakes for another. */
const alphabet = '23456789abcdefghjkmnpqrstuvwxyz'
const CODE_TRIES = 5

/** Text of `length` random characters that read well aloud. */
function randomText(length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length * 2)) {
      // Bytes above a multiple of the alphabet's size would favour its first letters.
      if (byte < Math.floor(256 / alphabet.length) * alphabet.length && text.length < length) text += alphabet[byte % alphabet.length]!
    }
  }
  return text
}

/** Makes a one-time code: `<fleet>.<id>.<secret>`, the secret of about 79 bits. Call it in a transaction. */
export function createEnrolmentCode(
  store: FleetStore,
  options: { fleet: string; device: string | null; labels: Record<string, string>; minutes: number; now: number },
) {
  store.enrolment.forgetExpired(options.now)
  const codeId = randomText(6)
  const secret = [randomText(4), randomText(4), randomText(4), randomText(4)].join('-')
  const expiresAt = options.now + options.minutes * 60_000
  store.enrolment.add({ codeId, secret, device: options.device, labels: options.labels, expiresAt, triesLeft: CODE_TRIES })
  return { code: `${options.fleet}.${codeId}.${secret}`, codeId, expiresAt }
}

/**
 * Answers a request to enrol: in one transaction the code is burned, the device added and the answer kept, so that a repeated
 * request (its answer was lost) gets the same answer and a second device with the same code gets none.
 * A wrong proof spends a try; after five the code is gone.
 */
export function answerEnrolment(
  store: FleetStore,
  request: EnrolRequestMessage,
  context: { fleet: string; trust: TrustRoots; now: number },
): EnrolResultMessage {
  try {
    return store.transact(() => accept(store, request, context))
  } catch (error) {
    if (error instanceof WrongProof) store.transact(() => store.enrolment.spendTry(request.codeId))
    const report = error instanceof WrongProof ? new Problem('enrolment.code-invalid', 'The code is wrong.').toReport() : reportOf(error)
    return {
      v: WIRE_VERSION,
      sentAt: context.now,
      ok: false,
      request: request.request,
      error: { code: report.code, message: report.message },
    }
  }
}

/** Thrown inside the transaction so that the spent try can be written after its rollback. */
class WrongProof extends Error {}

function accept(
  store: FleetStore,
  request: EnrolRequestMessage,
  context: { fleet: string; trust: TrustRoots; now: number },
): EnrolResultMessage {
  const before = store.enrolment.answerOf(request.request)
  if (before !== null) {
    if (!isEqualText(before.proof, request.proof)) throw new Problem('enrolment.code-invalid', 'This code was used already.')
    return JSON.parse(before.answer) as EnrolResultMessage
  }
  const code = store.enrolment.find(request.codeId)
  if (code === null || code.triesLeft <= 0) throw new Problem('enrolment.code-invalid', 'There is no such code, or it was used already.')
  if (code.expiresAt <= context.now) throw new Problem('enrolment.code-expired', 'The code has expired.')
  if (!isEqualText(hmac(code.secret, enrolRequestProofText(request)), request.proof)) throw new WrongProof()
  const device = code.device ?? request.device
  if (code.device === null && store.devices.find(device) !== null) {
    throw new Problem('enrolment.id-taken', `A device '${device}' is enrolled already.`)
  }
  store.devices.enrol({ device, secretHash: request.secretHash, labels: code.labels, enrolledAt: context.now })
  store.enrolment.burn(code.codeId)
  const accepted = { request: request.request, fleet: fleetId.parse(context.fleet), device: deviceId.parse(device), trust: context.trust }
  const answer: EnrolResultMessage = {
    v: WIRE_VERSION,
    sentAt: context.now,
    ok: true,
    ...accepted,
    proof: hmac(code.secret, enrolResultProofText(accepted)),
  }
  store.enrolment.keepAnswer({
    request: request.request,
    codeId: code.codeId,
    proof: request.proof,
    device,
    answer: JSON.stringify(answer),
    answeredAt: context.now,
  })
  store.audit.append({
    at: context.now,
    actor: `code:${code.codeId}`,
    action: 'devices.enrolled',
    detail: { device, agentVersion: request.agentVersion },
    devices: [device],
  })
  return answer
}

function hmac(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex')
}

function isEqualText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
