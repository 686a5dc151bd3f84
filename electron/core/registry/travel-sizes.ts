import { artifactsOf, type ArtifactEntry, type Manifest } from '../../../shared/domain/bundle.ts'
import type { WriteDb } from '../store/open.ts'
import { blockReader } from '../transfer/block-reader.ts'
import { layoutOfEntry } from '../transfer/layout.ts'

/** Artifacts whose sizes are kept in memory; those of a large model are some thousand numbers. */
const KEPT = 512

export type TravelSizes = ReturnType<typeof openTravelSizes>

/** What blocks weigh on the wire. Compressed ones are measured when they are cut, or later, where a version was imported before that was done. */
export function openTravelSizes({ db, artifactDirectory }: { db: WriteDb; artifactDirectory: string }) {
  const find = db.prepare<[string], { sizes: string }>('SELECT sizes FROM travel_size WHERE artifact = ?')
  const put = db.prepare('INSERT OR REPLACE INTO travel_size (artifact, sizes) VALUES (?, ?)')
  const kept = new Map<string, readonly number[] | null>()

  function sizesOf({ sha256, encoding }: ArtifactEntry): readonly number[] | null {
    if (encoding === 'identity') return null
    const known = kept.get(sha256)
    if (known !== undefined) return known
    const row = find.get(sha256)
    const sizes = row === undefined ? null : (JSON.parse(row.sizes) as number[])
    if (kept.size >= KEPT) kept.clear()
    kept.set(sha256, sizes)
    return sizes
  }
  const note = (artifact: string, sizes: readonly number[]): void => {
    put.run(artifact, JSON.stringify(sizes))
    kept.delete(artifact)
  }
  return {
    note,

    /** The blocks of a bundle by hash with their bytes on the wire, its manifest among them; what was never measured counts with its bytes on the disk. */
    blocksOf(manifest: Manifest, of: { digest: string; manifestBytes: number }): Map<string, number> {
      const blocks = artifactsOf(manifest).flatMap(({ entry }) => {
        const sizes = sizesOf(entry)
        return entry.blocks.map(([bytes, sha256], block) => [sha256 as string, sizes?.[block] ?? bytes] as const)
      })
      return new Map([[of.digest, of.manifestBytes], ...blocks])
    },

    /** Measures what was never measured, one artifact after the other. @returns how many were */
    async measure(manifests: Iterable<Manifest>, signal: AbortSignal): Promise<number> {
      let measured = 0
      for (const manifest of manifests) {
        for (const { entry } of artifactsOf(manifest)) {
          if (signal.aborted) return measured
          if (entry.encoding === 'identity' || find.get(entry.sha256) !== undefined) continue
          const sizes = await measureOne(artifactDirectory, entry, signal)
          // Whoever ends this closes the database.
          if (sizes === null || signal.aborted) continue
          note(entry.sha256, sizes)
          measured += 1
        }
      }
      return measured
    },
  }
}

/** null: it was cut off, or the artifact cannot be read, which the transfer of it tells of. */
async function measureOne(directory: string, entry: ArtifactEntry, signal: AbortSignal): Promise<number[] | null> {
  const reader = blockReader(directory, layoutOfEntry(entry))
  try {
    const sizes: number[] = []
    for (const block of entry.blocks.keys()) {
      if (signal.aborted) return null
      sizes.push((await reader.read(block)).length)
    }
    return sizes
  } catch {
    // The forecast stays with the bytes on the disk.
    return null
  } finally {
    await reader.close()
  }
}
