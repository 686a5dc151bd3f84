import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import { Problem } from '../../../shared/domain/problem.ts'
import type { BlockLayout } from './layout.ts'

const compress = promisify(zstdCompress)
/** Level 1: on weights the higher ones cost much more and save almost nothing (performance.md 2e). */
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
/** Encoded blocks kept for devices that come a little later, bytes per artifact. */
const CACHE_BYTES = 8 * 1024 * 1024
const HASH_BYTES = 32

/** Reads the blocks of one artifact as they travel. */
export interface BlockReader {
  /**
   * The payload of a block.
   * @throws Problem `transfer.corrupt` if the file is not what its manifest says: a device would refuse such a block, and nobody would
   * know whose disk is at fault; a system error if it cannot be read
   */
  read(block: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** Reads from `<directory>/<artifact>` by offset; opens the file at the first read, and keeps a few encoded blocks, newest last. */
export function blockReader(directory: string, layout: BlockLayout): BlockReader {
  let opening: Promise<FileHandle> | null = null
  const encoded = new Map<number, Uint8Array>()
  let encodedBytes = 0

  function remember(block: number, payload: Uint8Array): void {
    if (encoded.has(block)) return
    encoded.set(block, payload)
    encodedBytes += payload.length
    for (const [oldest, bytes] of encoded) {
      if (encodedBytes <= CACHE_BYTES) break
      encoded.delete(oldest)
      encodedBytes -= bytes.length
    }
  }

  return {
    async read(block) {
      const known = encoded.get(block)
      if (known !== undefined) return known
      opening ??= openChecked(directory, layout)
      const bytes = await readRange(await opening, layout, block)
      if (layout.encoding === 'identity') return bytes
      const payload = await compress(bytes, compression)
      remember(block, payload)
      return payload
    },
    async close() {
      encoded.clear()
      const file = await opening?.catch(() => null)
      await file?.close()
    },
  }
}

async function openChecked(directory: string, layout: BlockLayout): Promise<FileHandle> {
  const file = await open(join(directory, layout.artifact), 'r')
  const { size } = await file.stat()
  if (size === layout.sizeBytes) return file
  await file.close()
  throw new Problem('transfer.corrupt', `The console holds ${size} bytes of artifact ${layout.artifact} instead of ${layout.sizeBytes}.`)
}

async function readRange(file: FileHandle, layout: BlockLayout, block: number): Promise<Uint8Array> {
  const start = layout.starts[block]!
  const bytes = Buffer.allocUnsafeSlow(layout.starts[block + 1]! - start)
  let filled = 0
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled)
    if (bytesRead === 0) throw new Problem('transfer.corrupt', `Artifact ${layout.artifact} became shorter while it was read.`)
    filled += bytesRead
  }
  const expected = layout.hashes?.subarray(block * HASH_BYTES, (block + 1) * HASH_BYTES)
  if (expected !== undefined && !createHash('sha256').update(bytes).digest().equals(expected))
    throw new Problem('transfer.corrupt', `The console's copy of artifact ${layout.artifact} is damaged (block ${block}).`, {
      hint: 'Import the version again on this console, or restore its artifacts folder from a backup.',
    })
  return bytes
}
