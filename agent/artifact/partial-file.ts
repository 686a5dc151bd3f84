import { createHash } from 'node:crypto'
import { constants, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { BlockSet } from '../../shared/protocol/bitmap.ts'
import { sha256Of } from './block-check.ts'
import type { ArtifactLayout } from './layout.ts'

/** An artifact that is being put together: the file, and which of its blocks are sound. */
export interface PartialFile {
  readonly layout: ArtifactLayout
  /** Blocks that are not in the file. */
  readonly missing: BlockSet
  /** Writes verified bytes to a block, and to every other block of the same bytes. Returns how many were missing. */
  write(block: number, bytes: Uint8Array): Promise<number>
  /** Keeps on disk which blocks are there. A crash before it forgets them, no more. */
  save(): Promise<void>
  /** Hex SHA-256 over the whole file. */
  digest(): Promise<string>
  /** Forgets every block. */
  reset(): void
  /** Waits until the disk has the bytes. */
  sync(): Promise<void>
  close(): Promise<void>
  /** Closes and removes the file. */
  discard(): Promise<void>
}

const READ_BYTES = 1024 * 1024

/**
 * Opens a partial file. Next to it, `<path>.have` is the bitmap of the blocks that were there; it is only a hint, written in place
 * without syncing: each block that it claims is hashed here before it counts. Without block hashes nothing can be claimed, so nothing
 * is kept.
 * @param onClose told once when the file is closed
 */
export async function openPartial(path: string, layout: ArtifactLayout, onClose: () => void): Promise<PartialFile> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600)
  // Kept open and never truncated: a crash in the middle of a save leaves older claims, not none.
  const have = await openOrClose(`${path}.have`, file)
  const missing = BlockSet.all(layout.blocks.length)
  let isOpen = true

  async function close(): Promise<void> {
    if (!isOpen) return
    isOpen = false
    await Promise.all([file.close(), have.close()])
    onClose()
  }

  async function write(block: number, bytes: Uint8Array): Promise<number> {
    let filled = 0
    for (const twin of layout.twins.get(layout.firstOf[block]!) ?? [block]) {
      if (!missing.has(twin)) continue
      await writeAll(file, bytes, layout.blocks[twin]!.start)
      missing.delete(twin)
      filled += 1
    }
    return filled
  }

  try {
    await file.truncate(layout.sizeBytes)
    await recover(file, layout, { missing, claimed: await readClaims(have, layout) })
  } catch (error) {
    await close()
    throw error
  }

  return {
    layout,
    missing,
    write,
    save: () => writeAll(have, complement(missing), 0),
    digest: () => digestOf(file, layout.sizeBytes),
    reset() {
      for (let block = 0; block < layout.blocks.length; block += 1) missing.add(block)
    },
    sync: () => file.sync(),
    close,
    async discard() {
      await close()
      rmSync(path, { force: true })
      rmSync(`${path}.have`, { force: true })
    },
  }
}

async function openOrClose(path: string, other: FileHandle): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDWR | constants.O_CREAT, 0o600)
  } catch (error) {
    await other.close()
    throw error
  }
}

async function readClaims(have: FileHandle, layout: ArtifactLayout): Promise<BlockSet> {
  const none = BlockSet.none(layout.blocks.length)
  const bytes = await readBlock(have, 0, none.bytes.length)
  return (bytes === null ? null : BlockSet.from(layout.blocks.length, bytes)) ?? none
}

/** Hashes what is claimed; what is not sound stays missing. */
async function recover(file: FileHandle, layout: ArtifactLayout, state: { missing: BlockSet; claimed: BlockSet }): Promise<void> {
  for (const block of state.claimed) {
    const place = layout.blocks[block]!
    if (place.sha256 === null) continue
    const bytes = await readBlock(file, place.start, place.bytes)
    if (bytes !== null && sha256Of(bytes) === place.sha256) state.missing.delete(block)
  }
}

/** Bytes of an open file, or `null` if it ends before them. */
export async function readBlock(file: FileHandle, start: number, length: number): Promise<Uint8Array | null> {
  const bytes = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, start + filled)
    if (bytesRead === 0) return null
    filled += bytesRead
  }
  return bytes
}

async function writeAll(file: FileHandle, bytes: Uint8Array, start: number): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, start + written)
    written += bytesWritten
  }
}

async function digestOf(file: FileHandle, sizeBytes: number): Promise<string> {
  const hash = createHash('sha256')
  for (let start = 0; start < sizeBytes; start += READ_BYTES) {
    const bytes = await readBlock(file, start, Math.min(READ_BYTES, sizeBytes - start))
    if (bytes === null) break
    hash.update(bytes)
  }
  return hash.digest('hex')
}

/** The blocks that are there, from those that are not; the bits behind the last block stay clear. */
function complement(missing: BlockSet): Uint8Array {
  const have = missing.bytes.map((byte) => ~byte)
  const spare = have.length * 8 - missing.size
  have[have.length - 1]! &= 0xff >> spare
  return have
}
