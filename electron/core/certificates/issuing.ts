import { Problem, reportOf } from '../../../shared/domain/problem.ts'
import { certificateRequestText, type CertificateAnswer, type CertificateRequestMessage } from '../../../shared/protocol/certificate.ts'
import { payloadTypes } from '../../../shared/protocol/envelope.ts'
import { WIRE_VERSION } from '../../../shared/protocol/message.ts'
import type { Log } from '../log.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { keyIdOf, verifySignatures } from '../trust/keys.ts'
import { readRequest } from './authority.ts'
import type { CertificateOffice } from './office.ts'

/** One device cannot make the console sign without end: what it asks sooner after an answer is not answered at all. */
const LEAST_BETWEEN_MS = 5000
/** Certificates of one device that count at a time: the one in use, and a few whose answer was lost. */
const MOST_VALID = 8

export interface IssuingOptions {
  store: FleetStore
  office: CertificateOffice
  /** The broker is the one of this console: it lets nobody speak for a device but the device. */
  isOwnBroker(): boolean
  now(): number
  log: Log
  /** The hub must know this device anew. */
  onIssued(device: string): void
}

/**
 * Answers requests for certificates.
 *
 * INVARIANTS
 * 1. A certificate goes to whoever holds the signing key of the device. A device from before there were such keys brings its own, once, and only
 *    over the broker of this console: behind another one anybody might speak in its name.
 * 2. A device whose answers are lost again and again goes on getting new ones: those that it never used, and does not hold, make room.
 * @returns what is to be said; null: nothing, it asks too fast
 */
export function openIssuing(options: IssuingOptions): (request: CertificateRequestMessage) => Promise<CertificateAnswer | null> {
  const { store, office, now, log } = options
  const answeredAt = new Map<string, number>()
  const refusals = new Map<string, string>()
  const issue = async (request: CertificateRequestMessage): Promise<CertificateAnswer> => {
    const { device } = request
    checkMayAsk(store, request, options.isOwnBroker())
    await readRequest(request.csr)
    const authority = await office.authority()
    const issued = await authority.issueDevice(request.csr, device, now())
    store.transact(() => {
      // While it was signed, somebody may have taken the device out.
      checkMayAsk(store, request, options.isOwnBroker())
      makeRoom(store, request, now())
      store.certificates.add({ ...issued, device, issuedAt: now() })
      store.deviceTrust.setSigningKey(device, request.signingKey)
      const detail = { device, serial: issued.serial, fingerprint: issued.fingerprint, notAfter: issued.notAfter }
      store.audit.append({ at: now(), actor: `device:${device}`, action: 'devices.certificateIssued', detail, devices: [device] })
    })
    options.onIssued(device)
    const head = { v: WIRE_VERSION, sentAt: now(), device, request: request.request } as const
    return { ...head, kind: 'issued', certificate: issued.certificate, ca: authority.certificate }
  }
  return async (request) => {
    const { device } = request
    const since = now() - (answeredAt.get(device) ?? Number.NEGATIVE_INFINITY)
    // A clock that was set back does not make a device wait for that time to come again.
    if (since >= 0 && since < LEAST_BETWEEN_MS) return null
    answeredAt.set(device, now())
    try {
      const answer = await issue(request)
      refusals.delete(device)
      return answer
    } catch (error) {
      const { code, message } = reportOf(error)
      // A device that may not have one asks each hour: it is told once.
      if (refusals.get(device) !== message) log('warn', 'a certificate was not issued', { device, code, reason: message })
      refusals.set(device, message)
      return { v: WIRE_VERSION, sentAt: now(), kind: 'refused', device, request: request.request, error: { code, message } }
    }
  }
}

/** @throws Problem `device.not-found`, `certificate.revoked`, `certificate.request-invalid` */
function checkMayAsk(store: FleetStore, request: CertificateRequestMessage, isOwnBroker: boolean): void {
  const { device, signingKey, proof } = request
  const trust = store.deviceTrust.find(device)
  if (store.devices.find(device) === null) throw new Problem('device.not-found', `There is no device '${device}'.`)
  if (trust?.revoked != null) throw new Problem('certificate.revoked', `${device} was revoked.`)
  const known = trust?.signingKey ?? null
  if (known !== null && known !== signingKey)
    throw new Problem('certificate.request-invalid', `${device} signs with another key than before; it must be enrolled again.`)
  if (known === null && !isOwnBroker)
    throw new Problem(
      'certificate.request-invalid',
      `The console knows no key of ${device}, and its broker does not prove who asks; it must be enrolled again.`,
    )
  const mayBeMissing = known === null && proof === undefined
  if (!mayBeMissing && !isProven(request))
    throw new Problem('certificate.request-invalid', `The request was not signed with the key of ${device}.`)
}

function isProven(request: CertificateRequestMessage): boolean {
  const { signingKey, proof = '' } = request
  const signatures = [{ keyid: keyIdOf(Buffer.from(signingKey, 'base64')), sig: proof }]
  return verifySignatures(payloadTypes.certificateRequest, certificateRequestText(request), signatures, [signingKey])
}

/** Takes the oldest back that the device never used and does not hold, until there is room for one more. Call it in a transaction. */
function makeRoom(store: FleetStore, { device, holds = [] }: CertificateRequestMessage, now: number): void {
  const valid = store.certificates.ofDevice(device).filter(({ revokedAt, notAfter }) => revokedAt === null && notAfter > now)
  const unused = valid.filter(({ serial, firstUsedAt }) => firstUsedAt === null && !holds.includes(serial))
  const surplus = valid.length + 1 - MOST_VALID
  // The newest come first.
  if (surplus > 0) for (const { serial } of unused.slice(-surplus)) store.certificates.revoke(serial, now, 'never used')
}
