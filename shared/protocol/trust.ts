import { z } from 'zod'
import { deviceId, fleetId } from '../domain/ids.ts'
import { envelope } from './envelope.ts'
import { base64, count, epochMs, head, text } from './message.ts'

/** The roles of TUF (https://theupdateframework.io): who may say what about the bytes of a fleet. */
export const trustRoles = ['root', 'targets', 'snapshot', 'timestamp'] as const
export type TrustRole = (typeof trustRoles)[number]

/** Most bytes of a metadata file by role: a device reads no more of it, whoever sends it. */
export const maxMetadataBytes: Record<TrustRole, number> = {
  root: 512_000,
  targets: 5_000_000,
  snapshot: 2_000_000,
  timestamp: 16_384,
}

/** The highest version of a metadata file, epoch of orders, or step of a root: far above what a fleet uses, far below what a number cannot hold. */
export const MAX_TRUST_VERSION = 2 ** 31 - 1
/** Roots that a device follows in one go; a device that was away longer is introduced anew. */
export const MAX_ROOT_STEPS = 256

/** Name of a metadata file on the wire: one level of a topic. */
export const metadataName = z.string().regex(/^(timestamp|introduction|(root|snapshot|targets)-[1-9][0-9]{0,9})$/)

/** Device → console: asks for one metadata file. */
export const trustWantMessage = z
  .looseObject({ ...head, device: deviceId, name: metadataName })
  .describe('A device asks for a file of the fleet’s trust metadata.')
export type TrustWantMessage = z.infer<typeof trustWantMessage>

/** How a device that was enrolled without a root gets one: signed by the keys that it knows, the one for orders and the one for bundles. */
export const introduction = z.looseObject({
  v: z.literal(1),
  fleet: fleetId,
  issuedAt: epochMs,
  root: base64.max(700_000).describe('The first root of the fleet, as the exact bytes of the file.'),
})
export type Introduction = z.infer<typeof introduction>

/** Console → device: the introduction, signed by an assignment key and by a bundle key. */
export const introductionMessage = z.looseObject({ ...head, id: text(64), envelope })
export type IntroductionMessage = z.infer<typeof introductionMessage>

/** What a root of ours says beyond the four roles, in its field `x-muster`: the fleet, and who may sign orders. */
export const fleetOfRoot = z.looseObject({
  fleet: fleetId,
  assignment: z.looseObject({
    keyids: z
      .array(z.string().regex(/^[0-9a-f]{64}$/))
      .min(1)
      .max(8),
    threshold: z.literal(1),
  }),
})
export type FleetOfRoot = z.infer<typeof fleetOfRoot>

/** What a device knows of the fleet's trust metadata. */
export const reportedTrust = z.looseObject({
  state: z
    .enum(['none', 'current', 'stale'])
    .describe('none: it trusts the keys of its enrolment only; stale: its metadata has expired, it serves but changes nothing.'),
  root: count.describe('Version of its root; 0: it has none.'),
  targets: count,
  timestamp: count,
  expiresAt: epochMs.nullable().describe('When it stops changing anything unless it hears newer metadata.'),
  problem: z
    .looseObject({ code: text(64), message: text(2000) })
    .nullable()
    .describe('Why the newest metadata was not taken.'),
})
export type ReportedTrust = z.infer<typeof reportedTrust>
