import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, zstdDecompress } from 'node:zlib'
import type { ArtifactLayout, BlockPlace } from './layout.ts'

const decompress = promisify(zstdDecompress)
/** The largest window that a frame may ask the decoder to allocate: 8 MiB, what encoders use for blocks far larger than ours. */
const MAX_WINDOW_LOG = 23
/** Bytes by which an encoded block that does not compress may exceed the block. */
const ENCODING_OVERHEAD = 1024

/** Lower-case hex SHA-256. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * The bytes of a block from what arrived; the signed size is a hard cap on what is decoded.
 * @returns `null` if they are not the bytes that the block list names
 */
export async function decodeBlock(layout: ArtifactLayout, place: BlockPlace, payload: Uint8Array): Promise<Uint8Array | null> {
  if (payload.length > place.bytes + ENCODING_OVERHEAD) return null
  const bytes = layout.encoding === 'identity' ? payload : await decodeZstd(payload, place.bytes)
  if (bytes === null || bytes.length !== place.bytes) return null
  return place.sha256 === null || sha256Of(bytes) === place.sha256 ? bytes : null
}

async function decodeZstd(payload: Uint8Array, maxOutputLength: number): Promise<Uint8Array | null> {
  try {
    return await decompress(payload, { maxOutputLength, params: { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG } })
  } catch {
    // Not zstd, or more than the signed size: the same as a wrong block.
    return null
  }
}
