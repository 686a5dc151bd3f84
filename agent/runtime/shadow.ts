import type { RowOutcome } from '../../shared/inference/outcome.ts'
import { compute, type Runner } from './compute.ts'
import { strictest } from './masking/field-masks.ts'
import type { Masks } from './masking/masks.ts'
import type { Place } from './places.ts'
import type { Seen } from './predictor.ts'
import type { Result } from './prediction-cache.ts'
import type { RunLane } from './run-lane.ts'
import { lowestConfidence, type Sampler } from './sampler.ts'
import type { Served } from './served.ts'
import { countDifference, countPair, type ShadowCounts, type ShadowWindows } from './shadow-window.ts'
import type { Windows } from './window.ts'

/** Requests that wait for a shadow, and bytes of their inputs; the oldest is skipped first. */
const MAX_QUEUE = 8
const MAX_QUEUE_BYTES = 8 * 1024 * 1024
/** CPU time that a shadow may save up, ms of its share: a rare request of a slow model must be possible. */
const SAVED_MS = 2000
/** Rows of one disagreement that its sample tells. */
const MAX_SAMPLE_ROWS = 64

interface ShadowParts {
  monotonic(): number
  lane: Pick<RunLane, 'isIdle' | 'onceIdle'>
  windows: Windows
  shadows: ShadowWindows
  /** Of the disagreements. */
  sampler: Sampler
  /** Runs models, each request alone. */
  runner: Runner
  maxRows: number
  masks: Masks
}

interface Offer {
  place: Place
  shadow: Served
  active: Served
  seen: Seen
  bytes: number
}

/**
 * Lets shadows see what the active bundles have answered, after the answers have left.
 *
 * INVARIANTS
 * 1. Every offered request is counted once as skipped, failed or tried.
 * 2. At most one run is going on, and it begins only while the lane is idle: who waits for an answer goes first.
 * 3. Nothing that a shadow does or throws reaches an answer.
 */
export class ShadowRunner {
  readonly #parts: ShadowParts
  readonly #queue: Offer[] = []
  readonly #budgets = new Map<Served, { savedMs: number; at: number }>()
  #queuedBytes = 0
  #isScheduled = false
  #isRunning = false

  constructor(parts: ShadowParts) {
    this.#parts = parts
  }

