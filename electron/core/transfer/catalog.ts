import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { artifactsOf, isConsistentArtifact, manifest as manifestSchema } from '../../../shared/domain/bundle.ts'
import { decodeMessage } from '../../../shared/protocol/decode.ts'
import { type BlockLayout, layoutOfEntry, plainLayout } from './layout.ts'

/** What the console's artifact store offers to devices, as its manifests say. */
export interface Catalog {
  /** True if `artifact` is one of the bundles' manifests or is listed in one of them. */
  mayFetch(bundles: readonly string[], artifact: string): boolean
  /** The blocks of an artifact of exactly `sizeBytes` in a manifest (null: it is a manifest); `null` if there is no such thing here. */
  entry(manifest: string | null, artifact: string, sizeBytes: number): BlockLayout | null
}

/** The same cap that an assignment puts on the size of a manifest. */
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024
/** Manifests kept parsed: bounded by count and by the blocks that they list (40 bytes each here). */
const CACHED_MANIFESTS = 256
const CACHED_BLOCKS = 1_000_000

const digestPattern = /^[0-9a-f]{64}$/

interface Listed {
  layouts: ReadonlyMap<string, BlockLayout>
  blocks: number
}

/**
 * Opens the content-addressed store `<artifactDirectory>/<sha256>` for reading manifests. They are read once, checked against
 * their digest and kept in a bounded cache; a file that is missing or is no sound manifest offers nothing.
 */
export function openCatalog(artifactDirectory: string): Catalog {
  const cache = new Map<string, Listed>()
  let cachedBlocks = 0

  function listed(digest: string): Listed | null {
    const known = cache.get(digest)
    if (known !== undefined) {
      cache.delete(digest)
      cache.set(digest, known)
      return known
    }
    const read = readManifest(artifactDirectory, digest)
    if (read === null) return null
    cache.set(digest, read)
    cachedBlocks += read.blocks
    for (const [oldest, entry] of cache) {
      if (oldest === digest || (cache.size <= CACHED_MANIFESTS && cachedBlocks <= CACHED_BLOCKS)) break
      cache.delete(oldest)
      cachedBlocks -= entry.blocks
    }
    return read
  }

  return {
    mayFetch: (bundles, artifact) => bundles.includes(artifact) || bundles.some((digest) => listed(digest)?.layouts.has(artifact) ?? false),
    entry(manifest, artifact, sizeBytes) {
      const layout = manifest === null ? manifestLayout(artifactDirectory, artifact) : (listed(manifest)?.layouts.get(artifact) ?? null)
      return layout?.sizeBytes === sizeBytes ? layout : null
    },
  }
}

function manifestLayout(directory: string, digest: string): BlockLayout | null {
  const sizeBytes = manifestSize(directory, digest)
  return sizeBytes === null ? null : plainLayout(digest, sizeBytes)
}

function manifestSize(directory: string, digest: string): number | null {
  if (!digestPattern.test(digest)) return null
  const stat = statSync(join(directory, digest), { throwIfNoEntry: false })
  return stat !== undefined && stat.isFile() && stat.size > 0 && stat.size <= MAX_MANIFEST_BYTES ? stat.size : null
}

function readManifest(directory: string, digest: string): Listed | null {
  if (manifestSize(directory, digest) === null) return null
  try {
    const bytes = readFileSync(join(directory, digest))
    if (createHash('sha256').update(bytes).digest('hex') !== digest) return null
    const entries = artifactsOf(decodeMessage(manifestSchema, bytes.toString('utf8'), `manifest ${digest}`)).map(({ entry }) => entry)
    if (!entries.every(isConsistentArtifact)) return null
    return {
      layouts: new Map(entries.map((entry) => [entry.sha256, layoutOfEntry(entry)])),
      blocks: entries.reduce((sum, entry) => sum + entry.blocks.length, 0),
    }
  } catch {
    // Unreadable or no manifest: it offers nothing, and whoever asks for it is refused by name.
    return null
  }
}
