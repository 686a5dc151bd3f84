import type { Clock } from '../../shared/domain/clock.ts'
import type { DistributionWindows } from './distribution-windows.ts'
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
  distributions: DistributionWindows
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
    const { windows, distributions, sampler, shadows } = this.#sources
    const isDue = windows.dueInMs() === 0
    if (isDue || this.#clock.monotonic() >= this.#retryAt) {
      const samples = isDue ? [...sampler.take(), ...shadows.sampler.take()] : []
      const closed = { windows: windows.takeClosed(), distributions: distributions.takeClosed(), shadows: shadows.windows.takeClosed() }
      void this.#send({ ...closed, samples })
    }
    this.#timer = setTimeout(() => this.start(), Math.max(1, Math.min(1000, windows.dueInMs())))
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  /** Closes everything and hands it out. @returns what the spool refused */
  async finish(): Promise<UnspooledRecord[]> {
    this.stop()
    const { windows, distributions, sampler, shadows } = this.#sources
    const samples = [...sampler.take(), ...shadows.sampler.take()]
    const all = { windows: windows.takeAll(), distributions: distributions.takeAll(), shadows: shadows.windows.takeAll() }
    const refused = await this.#send({ ...all, samples })
    return [...windows.takeAll(), ...distributions.takeAll(), ...shadows.windows.takeAll(), ...refused]
  }

  /** @returns samples that the spool refused; windows go back to where they were counted */
  async #send(records: Record<'windows' | 'distributions' | 'shadows' | 'samples', UnspooledRecord[]>): Promise<UnspooledRecord[]> {
    const { windows, distributions, shadows } = this.#sources
    const [windowProblem, distributionProblem, shadowProblem, sampleProblem] = await Promise.all([
      this.#outbox.send(records.windows),
      this.#outbox.send(records.distributions),
      this.#outbox.send(records.shadows),
      this.#outbox.send(records.samples),
    ])
    if (windowProblem === null) windows.stored(records.windows)
    else windows.refused(records.windows)
    if (distributionProblem === null) distributions.stored(records.distributions)
    else distributions.refused(records.distributions)
    if (shadowProblem !== null) shadows.windows.refused(records.shadows)
    if ([windowProblem, distributionProblem, shadowProblem].some((problem) => problem !== null))
      this.#retryAt = this.#clock.monotonic() + RETRY_MS
    return sampleProblem === null ? [] : records.samples
  }
}
