import { isSameFingerprint, renewalDueAt } from '../../../shared/protocol/certificate.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { EnrolRequestMessage } from '../../../shared/protocol/enrolment.ts'
import type { ShownCertificate } from '../../../shared/rpc/contract/device-trust.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { Caller, Handlers } from '../../../shared/rpc/dispatch.ts'
import { messageOf } from '../../../shared/domain/problem.ts'
import { resendDesired } from '../deployments/assign.ts'
import { requireDevice } from '../devices/summary.ts'
import { readWantedDevices } from '../enrolment/bulk.ts'
import { addEnrolmentCode, forgetStale, takeBackCodes } from '../enrolment/codes.ts'
import type { CertificateRow } from '../store/fleet/certificates.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { ApiParts } from './parts.ts'

type Names =
  | 'devices.trust'
  | 'devices.pending'
  | 'devices.confirm'
  | 'devices.refuse'
  | 'devices.revoke'
  | 'devices.quarantine'
  | 'devices.release'
  | 'devices.renewCertificate'
  | 'devices.createCodes'
  | 'devices.policy'
  | 'devices.setPolicy'

/** Handlers of how devices are let in, shut in and shut out. */
export function deviceTrustHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store, now } = parts
  /** Marks a device; the hub, and every view, hears of it after the commit. */
  const marked = (device: string, context: { afterCommit(work: () => void): void }): ResultOf<'devices.trust'> => {
    context.afterCommit(() => {
      parts.onDevicesChanged([device], [])
      parts.onCodesChanged()
      parts.changed('devices', 'alerts')
    })
    return trustOf(store, device, now())
  }
  return {
    'devices.trust': ({ device }) => trustOf(store, requireDevice(store, device).device, now()),
    'devices.pending': () => pendingDevices(store),
    'devices.confirm': ({ request, fingerprint }, context) => {
      const pending = requirePending(store, request)
      if (!isSameFingerprint(fingerprint, pending.fingerprint))
        throw new Problem(
          'enrolment.fingerprint-differs',
          `This is not the fingerprint of the device that asks to join as ${pending.device}.`,
        )
      store.pending.confirm(request, context.caller.actor)
      context.afterCommit(() => {
        parts.onEnrolDecided(JSON.parse(pending.message) as EnrolRequestMessage)
        parts.changed('devices')
      })
      return { device: pending.device }
    },
    'devices.refuse': ({ request }, context) => {
      const pending = requirePending(store, request)
      store.pending.refuse(request, now())
      context.afterCommit(() => {
        parts.onEnrolDecided(JSON.parse(pending.message) as EnrolRequestMessage)
        parts.changed('devices')
      })
      return { device: pending.device }
    },
    'devices.revoke': ({ device, reason: why }, context) => {
      requireDevice(store, device)
      store.certificates.revokeAll(device, now(), why)
      store.deviceTrust.revoke(device, { at: now(), by: context.caller.actor, why })
      store.devices.noteCut(device, now())
      takeBackCodes(store, device, now())
      return marked(device, context)
    },
    'devices.quarantine': ({ device, reason: why }, context) => {
      requireDevice(store, device)
      store.deviceTrust.quarantine(device, { at: now(), by: context.caller.actor, why })
      takeBackCodes(store, device, now())
      return marked(device, context)
    },
    'devices.release': ({ device }, context) => {
      requireDevice(store, device)
      store.deviceTrust.release(device)
      resendDesired(parts, device, now())
      context.afterCommit(parts.onOutbox)
      return marked(device, context)
    },
    'devices.renewCertificate': ({ device }, context) => {
      const row = requireDevice(store, device)
      if (store.deviceTrust.find(device)?.revoked != null) throw new Problem('certificate.revoked', `${device} was revoked.`)
      if (row.status !== 'online') throw new Problem('agent.unreachable', `${device} is not connected; it renews by itself when it is due.`)
      context.afterCommit(() => {
        parts.deviceTrust
          .askToRenew(device)
          .catch((error: unknown) => parts.log('warn', 'a device was not asked to renew', { device, reason: messageOf(error) }))
      })
      return { device: row.device }
    },
    'devices.createCodes': ({ csv, minutes, confirm }, context) => {
      checkMayDecide(confirm, context.caller)
      const wanted = readWantedDevices(csv, (device) => store.devices.find(device) !== null)
      forgetStale(store, now())
      const codes = wanted.map(({ line, device, labels }) => {
        const made = addEnrolmentCode(store, { fleet: parts.fleet, device, labels, minutes, confirm: confirm ?? null, now: now() })
        return { line, device, code: made.code, expiresAt: made.expiresAt }
      })
      context.afterCommit(parts.onCodesChanged)
      return { codes, brokerUrl: parts.enrolUrl() }
    },
    'devices.policy': () => parts.deviceTrust.policy(),
    'devices.setPolicy': (part, context) => {
      const { confirms: _, ...before } = parts.deviceTrust.policy()
      store.settings.set('devicePolicy', { confirm: part.confirm ?? before.confirm, onClone: part.onClone ?? before.onClone })
      context.afterCommit(() => parts.changed('setup'))
      return parts.deviceTrust.policy()
    },
  }
}

/** Whether a person compares fingerprints is a rule of the fleet: to leave it out for a code is the decision of an admin. */
export function checkMayDecide(confirm: boolean | undefined, caller: Caller): void {
  if (confirm === false && caller.role !== 'admin')
    throw new Problem('access.denied', 'Only an admin makes codes whose devices join without a person.')
}

function requirePending(store: FleetStore, request: string) {
  const pending = store.pending.find(request)
  if (pending === null || pending.refusedAt !== null || pending.confirmedBy !== null)
    throw new Problem('enrolment.not-pending', 'No device waits with this request; it has joined, was refused, or gave up.')
  return pending
}

function pendingDevices(store: FleetStore): ResultOf<'devices.pending'> {
  return store.pending.waiting().map(({ request, device, fingerprint, message, labels, askedAt }) => ({
    ...{ request, device, fingerprint, labels, askedAt },
    isNew: store.devices.find(device) === null,
    agentVersion: (JSON.parse(message) as EnrolRequestMessage).agentVersion,
  }))
}

function trustOf(store: FleetStore, device: string, now: number): ResultOf<'devices.trust'> {
  const trust = store.deviceTrust.find(device)
  const certificates = store.certificates.ofDevice(device).map((row) => shownCertificate(row, now))
  const hasValid = certificates.some(({ state }) => state === 'in-use' || state === 'issued')
  return {
    ...{ device, certificates, access: trust?.revoked != null ? 'revoked' : hasValid ? 'certificate' : 'secret' },
    ...{ signingKey: trust?.signingKey ?? null, revoked: trust?.revoked ?? null },
    ...{ quarantined: trust?.quarantined ?? null, cloned: trust?.cloned ?? null },
  }
}

function shownCertificate(row: CertificateRow, now: number): ShownCertificate {
  const { serial, fingerprint, notBefore, notAfter, issuedAt, revokedAt, revokedWhy } = row
  const state = revokedAt !== null ? 'revoked' : notAfter <= now ? 'expired' : row.firstUsedAt === null ? 'issued' : 'in-use'
  return {
    ...{ serial, fingerprint, state, notBefore, notAfter, issuedAt, renewAt: renewalDueAt(row) },
    revoked: revokedAt === null ? null : { at: revokedAt, why: revokedWhy ?? '' },
  }
}
