import { z } from 'zod'
import { MAX_PROOF_HASHES, MAX_TREE_SIZE } from '../domain/audit/merkle.ts'
import { fleetId } from '../domain/ids.ts'
import { envelope } from './envelope.ts'
import { base64, epochMs, head, text } from './message.ts'

const hexHash = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits')

/** A log, said by its size and the root of its Merkle tree (RFC 6962). */
export const logHead = z.looseObject({
  size: z.int().positive().max(MAX_TREE_SIZE).describe('Entries of the log.'),
  root: hexHash.describe('Root of the Merkle tree over them, hex.'),
})
export type LogHead = z.infer<typeof logHead>

/** What the console says of its audit log: the payload of the envelope in `checkpoint`. Whoever keeps one can tell later whether the log still extends it. */
export const checkpoint = z.looseObject({
  v: z.literal(1),
  fleet: fleetId,
  ...logHead.shape,
  head: hexHash.describe('Chain hash of the last entry, hex.'),
  issuedAt: epochMs,
  previous: z
    .looseObject({
      ...logHead.shape,
      proof: z.array(base64.max(64)).max(MAX_PROOF_HASHES).describe('RFC 6962 consistency proof from there to here.'),
    })
    .nullable()
    .describe('The checkpoint before; null: there was none.'),
  accepted: z
    .array(logHead)
    .max(20)
    .default([])
    .describe('Logs that devices know and that this one does not extend, accepted by an admin: a device that keeps one goes on from here.'),
})
export type Checkpoint = z.infer<typeof checkpoint>

/** Console → every device, retained: the newest signed checkpoint. */
export const checkpointMessage = z
  .looseObject({ ...head, id: text(64), envelope })
  .describe('The newest checkpoint of the audit log, as a signed DSSE envelope whose payload is a Checkpoint. Devices keep the latest two.')
export type CheckpointMessage = z.infer<typeof checkpointMessage>

/** A checkpoint as a device keeps it: enough to show, without the console, what the console signed. */
export const keptCheckpoint = z.looseObject({ ...logHead.shape, issuedAt: epochMs, envelope })
export type KeptCheckpoint = z.infer<typeof keptCheckpoint>
