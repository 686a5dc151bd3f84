import type { Clock } from '../../shared/domain/clock.ts'
import { artifactsOf, bundleSizeBytes } from '../../shared/domain/bundle.ts'
import { Problem } from '../../shared/domain/problem.ts'
import type { BundleReference } from '../../shared/protocol/assignment.ts'
import type { BlockWire } from '../artifact/block-wire.ts'
import type { WantedArtifact } from '../artifact/layout.ts'
import { fetchArtifact, type FetchProgress } from '../artifact/receive.ts'
import type { ArtifactStore } from '../artifact/store.ts'
import type { Bundles } from './bundles.ts'
import type { JournalState } from './journal.ts'
import type { BundleContent } from './steps.ts'

/** What a fetch works with. */
export interface FetchParts {
  fleet: string
  device: string
  wire: BlockWire
  store: ArtifactStore
  bundles: Bundles
  clock: Clock
  /** Asks the trust metadata before the first byte; left out: the signature of the bundle alone decides. */
  requireBundle?(digest: string, sizeBytes: number): Promise<void>
}

/** Without a block for so long the next wanted bundle gets its turn; what arrived is kept. */
const STALLED_MS = 120_000

/** What a fetch brought. */
export interface FetchedBundle {
  bytesReceived: number
  bytesTotal: number
  elapsedMs: number
}

/**
 * Fetches the manifest of a bundle, verifies it against the order, then fetches its artifacts.
 * @throws Problem `bundle.*`, `transfer.*`, `store.*`, `console.unreachable` after two silent minutes, `cancelled`
 */
export async function fetchBundle(
  parts: FetchParts,
  wanted: { content: BundleContent; reference: BundleReference; state: JournalState },
  onProgress: (progress: FetchProgress) => void,
  signal: AbortSignal,
): Promise<FetchedBundle> {
  const { bundles, clock } = parts
  const { content, reference, state } = wanted
  const startedAt = clock.monotonic()
  const total = { blocksHave: 0, blocksTotal: 0, bytesReceived: 0 }
  const digest = content.digest
  const fetchOne = async (artifact: WantedArtifact): Promise<void> => {
    let now: FetchProgress = { blocksHave: 0, blocksTotal: 0, bytesReceived: 0 }
    const watch = watchStall(signal)
    try {
      const { fleet, device, wire, store } = parts
      await fetchArtifact({
        fleet,
        device,
        wire,
        store,
        clock,
        artifact,
        reuse: bundles.reusable(state),
        signal: watch.signal,
        onProgress(progress) {
          if (progress.blocksHave > now.blocksHave) watch.moved()
          now = progress
          onProgress({
            blocksHave: total.blocksHave + now.blocksHave,
            blocksTotal: Math.max(total.blocksTotal, total.blocksHave + now.blocksTotal),
            bytesReceived: total.bytesReceived + now.bytesReceived,
          })
        },
      })
    } catch (error) {
      if (watch.isStalled())
        throw new Problem('console.unreachable', `No block of ${content.model} ${content.version} arrived for ${STALLED_MS / 1000} s.`, {
          cause: error,
        })
      throw error
    } finally {
      watch.stop()
    }
    total.bytesReceived += now.bytesReceived
  }

  await parts.requireBundle?.(digest, reference.sizeBytes)
  await fetchOne({ sha256: digest, sizeBytes: reference.sizeBytes, manifest: null, entry: null })
  // Again: the metadata may have begun to decide while the manifest travelled.
  await parts.requireBundle?.(digest, reference.sizeBytes)
  const manifest = bundles.verify(content, reference)
  const entries = artifactsOf(manifest).map(({ entry }) => entry)
  total.blocksTotal = entries.reduce((sum, { blocks }) => sum + blocks.length, 0)
  for (const entry of entries) {
    await fetchOne({ sha256: entry.sha256, sizeBytes: entry.sizeBytes, manifest: digest, entry })
    total.blocksHave += entry.blocks.length
  }
  return { bytesReceived: total.bytesReceived, bytesTotal: bundleSizeBytes(manifest), elapsedMs: clock.monotonic() - startedAt }
}

/** A signal that also fires when nothing moved for too long. */
function watchStall(outer: AbortSignal): { signal: AbortSignal; moved(): void; isStalled(): boolean; stop(): void } {
  const stalled = new AbortController()
  const timer = setTimeout(() => stalled.abort(), STALLED_MS)
  return {
    signal: AbortSignal.any([outer, stalled.signal]),
    moved: () => timer.refresh(),
    isStalled: () => stalled.signal.aborted && !outer.aborted,
    stop: () => clearTimeout(timer),
  }
}
