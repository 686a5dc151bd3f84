import { z } from 'zod'
import { bundleDigest, deviceId, sha256 } from '../domain/ids.ts'
import { base64, head, sizeBytes, text } from './message.ts'

/** Pieces of an artifact whose block list the device does not have yet (the manifest itself) are cut at this size. */
export const PLAIN_BLOCK_BYTES = 64 * 1024
/** Bounds of a content-defined block. */
export const blockBytes = { min: 16 * 1024, average: 128 * 1024, max: 256 * 1024 } as const
/** An artifact has at most so many blocks: 16 GiB of average ones. */
export const MAX_BLOCKS = 131_072

/** Device → console: which blocks of an artifact are missing. Sent at the start, as progress, after a stall, and when done. */
export const blockWantMessage = z
  .looseObject({
    ...head,
    device: deviceId,
    artifact: sha256,
    sizeBytes: sizeBytes.describe('Signed size of the artifact.'),
    manifest: bundleDigest
      .nullable()
      .describe('Manifest whose block list numbers the blocks; null: the artifact is a manifest, in plain 64 KiB pieces.'),
    round: text(32).describe('New after each (re)connect: what was in flight in an older round is lost.'),
    blocks: z.int().min(1).max(MAX_BLOCKS).describe('Number of blocks of the artifact.'),
    missing: base64.describe('Bitmap, bit 0 of byte 0 = block 0, set = missing. All clear: the device has everything.'),
    window: z.int().min(1).max(256).describe('Blocks that may be in flight to this device.'),
  })
  .describe('Request for the blocks of an artifact that a device misses.')
export type BlockWantMessage = z.infer<typeof blockWantMessage>
