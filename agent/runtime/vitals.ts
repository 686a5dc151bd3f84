import type { ProblemCode } from '../../shared/domain/problems.ts'
import type { Vital } from './messages.ts'

/** Bins per doubling of the time, and the time of the first bin, ms: within 2.2 %, as the watch compares medians by a factor. */
const PER_OCTAVE = 16
const FIRST_MS = 2 ** -12
/** From 0.2 microseconds to over an hour. */
const BINS = 36 * PER_OCTAVE

/** Failures that a bundle has to answer for: its model, its pipeline, or the time that it takes. */
const ownFailures: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'inference.failed',
  'inference.deadline-exceeded',
  'bundle.invalid',
  'bundle.step-unknown',
  'bundle.pipeline-invalid',
  'internal',
])

/** Counts what one bundle did since its generation started. */
export class VitalCounter {
  #inferences = 0
  #failed = 0
  #notFinite = 0
  readonly #runs = new Uint32Array(BINS)
  #timed = 0

  /** A request that the model answered. */
  answered(runMs: number, isFinite: boolean): void {
    this.#inferences += 1
    if (!isFinite) this.#notFinite += 1
    const bin = Math.round(Math.log2(runMs / FIRST_MS) * PER_OCTAVE)
    this.#runs[Math.min(BINS - 1, Math.max(0, bin))]! += 1
    this.#timed += 1
  }

  /** A request that was not answered; only what the bundle has to answer for is counted. */
  failed(code: ProblemCode): void {
    if (!ownFailures.has(code)) return
    this.#inferences += 1
    this.#failed += 1
  }

  /** The state as a heartbeat carries it. */
  state(of: { deployment: string; digest: string }): Vital {
    return {
      deployment: of.deployment,
      digest: of.digest,
      inferences: this.#inferences,
      failed: this.#failed,
      notFinite: this.#notFinite,
      medianMs: this.#median(),
    }
  }

  #median(): number | null {
    if (this.#timed === 0) return null
    let left = Math.floor((this.#timed - 1) / 2)
    const bin = this.#runs.findIndex((count) => (left -= count) < 0)
    return FIRST_MS * 2 ** (bin / PER_OCTAVE)
  }
}
