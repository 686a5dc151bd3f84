import type { ArtifactEntry } from '../../../../shared/domain/bundle.ts'
import { entryOf, randomBytes, seeded } from './sample-artifact.ts'

/** The artifact that both the killed process and its test know: 600 blocks. */
export function killedArtifact(): { bytes: Uint8Array; entry: ArtifactEntry } {
  const bytes = randomBytes(600 * 2_000, seeded(5))
  return { bytes, entry: entryOf(bytes, [2_000]) }
}
