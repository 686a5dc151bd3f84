import type { ArtifactEntry } from '../../../shared/domain/bundle.ts'
import { PLAIN_BLOCK_BYTES } from '../../../shared/protocol/block.ts'

/** How the bytes of one artifact are cut into numbered blocks, and how each travels. */
export interface BlockLayout {
  artifact: string
  sizeBytes: number
  encoding: ArtifactEntry['encoding']
  /** First byte of each block, and the size of the artifact as the last element: block n is `starts[n]` to `starts[n + 1]`. */
  starts: Float64Array
  /** SHA-256 of each block, one after the other, 32 bytes each; null where the manifest lists none (it is the manifest itself). */
  hashes: Buffer | null
}

/** The layout that a manifest gives to an artifact. */
export function layoutOfEntry(entry: ArtifactEntry): BlockLayout {
  const starts = new Float64Array(entry.blocks.length + 1)
  entry.blocks.forEach(([bytes], block) => {
    starts[block + 1] = starts[block]! + bytes
  })
  const hashes = Buffer.concat(entry.blocks.map(([, sha256]) => Buffer.from(sha256, 'hex')))
  return { artifact: entry.sha256, sizeBytes: entry.sizeBytes, encoding: entry.encoding, starts, hashes }
}

/** The layout of a manifest itself: plain pieces of `PLAIN_BLOCK_BYTES`, because its block list is not known yet. */
export function plainLayout(artifact: string, sizeBytes: number): BlockLayout {
  const count = Math.max(1, Math.ceil(sizeBytes / PLAIN_BLOCK_BYTES))
  const starts = Float64Array.from({ length: count + 1 }, (_, block) => Math.min(block * PLAIN_BLOCK_BYTES, sizeBytes))
  return { artifact, sizeBytes, encoding: 'identity', starts, hashes: null }
}

/** Number of blocks of a layout. */
export function blockCount(layout: BlockLayout): number {
  return layout.starts.length - 1
}

/** True if block n is the same bytes in the same encoding in both, so that devices of both may share what is published. */
export function isSameLayout(a: BlockLayout, b: BlockLayout): boolean {
  return (
    a === b ||
    (a.artifact === b.artifact &&
      a.encoding === b.encoding &&
      a.starts.length === b.starts.length &&
      a.starts.every((start, block) => start === b.starts[block]))
  )
}