  /** Offers what the active bundle of a place has just answered. */
  offer(place: Place, active: Served, seen: Seen): void {
    const shadow = place.beside
    if (shadow === null || shadow.role.kind !== 'shadow' || active !== place.active) return
    const counts = this.#parts.shadows.of(shadow.subject, active.subject)
    counts.offered += 1
    const bytes = seen.inputs.reduce((sum, { data }) => sum + (Array.isArray(data) ? data.length * 64 : data.byteLength), 0)
    if (shadow.model === null || bytes > MAX_QUEUE_BYTES || this.#savedMs(shadow) <= 0) {
      counts.skipped += 1
      return
    }
    this.#queue.push({ place, shadow, active, seen, bytes })
    this.#queuedBytes += bytes
    while (this.#queue.length > MAX_QUEUE || this.#queuedBytes > MAX_QUEUE_BYTES) this.#skipOldest()
    this.#schedule()
  }

  /** Skips what waits: the generation ends. */
  stop(): void {
    while (this.#queue.length > 0) this.#skipOldest()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isRunning) return
    this.#isScheduled = true
    // The loop turns first: the answer leaves, and a request that has come is read.
    setImmediate(() => {
      this.#isScheduled = false
      if (this.#queue.length === 0) return
      if (!this.#parts.lane.isIdle) return this.#parts.lane.onceIdle(() => this.#schedule())
      void this.#runNext()
    })
  }

  async #runNext(): Promise<void> {
    const offer = this.#queue.shift()
    if (offer === undefined) return
    this.#queuedBytes -= offer.bytes
    const { shadow, active } = offer
    // A share that was spent, or a role that was changed, since it was offered.
    if (shadow.role.kind !== 'shadow' || this.#savedMs(shadow) <= 0) {
      this.#parts.shadows.of(shadow.subject, active.subject).skipped += 1
      return this.#schedule()
    }
    this.#isRunning = true
    const startedAt = this.#parts.monotonic()
    try {
      const passage = { startedAt, until: startedAt + shadow.serving.deadlineMs, findings: new Map<string, number>(), claim: () => true }
      const { result, runMs } = await compute(shadow, offer.seen.inputs, { passage, ...this.#parts })
      shadow.vital.answered(runMs, result.isFinite)
      this.#compare(offer, result, runMs)
    } catch {
      // Its reason is its own; only that it failed matters beside an active bundle.
      shadow.vital.failed('inference.failed')
      this.#parts.shadows.of(shadow.subject, active.subject).failed += 1
    } finally {
      const spentMs = this.#parts.monotonic() - startedAt
      const budget = this.#budgets.get(shadow)
      if (budget !== undefined) budget.savedMs -= spentMs
      this.#parts.shadows.of(shadow.subject, active.subject).cpuMs += spentMs
      this.#isRunning = false
      if (this.#queue.length > 0) this.#schedule()
    }
  }

  #compare({ shadow, active, seen }: Offer, result: Result, runMs: number): void {
    const counts = this.#parts.shadows.of(shadow.subject, active.subject)
    counts.latency.add(runMs)
    if (seen.aloneMs !== null) counts.activeLatency.add(seen.aloneMs)
    if (!result.isFinite) counts.notFinite += 1
    const said = result.outcomes ?? []
    const answered = seen.result.outcomes ?? []
    const rows = Math.min(said.length, answered.length)
    let agreed = 0
    for (let row = 0; row < rows; row += 1) {
      if (compareRow(counts, answered[row]!, said[row]!, shadow)) agreed += 1
      else this.#countPair(counts, { active, shadow, answered: answered[row]!, said: said[row]! })
    }
    counts.compared += rows
    counts.agreed += agreed
    if (agreed < rows) this.#sample(shadow, active, { seen, said })
  }

  /** Classes that differ are told by name, unless the outcome is masked. */
  #countPair(counts: ShadowCounts, of: { active: Served; shadow: Served; answered: RowOutcome; said: RowOutcome }): void {
    const { active, shadow, answered, said } = of
    if (answered.kind !== 'class' || said.kind !== 'class') return
    const { masks } = this.#parts
    const mask = strictest([active, shadow].map(({ deployment }) => masks.of(deployment.manifest).outcome))
    const [first, second] = [answered.label, said.label].map((label) => (mask === null ? label : masks.value('outcome', mask, label)))
    if (typeof first === 'string' && typeof second === 'string') countPair(counts, first, second)
  }

  #sample(shadow: Served, active: Served, { seen, said }: { seen: Seen; said: readonly RowOutcome[] }): void {
    const { sampler, windows } = this.#parts
    if (shadow.role.kind !== 'shadow' || shadow.role.samplesPerWindow === 0) return
    sampler.setRates({ random: shadow.role.samplesPerWindow, lowConfidence: 0, lowConfidenceBelow: 0, outlier: 0 })
    const outcomes = said.slice(0, MAX_SAMPLE_ROWS).map((row) => (row.kind === 'value' ? row.value : row.label))
    const candidate = {
      id: seen.recordId(),
      predictedAt: seen.predictedAt,
      manifest: active.deployment.manifest,
      confidence: lowestConfidence(seen.result.outcomes),
      isOutlier: false,
      inputs: seen.inputs,
      about: seen.about,
      outputs: seen.result.outputs,
      other: { digest: shadow.subject.digest, version: shadow.subject.version, outcomes },
    }
    if (!sampler.offer(active.subject, candidate)) windows.countTooLarge(active.subject)
  }

  #skipOldest(): void {
    const oldest = this.#queue.shift()
    if (oldest === undefined) return
    this.#queuedBytes -= oldest.bytes
    this.#parts.shadows.of(oldest.shadow.subject, oldest.active.subject).skipped += 1
  }

  /** A bucket that fills with the share of one core and is emptied by what runs take. */
  #savedMs(shadow: Served): number {
    if (shadow.role.kind !== 'shadow') return 0
    const now = this.#parts.monotonic()
    const most = SAVED_MS * shadow.role.cpuShare
    const budget = this.#budgets.get(shadow) ?? { savedMs: most, at: now }
    budget.savedMs = Math.min(most, budget.savedMs + (now - budget.at) * shadow.role.cpuShare)
    budget.at = now
    this.#budgets.set(shadow, budget)
    return budget.savedMs
  }
}

/** @returns whether both say the same of a row */
function compareRow(counts: ShadowCounts, active: RowOutcome, shadow: RowOutcome, { tolerance }: Served): boolean {
  if (active.kind === 'class' && shadow.kind === 'class') return active.label === shadow.label
  if (active.kind !== 'value' || shadow.kind !== 'value') return false
  const difference = Math.abs(active.value - shadow.value)
  countDifference(counts, difference)
  return difference <= tolerance.absolute + tolerance.relative * Math.abs(active.value)
}
