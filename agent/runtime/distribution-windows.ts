import type { Clock } from '../../shared/domain/clock.ts'
import type { Tensor } from '../../shared/inference/tensor.ts'
import type { PackedCounts } from '../../shared/protocol/telemetry.ts'
import { addDistribution, packDistribution, type Distribution } from '../../shared/stats/reference/distribution.ts'
import { ClosedWindows } from './closed-windows.ts'
import { DistributionCounter, type CountedBundle } from './distribution-counter.ts'
import type { MaskRules } from './masking/field-masks.ts'
import type { UnspooledRecord } from './messages.ts'
import type { Result } from './prediction-cache.ts'
import type { Subject } from './window.ts'

/** A bundle as the windows know it; what is counted for one of these never mixes with another. */
export interface CountedSubject extends CountedBundle {
  subject: Subject
}

interface ClosedDistribution {
  subject: Subject
  startedAt: number
  endedAt: number
  omitted: number
  counted: Distribution
}

/** Windows that the spool refused: each may take 300 KiB, so they merge sooner than those of traffic. */
const MAX_WAITING = 24
/** Bytes of JSON of the features in one record: with everything else it fits into a batch, whose limit is 128 KiB. */
const MAX_FEATURE_BYTES = 112 * 1024

/** How counting is set up. */
export interface DistributionRules {
  /** Length of the windows; 0: nothing is counted. */
  seconds: number
  masks: MaskRules
}

/**
 * Counts values per bundle in windows aligned to UTC multiples of their length. What is counted after the end of a window belongs to the next.
 *
 * INVARIANTS
 * 1. Every counted row is in exactly one of: an open counter, a closed window that waits or is handed out, the spool.
 * 2. A window without rows is never handed out.
 */
export class DistributionWindows {
  readonly #clock: Clock
  readonly #counters = new Map<CountedSubject, DistributionCounter>()
  readonly #closed: ClosedWindows<ClosedDistribution>
  #rules: DistributionRules
  #startedAt = 0
  #endsAt = 0

  constructor(clock: Clock, rules: DistributionRules) {
    this.#clock = clock
    this.#rules = rules
    this.#closed = new ClosedWindows(clock, {
      kind: 'distribution',
      keyOf: ({ subject, counted }) => `${subject.deployment}\n${subject.digest}\n${keysOf(counted)}`,
      bodiesOf,
      merge: (into, from) => addDistribution(into.counted, from.counted),
      most: MAX_WAITING,
    })
    this.#align()
  }

  /**
   * Counts an answered request.
   * @param at.now epoch ms, device clock
   * @param at.isAsked whether the answer is wanted
   * @returns true if a value is outside range or fences of the reference, or a category that training never had
   */
  count(of: CountedSubject, inputs: readonly Tensor[], result: Result, at: { now: number; isAsked: boolean }): boolean {
    if (this.#rules.seconds === 0) return false
    if (at.now >= this.#endsAt || at.now < this.#startedAt) this.#roll()
    let counter = this.#counters.get(of)
    if (counter === undefined) {
      counter = new DistributionCounter(of, this.#rules.masks)
      this.#counters.set(of, counter)
    }
    const before = at.isAsked ? counter.strange() : 0
    counter.count(inputs, result)
    return at.isAsked && counter.strange() > before
  }

  /** Hands out what is closed and not spooled, oldest first; the open windows only if they have ended. */
  takeClosed(): UnspooledRecord[] {
    const now = this.#clock.now()
    if (now >= this.#endsAt || now < this.#startedAt) this.#roll()
    return this.#closed.handOut()
  }

  /** Closes the open windows before their end and hands out everything. */
  takeAll(): UnspooledRecord[] {
    this.#roll()
    return this.#closed.handOut()
  }

  /** The spool has these records for good. */
  stored(records: readonly UnspooledRecord[]): void {
    this.#closed.stored(records)
  }

  /** The spool refused these records: they are handed out again. */
  refused(records: readonly UnspooledRecord[]): void {
    this.#closed.refused(records)
  }

  /** Changes length and masks; the open windows end now, and what is masked from now on is counted so. */
  setRules(rules: DistributionRules): void {
    const isSame = rules.seconds === this.#rules.seconds && JSON.stringify(rules.masks) === JSON.stringify(this.#rules.masks)
    if (isSame) return
    this.#roll()
    this.#counters.clear()
    this.#rules = rules
    this.#align()
  }

  #roll(): void {
    for (const [{ subject }, counter] of this.#counters) {
      if (counter.rows === 0) continue
      const { omitted } = counter
      this.#closed.add({ subject, startedAt: this.#startedAt, endedAt: this.#endsAt, omitted, counted: counter.take() })
    }
    this.#align()
  }

  #align(): void {
    const lengthMs = this.#rules.seconds * 1000
    this.#startedAt = lengthMs === 0 ? 0 : Math.max(0, Math.floor(this.#clock.now() / lengthMs) * lengthMs)
    this.#endsAt = lengthMs === 0 ? Number.POSITIVE_INFINITY : this.#startedAt + lengthMs
  }
}

/** What was counted against other references never merges; after a change of masks there are fewer features. */
function keysOf({ features, outcome, confidence, estimate }: Distribution): string {
  const named = [...features].map(([name, { key }]) => [name, key])
  return JSON.stringify([named, outcome?.key ?? null, confidence?.key ?? null, estimate === null])
}

/**
 * The records of a window: one, or more where so many features do not fit into a batch. The first has all that is no feature, also the rows,
 * so that everything of all of them adds up to the window.
 */
function bodiesOf({ subject, startedAt, endedAt, omitted, counted }: ClosedDistribution): object[] {
  const { features, ...rest } = packDistribution(counted)
  const head = { ...subject, startedAt, endedAt }
  const [first = [], ...more] = pages(features)
  return [
    { ...head, ...rest, every: 1, features: first, omitted },
    ...more.map((page) => ({
      ...{ ...head, rows: 0, every: 1, features: page, omitted },
      ...{ outcome: null, confidence: null, estimate: null },
    })),
  ]
}

function pages(features: readonly PackedCounts[]): PackedCounts[][] {
  const all: PackedCounts[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const feature of features) {
    const size = Buffer.byteLength(JSON.stringify(feature)) + 1
    if (bytes + size > MAX_FEATURE_BYTES) {
      all.push([])
      bytes = 0
    }
    all.at(-1)!.push(feature)
    bytes += size
  }
  return all
}
