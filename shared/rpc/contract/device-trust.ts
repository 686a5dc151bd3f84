import { z } from 'zod'
import { deviceId } from '../../domain/ids.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

const empty = z.strictObject({})
const reason = text(500).describe('Why: it stands in the audit log.')

/** How devices join, and what happens when one identity is seen twice. */
export const devicePolicy = z.strictObject({
  confirm: z
    .enum(['auto', 'always', 'never'])
    .describe('Whether a person compares the fingerprint of a device before it joins; auto: where other machines reach the broker.'),
  onClone: z.enum(['alarm', 'quarantine']).describe('What happens when two machines use one identity, beside the alert.'),
})
export type DevicePolicy = z.infer<typeof devicePolicy>

/** Who did something to a device, when and why. */
const mark = z.object({ at: epochMs, by: text(200), why: text(500) })

/** A certificate of a device. */
export const shownCertificate = z.object({
  serial: text(64),
  fingerprint: text(64).describe('SHA-256 of the public key, hex.'),
  state: z.enum(['in-use', 'issued', 'expired', 'revoked']).describe('issued: no connection has come in with it yet.'),
  notBefore: epochMs,
  notAfter: epochMs,
  renewAt: epochMs.describe('When the device asks for the next one.'),
  issuedAt: epochMs,
  revoked: z.object({ at: epochMs, why: text(500) }).nullable(),
})
export type ShownCertificate = z.infer<typeof shownCertificate>

/** What the fleet trusts a device by. */
export const shownDeviceTrust = z.object({
  device: deviceId,
  access: z
    .enum(['certificate', 'secret', 'revoked'])
    .describe('secret: no certificate yet; the password works without TLS, on this machine or an external broker.'),
  certificates: z.array(shownCertificate).describe('The newest first.'),
  signingKey: text(64).nullable().describe('Raw Ed25519 public key that receipts of the device are checked with, base64.'),
  revoked: mark.nullable(),
  quarantined: mark.nullable(),
  cloned: z
    .object({ at: epochMs, why: text(500) })
    .nullable()
    .describe('Two machines used this identity.'),
})
export type ShownDeviceTrust = z.infer<typeof shownDeviceTrust>

/** A device that waits until a person has compared its fingerprint. */
export const pendingDevice = z.object({
  request: text(64),
  device: deviceId,
  fingerprint: text(64).describe('SHA-256 of its public key, hex. The device shows the first 32 digits, in groups of four.'),
  isNew: z.boolean().describe('false: a device of this id is enrolled already and would get new keys.'),
  agentVersion: text(64),
  labels: z.record(z.string(), text(256)),
  askedAt: epochMs,
})
export type PendingDevice = z.infer<typeof pendingDevice>

const codeLine = z.object({ line: count, device: deviceId, code: text(256), expiresAt: epochMs })

export const deviceTrustMethods = {
  'devices.trust': query('Certificates and marks of a device.', z.strictObject({ device: text(64) }), shownDeviceTrust),
  'devices.pending': query('Devices that wait until a person has compared their fingerprint.', empty, z.array(pendingDevice)),
  'devices.confirm': command(
    'Lets a waiting device join. The fingerprint must be the one that the device shows.',
    z.strictObject({ request: text(64), fingerprint: text(128) }),
    z.object({ device: deviceId }),
  ),
  'devices.refuse': command(
    'Turns a waiting device away; its code is used up.',
    z.strictObject({ request: text(64), reason: reason.default('') }),
    z.object({ device: deviceId }),
  ),
  'devices.revoke': command(
    'Takes the certificates and the secret of a device back: its connection ends within a second and it does not come in again. It stays in the list, with its telemetry; a code made for its id lets it join anew.',
    z.strictObject({ device: deviceId, reason }),
    shownDeviceTrust,
  ),
  'devices.quarantine': command(
    'Shuts a device in: it may connect and goes on answering with its model, but it is told nothing and nothing of it is taken. Its records wait on the device.',
    z.strictObject({ device: deviceId, reason }),
    shownDeviceTrust,
  ),
  'devices.release': command(
    'Ends the quarantine of a device, and clears a sign of a clone.',
    z.strictObject({ device: deviceId }),
    shownDeviceTrust,
  ),
  'devices.renewCertificate': command(
    'Asks a connected device to make a new key and fetch a certificate for it, its first or its next.',
    z.strictObject({ device: deviceId }),
    z.object({ device: deviceId }),
  ),
  'devices.createCodes': command(
    'Makes one code per line of a CSV: a column device, and one per label. All or nothing: a line that is wrong is named, with its number.',
    z.strictObject({
      csv: text(4_000_000),
      minutes: z.int().min(1).max(43_200).default(10_080).describe('How long the codes work; a week if it is left out.'),
      confirm: z
        .boolean()
        .optional()
        .describe('Whether a person compares each fingerprint; left out: as the policy says. false needs an admin.'),
    }),
    z.object({ codes: z.array(codeLine), brokerUrl: text(512) }),
  ),
  'devices.policy': query(
    'How devices join, and what happens when one is seen twice.',
    empty,
    devicePolicy.extend({ confirms: z.boolean() }),
  ),
  'devices.setPolicy': command(
    'Changes it; what is left out stays.',
    devicePolicy.partial(),
    devicePolicy.extend({ confirms: z.boolean() }),
    'admin',
  ),
} as const
