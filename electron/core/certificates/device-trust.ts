import { payloadTypes } from '../../../shared/protocol/envelope.ts'
import { messageOf } from '../../../shared/domain/problem.ts'
import { renewalDueAt, type CertificateAnswer, type CertificateRequestMessage } from '../../../shared/protocol/certificate.ts'
import { WIRE_VERSION } from '../../../shared/protocol/message.ts'
import { topicOf, topics } from '../../../shared/protocol/topics.ts'
import type { DevicePolicy } from '../../../shared/rpc/contract/device-trust.ts'
import type { ChangeTopic } from '../../../shared/rpc/frames.ts'
import { takeBackCodes } from '../enrolment/codes.ts'
import type { BrokerOptions, HubDevice, Refusal } from '../hub/messages.ts'
import type { Log } from '../log.ts'
import { isLoopback } from '../setup/broker-setting.ts'
import { countingCertificate, type CertificateRow } from '../store/fleet/certificates.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { Keyring } from '../trust/keys.ts'
import { openIssuing } from './issuing.ts'
import type { CertificateOffice } from './office.ts'

/** What counts where nobody has said anything. */
const usualPolicy: DevicePolicy = { confirm: 'auto', onClone: 'alarm' }
/** A device renews by itself when it is due, and looks once an hour. */
const OVERDUE_MS = 86_400_000

/** Who may come in, by what, and what happens to those who should not. */
export interface DeviceTrust {
  office: CertificateOffice
  policy(): DevicePolicy & { confirms: boolean }
  /** A device as the hub must know it; null: it is not there, or was revoked. */
  hubDevice(device: string, bundles: (device: string) => string[]): HubDevice | null
  hubDevices(bundles: (device: string) => string[]): HubDevice[]
  /** Answers a device that asks for a certificate; one that asks too fast is not answered. */
  answer(request: CertificateRequestMessage): Promise<void>
  /** Asks those of the devices whose certificate should have been renewed long ago: their clock may stand in the past. */
  remind(devices: Iterable<string>): void
  remindAll(): void
  /** Asks a device to ask. */
  askToRenew(device: string): Promise<void>
  noteRefusals(refusals: readonly Refusal[]): void
  noteClone(clone: { device: string; why: string; at: number }): void
  /** On record is not only that a device was shut out, but when its connection ended. */
  noteCut(cut: { device: string; at: number }): void
  noteUse(use: { device: string; serial: string; at: number }): void
}

export interface DeviceTrustOptions {
  store: FleetStore
  keyring: Keyring
  office: CertificateOffice
  fleet(): string
  broker(): BrokerOptions
  now(): number
  log: Log
  publish(message: { topic: string; payload: Uint8Array; qos: 0 | 1; retain: boolean }): Promise<void>
  /** The hub must know these devices anew. */
  onDevices(devices: string[]): void
  /** Codes were taken back. */
  onCodes(): void
  changed(...topics: ChangeTopic[]): void
}

