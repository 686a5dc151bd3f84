import type { Clock } from '../../../shared/domain/clock.ts'
import type { TransferSnapshot } from '../hub/messages.ts'
import { type BlockReader, blockReader } from './block-reader.ts'
import { blockCount, type BlockLayout } from './layout.ts'
import type { Ask } from './member.ts'
import { Session } from './session.ts'

/** One artifact on its way to devices: the plan, the file that it is read from, and what was published. */
export class Transfer {
  readonly layout: BlockLayout
  readonly session: Session
  readonly #reader: BlockReader
  readonly #clock: Clock
  readonly #audience: (bundle: string) => number
  readonly #bundles = new Set<string>()
  readonly #published = { bytes: 0, blocks: 0, shared: 0 }
  readonly #startedAt: number

  constructor(from: { layout: BlockLayout; directory: string; audience: (bundle: string) => number; clock: Clock }) {
    this.layout = from.layout
    this.session = new Session(blockCount(from.layout), 1, from.clock.monotonic())
    this.#reader = blockReader(from.directory, from.layout)
    this.#clock = from.clock
    this.#audience = from.audience
    this.#startedAt = from.clock.now()
  }

  /** A device of a bundle asks; several bundles may have the artifact in common. */
  ask(bundle: string, device: string, ask: Ask): void {
    this.#bundles.add(bundle)
    this.session.audience = [...this.#bundles].reduce((sum, digest) => sum + this.#audience(digest), 0)
    this.session.ask(device, ask, this.#clock.monotonic())
  }

  /** The payload of a block; errors as of `BlockReader.read`. */
  read(block: number): Promise<Uint8Array> {
    return this.#reader.read(block)
  }

  /** Counts one publish. */
  countPublished(bytes: number, shared: boolean): void {
    this.#published.bytes += bytes
    this.#published.blocks += 1
    if (shared) this.#published.shared += 1
  }

  /** @param endedAt epoch ms; null: it is under way */
  snapshot(endedAt: number | null): TransferSnapshot {
    return {
      artifact: this.layout.artifact,
      sizeBytes: this.layout.sizeBytes,
      blocks: blockCount(this.layout),
      publishedBytes: this.#published.bytes,
      publishedBlocks: this.#published.blocks,
      sharedBlocks: this.#published.shared,
      startedAt: this.#startedAt,
      endedAt,
      devices: this.session.devices(),
    }
  }

  close(): Promise<void> {
    return this.#reader.close()
  }
}
