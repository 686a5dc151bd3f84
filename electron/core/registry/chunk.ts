import { createHash, type Hash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import type { ArtifactEntry } from '../../../shared/domain/bundle.ts'
import { sha256, type Sha256 } from '../../../shared/domain/ids.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { blockBytes, MAX_BLOCKS } from '../../../shared/protocol/block.ts'

const compress = promisify(zstdCompress)
const READ_BYTES = 1024 * 1024
/** Compressed blocks cost CPU on both sides; below this share saved they are not worth it. */
const WORTH_SAVING = 0.1

/**
 * 256 random 32-bit words, one per byte value, from a xorshift generator with a fixed seed. They must never change: other words cut
 * elsewhere, and a new version of a model would share no block with the one a device has.
 */
const gear = Uint32Array.from({ length: 256 })
let word = 0x9e3779b9
for (let i = 0; i < gear.length; i += 1) {
  for (let round = 0; round < 8; round += 1) {
    word ^= word << 13
    word ^= word >>> 17
    word ^= word << 5
  }
  gear[i] = word
}

// Before the average a border is rarer, after it likelier (normalised chunking, Xia et al., FastCDC, ATC 2016), so that sizes crowd
// around the average and few blocks end at the hard maximum. High bits: they mix the last 32 bytes.
const RARE_MASK = 0xffff_c000 | 0
const LIKELY_MASK = 0xfffc_0000 | 0

/** Bytes of a block whose words are shifted out of the hash before the first border is possible. */
const UNHASHED = blockBytes.min - 33

/**
 * Finds where content-defined blocks end, byte by byte: the border depends on the 32 bytes before it, so an insertion moves only the
 * borders near it. Every block but the last has from `min` to `max` bytes.
 */
export class BoundaryFinder {
  #length = 0
  #hash = 0

  /** Index after the last byte of the block that ends in `bytes[from..]`, or -1 if the block goes on behind it. */
  next(bytes: Uint8Array, from: number): number {
    let hash = this.#hash
    let length = this.#length
    let i = from
    if (length < UNHASHED) {
      const skipped = Math.min(UNHASHED - length, bytes.length - from)
      i += skipped
      length += skipped
    }
    for (; i < bytes.length; i += 1) {
      hash = ((hash << 1) + gear[bytes[i]!]!) | 0
      length += 1
      if (length < blockBytes.min) continue
      const mask = length < blockBytes.average ? RARE_MASK : LIKELY_MASK
      if ((hash & mask) !== 0 && length < blockBytes.max) continue
      this.#hash = 0
      this.#length = 0
      return i + 1
    }
    this.#hash = hash
    this.#length = length
    return -1
  }
}

/**
 * Describes a file as an artifact: its hash, its blocks, and whether blocks travel compressed (zstd level 1, measured over the whole
 * file: only if that saves more than a tenth). The file must not change meanwhile.
 * @param told.onBytes how many bytes were read; `onBlock`: bytes of each block, compressed, in their order
 * @throws Problem `input.invalid` for an empty file, `model.resource-limit` for too many blocks, `cancelled`
 */
export async function chunkFile(
  path: string,
  signal?: AbortSignal,
  told: { onBytes?: ((bytes: number) => void) | undefined; onBlock?: (compressedBytes: number) => void } = {},
): Promise<ArtifactEntry> {
  const file = await open(path, 'r')
  try {
    const whole = createHash('sha256')
    const blocks: [number, Sha256][] = []
    let compressedBytes = 0
    let sizeBytes = 0
    const closeBlock = async (parts: Buffer[]): Promise<void> => {
      const block = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
      if (blocks.length >= MAX_BLOCKS) throw new Problem('model.resource-limit', `The file has more than ${MAX_BLOCKS} blocks.`)
      blocks.push([block.length, digestOf(createHash('sha256').update(block))])
      const { length } = await compress(block, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
      compressedBytes += length
      told.onBlock?.(length)
    }
    const finder = new BoundaryFinder()
    let open: Buffer[] = []
    for (;;) {
      if (signal?.aborted === true) throw new Problem('cancelled', 'It was cancelled.')
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, null)
      if (bytesRead === 0) break
      const bytes = buffer.subarray(0, bytesRead)
      whole.update(bytes)
      sizeBytes += bytesRead
      told.onBytes?.(sizeBytes)
      let start = 0
      for (let end = finder.next(bytes, 0); end >= 0; end = finder.next(bytes, end)) {
        await closeBlock([...open, bytes.subarray(start, end)])
        open = []
        start = end
      }
      if (start < bytes.length) open.push(bytes.subarray(start))
    }
    if (open.length > 0) await closeBlock(open)
    if (sizeBytes === 0) throw new Problem('input.invalid', 'The file is empty.')
    const saved = 1 - compressedBytes / sizeBytes
    return { sha256: digestOf(whole), sizeBytes, encoding: saved > WORTH_SAVING ? 'zstd' : 'identity', blocks }
  } finally {
    await file.close()
  }
}

function digestOf(hash: Hash): Sha256 {
  return sha256.parse(hash.digest('hex'))
}
