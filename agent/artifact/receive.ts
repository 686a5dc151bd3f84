import type { Clock } from '../../shared/domain/clock.ts'
import type { BundleDigest, DeviceId, Sha256 } from '../../shared/domain/ids.ts'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import { BlockSet } from '../../shared/protocol/bitmap.ts'
import type { BlockWantMessage } from '../../shared/protocol/block.ts'
import { isDiskFull, storeProblem } from '../../shared/store/sqlite-rules.ts'
import { startAsking, WINDOW } from './asking.ts'
import { decodeBlock } from './block-check.ts'
import type { BlockWire } from './block-wire.ts'
import { layoutOf, type WantedArtifact } from './layout.ts'
import type { PartialFile } from './partial-file.ts'
import { reuseBlocks, type Reusable } from './reuse.ts'
import type { ArtifactStore } from './store.ts'

export interface FetchProgress {
  blocksHave: number
  blocksTotal: number
  /** Bytes that the wire brought for this artifact since the fetch began, as they travelled. */
  bytesReceived: number
}

export interface FetchOptions {
  wire: BlockWire
  store: ArtifactStore
  fleet: string
  device: string
  artifact: WantedArtifact
  /** Artifacts on the device: blocks that they share are copied, verified by hash, and never asked for. */
  reuse: readonly Reusable[]
  signal: AbortSignal
  clock: Clock
  onProgress(progress: FetchProgress): void
}

/** Wrong blocks of one artifact that are dropped and asked for again; one more ends the fetch. */
const MAX_BAD_BLOCKS = 16
/** Whole files of plain pieces that may be wrong. */
const MAX_BAD_FILES = 3

/**
 * Fetches an artifact and puts it into the store. It outlasts disconnects for any time; what arrived is kept over a restart.
 * @returns the path of the verified artifact
 * @throws Problem `cancelled` (the signal; what arrived is kept), `transfer.no-space` (before the first byte, or the disk filled up;
 * what arrived is given up then, because telemetry cannot be fetched again), `transfer.corrupt` (wrong bytes again and again; the
 * partial file is removed), `bundle.invalid` (the block list contradicts itself)
 */
export async function fetchArtifact(options: FetchOptions): Promise<string> {
  const { store, artifact, signal } = options
  const layout = layoutOf(artifact)
  throwIfCancelled(options)
  if (store.has(artifact.sha256)) return store.path(artifact.sha256)
  const partial = await store.openPartial(layout)
  try {
    await reuseBlocks(partial, options.reuse, signal)
    for (let badFiles = 0; badFiles < MAX_BAD_FILES; badFiles += 1) {
      await receiveMissing(options, partial)
      throwIfCancelled(options)
      if ((await partial.digest()) === artifact.sha256) return await store.adopt(partial)
      partial.reset()
    }
    throw new Problem(
      'transfer.corrupt',
      `Artifact ${artifact.sha256} arrived ${MAX_BAD_FILES} times with other bytes than its hash names.`,
    )
  } catch (error) {
    const problem = problemOf(error, artifact.sha256)
    if (problem instanceof Problem && (problem.code === 'transfer.corrupt' || problem.code === 'transfer.no-space')) await partial.discard()
    throw problem
  } finally {
    await partial.close()
  }
}

/**
 * Takes blocks from the wire until none is missing.
 *
 * INVARIANTS
 * 1. Blocks are checked and written one after the other, in the order of arrival.
 * 2. At most two windows of blocks wait in memory; more are dropped, and asked for again like any lost block.
 * 3. However it ends, the handlers are off, the timer is cleared and the bitmap on disk is up to date.
 */
async function receiveMissing(options: FetchOptions, partial: PartialFile): Promise<void> {
  const { wire, artifact, signal } = options
  const arrived = new Map<number, Uint8Array>()
  const progress = progressOf(options, partial)
  progress.tell()
  if (partial.missing.count === 0) return
  let wake = (): void => undefined
  const offBlock = wire.onBlock((sha256, block, payload) => {
    if (sha256 !== artifact.sha256 || !Number.isInteger(block)) return
    progress.count(payload.length)
    if (partial.missing.has(block) && !arrived.has(block) && arrived.size < 2 * WINDOW) arrived.set(block, payload)
    wake()
  })
  const cancel = (): void => wake()
  signal.addEventListener('abort', cancel)
  const asking = startAsking({
    wire,
    artifact: artifact.sha256,
    missing: () => askable(partial),
    message: (missing, round) => wantMessage(options, missing, round),
  })
  try {
    let badBlocks = 0
    let unsaved = 0
    while (partial.missing.count > 0) {
      throwIfCancelled(options)
      const [next] = arrived
      if (next === undefined) {
        // Nothing can arrive between the look at the map and this promise: both are in one turn of the event loop.
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      const [block, payload] = next
      const bytes = await decodeBlock(partial.layout, partial.layout.blocks[block]!, payload)
      if (bytes === null) {
        arrived.delete(block)
        badBlocks += 1
        if (badBlocks > MAX_BAD_BLOCKS)
          throw new Problem('transfer.corrupt', `${badBlocks} blocks of artifact ${artifact.sha256} arrived damaged.`)
        continue
      }
      await partial.write(block, bytes)
      arrived.delete(block)
      asking.received()
      progress.tell()
      unsaved += 1
      if (unsaved % (WINDOW / 4) === 0) await partial.save()
    }
  } finally {
    offBlock()
    signal.removeEventListener('abort', cancel)
    asking.stop()
    await partial.save().catch(() => undefined)
  }
}

/** What is missing, but of equal blocks only the first: the others are filled from it. */
function askable(partial: PartialFile): BlockSet {
  if (partial.layout.twins.size === 0) return partial.missing
  const set = partial.missing.clone()
  for (const group of partial.layout.twins.values()) {
    for (const block of group.slice(group.findIndex((twin) => partial.missing.has(twin)) + 1)) set.delete(block)
  }
  return set
}

function wantMessage({ artifact, device, clock }: FetchOptions, missing: BlockSet, round: string): BlockWantMessage {
  return {
    v: 1,
    sentAt: clock.now(),
    // Ids of this device come from its own configuration and from verified orders, checked there.
    device: device as DeviceId,
    artifact: artifact.sha256 as Sha256,
    sizeBytes: artifact.sizeBytes,
    manifest: artifact.manifest as BundleDigest | null,
    round,
    blocks: missing.size,
    missing: Buffer.from(missing.bytes).toString('base64'),
    window: WINDOW,
  }
}

function progressOf(options: FetchOptions, partial: PartialFile): { tell(): void; count(bytes: number): void } {
  let bytesReceived = 0
  const blocksTotal = partial.layout.blocks.length
  return {
    tell: () => options.onProgress({ blocksHave: blocksTotal - partial.missing.count, blocksTotal, bytesReceived }),
    count: (bytes) => {
      bytesReceived += bytes
    },
  }
}

function throwIfCancelled({ signal, artifact }: FetchOptions): void {
  if (signal.aborted) throw new Problem('cancelled', `The fetch of artifact ${artifact.sha256} was stopped; what arrived is kept.`)
}

function problemOf(error: unknown, sha256: string): unknown {
  if (isDiskFull(error))
    return new Problem('transfer.no-space', `The disk filled up while artifact ${sha256} arrived: ${messageOf(error)}`, { cause: error })
  return storeProblem(error, `artifact ${sha256}`)
}
