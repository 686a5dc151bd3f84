import { type FileHandle, open } from 'node:fs/promises'
import type { ArtifactEntry } from '../../shared/domain/bundle.ts'
import { sha256Of } from './block-check.ts'
import { type PartialFile, readBlock } from './partial-file.ts'

/** An artifact on the device whose blocks are known. */
export interface Reusable {
  entry: ArtifactEntry
  path: string
}

/** Copies the missing blocks that other artifacts on this device have, each verified by its hash. What cannot be read is skipped. */
export async function reuseBlocks(partial: PartialFile, from: readonly Reusable[], signal: AbortSignal): Promise<void> {
  const wanted = new Map<string, number>()
  for (const block of partial.missing) {
    const { sha256 } = partial.layout.blocks[block]!
    if (sha256 !== null) wanted.set(sha256, block)
  }
  for (const source of from) {
    if (wanted.size === 0 || signal.aborted) break
    if (!source.entry.blocks.some(([, sha256]) => wanted.has(sha256))) continue
    const file = await open(source.path, 'r').catch(() => null)
    if (file === null) continue
    try {
      await copyFrom(file, source.entry, { partial, wanted, signal })
    } finally {
      await file.close()
    }
  }
  await partial.save()
}

interface Copying {
  partial: PartialFile
  /** Hash of each missing block, and a block that has it. */
  wanted: Map<string, number>
  signal: AbortSignal
}

async function copyFrom(file: FileHandle, entry: ArtifactEntry, { partial, wanted, signal }: Copying): Promise<void> {
  let start = 0
  for (const [length, sha256] of entry.blocks) {
    if (signal.aborted) return
    const block = wanted.get(sha256)
    if (block !== undefined && partial.layout.blocks[block]!.bytes === length) {
      // A damaged file of the device must cost a transfer of the block, not the whole fetch.
      const bytes = await readBlock(file, start, length).catch(() => null)
      if (bytes !== null && sha256Of(bytes) === sha256) {
        await partial.write(block, bytes)
        wanted.delete(sha256)
      }
    }
    start += length
  }
}
