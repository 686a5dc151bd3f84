import type { Clock } from '../../shared/domain/clock.ts'
import type { UnspooledRecord } from './messages.ts'
import type { RecordOutbox } from './record-outbox.ts'
import type { Sampler } from './sampler.ts'
import type { ShadowWindows } from './shadow-window.ts'
import type { Windows } from './window.ts'

/** Windows that the spool refused are offered again after so long, ms: a full disk does not empty at once. */
const RETRY_MS = 5000

/** Where the records of a generation come from. */
export interface RecordSources {
  windows: Windows
  sampler: Sampler
  shadows: { windows: ShadowWindows; sampler: Sampler }
}

/** Hands closed windows and their samples to the spool, when they are due. */
export class RecordFlow {
  readonly #clock: Clock
  readonly #outbox: RecordOutbox
  readonly #sources: RecordSources
  #timer: NodeJS.Timeout | undefined
  #retryAt = 0

  constructor(clock: Clock, outbox: RecordOutbox, sources: RecordSources) {
    this.#clock = clock
    this.#outbox = outbox
    this.#sources = sources
  }

  /** Looks now, and again when a window ends. */
  start(): void {
    const { windows, sampler, shadows } = this.#sources
    const isDue = windows.dueInMs() === 0
    if (isDue || this.#clock.monotonic() >= this.#retryAt) {
      const samples = isDue ? [...sampler.take(), ...shadows.sampler.take()] : []
      void this.#send({ windows: windows.takeClosed(), shadows: shadows.windows.takeClosed(), samples })
    }
    this.#timer = setTimeout(() => this.start(), Math.max(1, Math.min(1000, windows.dueInMs())))
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  /** Closes everything and hands it out. @returns what the spool refused */
  async finish(): Promise<UnspooledRecord[]> {
    this.stop()
    const { windows, sampler, shadows } = this.#sources
    const samples = [...sampler.take(), ...shadows.sampler.take()]
    const refused = await this.#send({ windows: windows.takeAll(), shadows: shadows.windows.takeAll(), samples })
    return [...windows.takeAll(), ...shadows.windows.takeAll(), ...refused]
  }

  /** @returns samples that the spool refused; windows go back to where they were counted */
  async #send(records: Record<'windows' | 'shadows' | 'samples', UnspooledRecord[]>): Promise<UnspooledRecord[]> {
    const { windows, shadows } = this.#sources
    const [windowProblem, shadowProblem, sampleProblem] = await Promise.all([
      this.#outbox.send(records.windows),
      this.#outbox.send(records.shadows),
      this.#outbox.send(records.samples),
    ])
    if (windowProblem === null) windows.stored(records.windows)
    else windows.refused(records.windows)
    if (shadowProblem !== null) shadows.windows.refused(records.shadows)
    if (windowProblem !== null || shadowProblem !== null) this.#retryAt = this.#clock.monotonic() + RETRY_MS
    return sampleProblem === null ? [] : records.samples
  }
}
