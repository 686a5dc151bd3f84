import { type ArtifactEntry, isConsistentArtifact } from '../../shared/domain/bundle.ts'
import { Problem } from '../../shared/domain/problem.ts'
import { MAX_BLOCKS, PLAIN_BLOCK_BYTES } from '../../shared/protocol/block.ts'

/** What to fetch: bytes by digest, with their block list where one is known. */
export interface WantedArtifact {
  sha256: string
  /** Signed size, bytes: a hard cap. */
  sizeBytes: number
  /** Digest of the manifest that lists the artifact; null: it is itself a manifest. */
  manifest: string | null
  /** The list of its blocks; null: plain pieces, and only the hash of the whole decides. */
  entry: ArtifactEntry | null
}

/** One block of an artifact. */
export interface BlockPlace {
  start: number
  bytes: number
  /** Hex SHA-256 of the decoded bytes; null: not known. */
  sha256: string | null
}

/** The artifact as numbered blocks. */
export interface ArtifactLayout {
  sha256: string
  sizeBytes: number
  encoding: ArtifactEntry['encoding']
  blocks: readonly BlockPlace[]
  /** For each block, the first block with the same bytes: only that one is asked for. */
  firstOf: Uint32Array
  /** All blocks with the same bytes, by the first of them; only where there is more than one. */
  twins: ReadonlyMap<number, readonly number[]>
}

/**
 * The blocks of a wanted artifact, checked before the first byte is asked for.
 * @throws Problem `bundle.invalid` if size, digest and block list contradict each other
 */
export function layoutOf(artifact: WantedArtifact): ArtifactLayout {
  const blocks = artifact.entry === null ? plainBlocks(artifact) : listedBlocks(artifact, artifact.entry)
  const firstByHash = new Map<string, number>()
  const firstOf = Uint32Array.from(blocks, ({ sha256 }, block) => {
    if (sha256 === null) return block
    const first = firstByHash.get(sha256)
    if (first === undefined) firstByHash.set(sha256, block)
    return first ?? block
  })
  const twins = new Map<number, number[]>()
  firstOf.forEach((first, block) => {
    if (first === block) return
    const group = twins.get(first) ?? [first]
    group.push(block)
    twins.set(first, group)
  })
  return {
    sha256: artifact.sha256,
    sizeBytes: artifact.sizeBytes,
    encoding: artifact.entry?.encoding ?? 'identity',
    blocks,
    firstOf,
    twins,
  }
}

function listedBlocks(artifact: WantedArtifact, entry: ArtifactEntry): BlockPlace[] {
  if (entry.sha256 !== artifact.sha256 || entry.sizeBytes !== artifact.sizeBytes || !isConsistentArtifact(entry)) {
    throw new Problem('bundle.invalid', `The block list of artifact ${artifact.sha256} does not add up to its ${artifact.sizeBytes} bytes.`)
  }
  const bytesOf = new Map<string, number>()
  let start = 0
  return entry.blocks.map(([bytes, sha256]) => {
    if ((bytesOf.get(sha256) ?? bytes) !== bytes) {
      throw new Problem('bundle.invalid', `Artifact ${artifact.sha256} lists blocks of one hash and two sizes.`)
    }
    bytesOf.set(sha256, bytes)
    start += bytes
    return { start: start - bytes, bytes, sha256 }
  })
}

function plainBlocks({ sha256, sizeBytes }: WantedArtifact): BlockPlace[] {
  const count = Math.ceil(sizeBytes / PLAIN_BLOCK_BYTES)
  if (!Number.isSafeInteger(sizeBytes) || count < 1 || count > MAX_BLOCKS) {
    throw new Problem('bundle.invalid', `Artifact ${sha256} cannot have ${sizeBytes} bytes.`)
  }
  return Array.from({ length: count }, (_, block) => {
    const start = block * PLAIN_BLOCK_BYTES
    return { start, bytes: Math.min(PLAIN_BLOCK_BYTES, sizeBytes - start), sha256: null }
  })
}
