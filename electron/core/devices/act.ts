import { messageOf, reportOf } from '../../../shared/domain/problem.ts'
import type { EnrolRequestMessage, EnrolResultMessage } from '../../../shared/protocol/enrolment.ts'
import { WIRE_VERSION } from '../../../shared/protocol/message.ts'
import { topicOf, topics } from '../../../shared/protocol/topics.ts'
import type { ApiParts } from '../api/parts.ts'
import { resendDesired } from '../deployments/assign.ts'
import { readRequest } from '../certificates/authority.ts'
import { answerEnrolment, candidate, type EnrolContext } from '../enrolment/enrol.ts'
import type { Log } from '../log.ts'
import type { IntakeResult } from './intake.ts'

type Publish = (message: { topic: string; payload: Uint8Array; qos: 0 | 1; retain: boolean }) => Promise<void>

/** Acts on what devices said, after it is stored: re-sends desired state, answers enrolments, tells the views. */
export function act(parts: ApiParts, result: IntakeResult, { publish, log }: { publish: Publish; log: Log }): void {
  const { store } = parts
  if (result.online.length > 0) {
    store.transact(() => {
      for (const device of new Set(result.online)) if (!isShutIn(parts, device)) resendDesired(parts, device, parts.now())
    })
    parts.onOutbox()
    parts.deviceTrust.remind(new Set(result.online))
  }
  for (const request of result.enrolments) {
    enrol(parts, request, publish).catch((error: unknown) =>
      log('warn', 'an enrolment was not answered; the device asks again', { reason: messageOf(error) }),
    )
  }
  for (const request of result.certificates) {
    parts.deviceTrust
      .answer(request)
      .catch((error: unknown) =>
        log('warn', 'a request for a certificate was not answered; the device asks again', { reason: messageOf(error) }),
      )
  }
  for (const want of result.wants) {
    const answer = parts.trust.answer(want.device, want.json)
    if (answer !== null)
      publish(answer).catch((error: unknown) =>
        log('warn', 'trust metadata was not sent; the device asks again', { reason: messageOf(error) }),
      )
  }
  if (result.changed || result.enrolments.length > 0) parts.changed('devices', 'deployments')
  parts.audit.heard(result.devices)
  parts.privacy.heard(result.devices)
  parts.book.settle([...result.devices])
  parts.config.note([...result.devices])
  parts.rollouts.note([...result.devices])
}

function isShutIn({ store }: ApiParts, device: string): boolean {
  const trust = store.deviceTrust.find(device)
  return trust?.quarantined != null || trust?.revoked != null
}

/** Answers a request to enrol; the certificate is signed before the transaction in which the device joins. */
export async function enrol(parts: ApiParts, request: EnrolRequestMessage, publish: Publish): Promise<void> {
  const { store, fleet, deviceTrust } = parts
  const base = {
    fleet,
    trust: parts.keyring.roots(),
    root: parts.trust.repository.root().bytes,
    confirms: deviceTrust.policy().confirms,
    fingerprint: await fingerprintOf(request),
  }
  const device = candidate(store, request, { ...base, now: parts.now() })
  const answer = await decided(parts, request, { ...base, device })
  if (answer.ok) parts.onDevicesChanged([answer.device], [])
  const { qos, retain } = topics.enrolResult
  await publish({
    topic: topicOf(parts.fleet, 'enrolResult', { request: request.request }),
    payload: Buffer.from(JSON.stringify(answer)),
    qos,
    retain,
  })
  parts.onCodesChanged()
  parts.changed('devices')
}

/** The answer; a certificate that cannot be made is one as well: the code stays, and the device is told why. */
async function decided(
  parts: ApiParts,
  request: EnrolRequestMessage,
  { device, ...base }: Omit<EnrolContext, 'now'> & { device: string | null },
): Promise<EnrolResultMessage> {
  try {
    const issued = device === null || request.keys === undefined ? null : await issue(parts, request.keys.csr, device)
    return answerEnrolment(parts.store, request, { ...base, issued, now: parts.now() })
  } catch (error) {
    const { code, message } = reportOf(error)
    parts.log('error', 'a device could not be let in', { device, code, reason: message })
    return { v: WIRE_VERSION, sentAt: parts.now(), ok: false, request: request.request, error: { code, message } }
  }
}

async function fingerprintOf({ keys }: EnrolRequestMessage): Promise<string | null> {
  if (keys === undefined) return null
  return readRequest(keys.csr).then(
    ({ fingerprint }) => fingerprint,
    () => null,
  )
}

async function issue(parts: ApiParts, csr: string, device: string) {
  const authority = await parts.deviceTrust.office.authority()
  const certificate = await authority.issueDevice(csr, device, parts.now())
  return { device, certificate, ca: authority.certificate, brokerUrl: parts.deviceUrl() }
}
