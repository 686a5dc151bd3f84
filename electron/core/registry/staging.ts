import type { ArtifactEntry } from '../../../shared/domain/bundle.ts'
import type { ArtifactStore, FileSource, StoredArtifact } from './artifact-store.ts'
import { chunkFile } from './chunk.ts'

/** Artifacts of one import, until it is known whether it comes to its end. */
export interface Staging {
  file(source: FileSource, onBytes?: (bytes: number) => void): Promise<StoredArtifact>
  bytes(bytes: Uint8Array): Promise<StoredArtifact>
  /** Brings bytes in and describes them as an entry of a manifest. */
  entryOfBytes(bytes: Uint8Array): Promise<ArtifactEntry>
  entryOf(sha256: string, onBytes?: (bytes: number) => void): Promise<ArtifactEntry>
  pathOf(sha256: string): string
  /** Compressed bytes of the blocks of each artifact that was described. */
  travel: ReadonlyMap<string, readonly number[]>
  /** Keeps what this import brought in. */
  settle(): void
  /** Takes out again what this import brought in, and nothing that was there before. */
  rollBack(): void
}

/** Only one import may stage at a time: another could rely on an artifact that a roll-back takes away. */
export function stageArtifacts(store: ArtifactStore, signal: AbortSignal): Staging {
  const brought: string[] = []
  const noted = (stored: StoredArtifact): StoredArtifact => {
    if (stored.isNew) brought.push(stored.sha256)
    return stored
  }
  const bytes = async (content: Uint8Array): Promise<StoredArtifact> => noted(await store.putBytes(content))
  const travel = new Map<string, number[]>()
  const entryOf: Staging['entryOf'] = async (sha256, onBytes) => {
    const sizes: number[] = []
    const entry = await chunkFile(store.pathOf(sha256), signal, { onBytes, onBlock: (bytes) => void sizes.push(bytes) })
    travel.set(sha256, sizes)
    return entry
  }
  return {
    file: async (source, onBytes) => noted(await store.putFile(source, signal, onBytes)),
    bytes,
    entryOf,
    entryOfBytes: async (content) => entryOf((await bytes(content)).sha256),
    pathOf: store.pathOf,
    travel,
    settle() {
      for (const sha256 of brought.splice(0)) store.settle(sha256)
    },
    rollBack() {
      for (const sha256 of brought.splice(0)) store.remove(sha256)
    },
  }
}