/** Opens it over a store; the hub asks for devices, and tells what it saw. */
export function openDeviceTrust(options: DeviceTrustOptions): DeviceTrust {
  const { store, office, now, log } = options

  const policy = (): DevicePolicy & { confirms: boolean } => {
    const chosen = { ...usualPolicy, ...store.settings.get('devicePolicy') }
    return { ...chosen, confirms: chosen.confirm === 'auto' ? isReachable(options.broker()) : chosen.confirm === 'always' }
  }
  const say = async (device: string, answer: CertificateAnswer): Promise<void> => {
    const payload = Buffer.from(JSON.stringify(answer))
    const type = payloadTypes.certificate
    const envelope = { payloadType: type, payload: payload.toString('base64'), signatures: options.keyring.sign(type, payload) }
    const { qos, retain } = topics.certificateResult
    const topic = topicOf(options.fleet(), 'certificateResult', { device })
    await options.publish({ topic, payload: Buffer.from(JSON.stringify({ v: WIRE_VERSION, sentAt: now(), envelope })), qos, retain })
  }
  const answerTo = openIssuing({
    ...{ store, office, now, log, isOwnBroker: () => options.broker().kind === 'embedded' },
    onIssued: (device) => options.onDevices([device]),
  })
  const remind = (devices: Iterable<string>): void => {
    for (const device of devices) {
      const counting = countingCertificate(store.certificates.ofDevice(device))
      if (counting === null || now() - renewalDueAt(counting) < OVERDUE_MS) continue
      say(device, renewal(device, now())).catch((error: unknown) =>
        log('warn', 'a device was not asked to renew', { device, reason: messageOf(error) }),
      )
    }
  }
  return {
    office,
    policy,
    remind,
    remindAll: () => remind(store.devices.all().flatMap(({ device, status }) => (status === 'online' ? [device] : []))),
    hubDevice(device, bundles) {
      const row = store.devices.find(device)
      const trust = store.deviceTrust.find(device)
      if (row === null || trust?.revoked != null) return null
      const standing = store.certificates.ofDevice(device).filter(({ revokedAt }) => revokedAt === null)
      return { ...hubPart(row, bundles, standing), isQuarantined: trust?.quarantined != null }
    },
    hubDevices(bundles) {
      const marks = new Map(store.deviceTrust.all().map((row) => [row.device, row]))
      const standing = store.certificates.notRevoked()
      return store.devices.all().flatMap((row) => {
        const trust = marks.get(row.device)
        if (trust?.revoked != null) return []
        return [{ ...hubPart(row, bundles, standing.get(row.device) ?? []), isQuarantined: trust?.quarantined != null }]
      })
    },
    async answer(request) {
      const answer = await answerTo(request)
      if (answer === null) return
      await say(request.device, answer)
      options.changed('devices')
    },
    askToRenew: (device) => say(device, renewal(device, now())),
    noteRefusals(refusals) {
      attempt(log, 'refusals', () =>
        store.transact(() => {
          for (const { client, address, reason, count, firstAt, lastAt } of refusals) {
            const devices = client !== null && store.devices.find(client) !== null ? [client] : []
            const detail = { client, address, cause: reason, count, firstAt, lastAt }
            store.audit.append({ at: now(), actor: 'broker', action: 'broker.refused', detail, devices })
          }
        }),
      )
    },
    noteClone({ device, why, at }) {
      attempt(log, 'a clone', () => {
        const isShut = policy().onClone === 'quarantine'
        store.transact(() => {
          if (store.devices.find(device) === null) return
          store.deviceTrust.noteClone(device, at, why)
          if (isShut && store.deviceTrust.find(device)?.quarantined == null) {
            store.deviceTrust.quarantine(device, { at, by: 'clone detection', why })
            takeBackCodes(store, device, at)
          }
          store.audit.append({ at: now(), actor: 'broker', action: 'devices.cloned', detail: { device, why, isShut }, devices: [device] })
        })
        options.onDevices([device])
        options.onCodes()
        options.changed('devices', 'alerts')
      })
    },
    noteCut({ device, at }) {
      attempt(log, 'the end of a connection', () =>
        store.transact(() => store.audit.append({ at, actor: 'broker', action: 'devices.cut', detail: { device }, devices: [device] })),
      )
    },
    noteUse({ device, serial, at }) {
      attempt(log, 'the use of a certificate', () => {
        const keepsOlder = store.deviceTrust.find(device)?.quarantined != null
        if (!store.transact(() => store.certificates.noteUse(serial, at, keepsOlder))) return
        options.onDevices([device])
        options.changed('devices')
      })
    },
  }
}

function renewal(device: string, now: number): CertificateAnswer {
  return { v: WIRE_VERSION, sentAt: now, kind: 'renew', device: device as CertificateAnswer['device'], request: 'r'.repeat(16) }
}

/** What the hub tells is no call that could fail for somebody: a full disk is noted, and the next report is taken again. */
function attempt(log: Log, what: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    log('error', `${what} could not be noted`, { reason: messageOf(error) })
  }
}

function hubPart(
  row: { device: string; secretHash: string },
  bundles: (device: string) => string[],
  standing: readonly CertificateRow[],
): HubDevice {
  // Also those that have ended by the clock of now, which may be wrong: who is let in is decided by the time of that moment.
  const certificates = standing.map(({ serial, notAfter }) => ({ serial, notAfter }))
  return { device: row.device, secretHash: row.secretHash, bundles: bundles(row.device), certificates }
}

function isReachable(broker: BrokerOptions): boolean {
  return !isLoopback(broker.kind === 'embedded' ? broker.host : new URL(broker.url).hostname)
}
