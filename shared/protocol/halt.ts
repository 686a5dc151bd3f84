import { z } from 'zod'
import { bundleDigest, deploymentName, fleetId } from '../domain/ids.ts'
import { envelope } from './envelope.ts'
import { epochMs, head, text } from './message.ts'

/** A bundle that no device may begin to use in a deployment, for now. */
export const haltedBundle = z.looseObject({
  deployment: deploymentName,
  digest: bundleDigest,
  rollout: z.int().positive().describe('The rollout that is halted.'),
  since: epochMs,
  reason: text(500),
})

/**
 * What the whole fleet keeps from: the payload of the envelope in `halt`. A device that serves a halted bundle goes on serving it, and finishes a
 * watch that it began; it does not fetch, probe or activate one. The list replaces the one before; an empty one lets everything go on.
 */
export const haltList = z.looseObject({
  v: z.literal(1),
  fleet: fleetId,
  counter: z.int().positive().describe('Only grows; a device ignores a lower one.'),
  issuedAt: epochMs,
  halts: z.array(haltedBundle).max(200),
})
export type HaltList = z.infer<typeof haltList>

/** Console → every device, retained: the signed halt list. */
export const haltMessage = z
  .looseObject({ ...head, id: text(64), envelope })
  .describe('Bundles that no device may begin to use, as a signed DSSE envelope whose payload is a HaltList.')
export type HaltMessage = z.infer<typeof haltMessage>
