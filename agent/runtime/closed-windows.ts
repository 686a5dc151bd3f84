import type { Clock } from '../../shared/domain/clock.ts'
import type { RecordKind } from '../../shared/protocol/telemetry.ts'
import type { UnspooledRecord } from './messages.ts'

/** What a closed window of any kind says of itself. */
interface Span {
  startedAt: number
  endedAt: number
}

/** How windows of one kind become records, and how two of them become one. */
export interface ClosedRules<Window extends Span> {
  kind: RecordKind
  /** Windows of equal keys speak of the same and merge. */
  keyOf(window: Window): string
  /** One body, or several where one record would not fit into a batch. */
  bodiesOf(window: Window): object[]
  /** Adds the counts of the second to the first. */
  merge(into: Window, from: Window): void
  /** So many wait at most; beyond it, neighbours of one key merge. */
  most: number
}

/**
 * Windows that are closed and not in the spool yet.
 *
 * INVARIANT: every window that was added is in exactly one of: waiting, handed out, stored, or merged into one that is.
 */
export class ClosedWindows<Window extends Span> {
  readonly #clock: Clock
  readonly #rules: ClosedRules<Window>
  /** Of a moment ago, or refused by the spool. */
  #waiting: Window[] = []
  /** By the first of its records: the parts of a window are stored, or refused, together. */
  readonly #handedOut = new Map<UnspooledRecord, Window>()

  constructor(clock: Clock, rules: ClosedRules<Window>) {
    this.#clock = clock
    this.#rules = rules
  }

  add(window: Window): void {
    this.#waiting.push(window)
  }

  /** Makes records of all that wait, oldest first. */
  handOut(): UnspooledRecord[] {
    const { kind, bodiesOf } = this.#rules
    const records = this.#waiting.flatMap((window) => {
      const parts = bodiesOf(window).map((body): UnspooledRecord => ({ kind, measuredAt: this.#clock.now(), body }))
      this.#handedOut.set(parts[0]!, window)
      return parts
    })
    this.#waiting = []
    return records
  }

  /** The spool has these records for good. */
  stored(records: readonly UnspooledRecord[]): void {
    for (const record of records) this.#handedOut.delete(record)
  }

  /** The spool refused these records, all parts of each window: they are handed out again. */
  refused(records: readonly UnspooledRecord[]): void {
    const { keyOf, most } = this.#rules
    const waiting = new Map(this.#waiting.map((window) => [`${keyOf(window)}\n${window.startedAt}`, window]))
    for (const record of records) {
      const window = this.#handedOut.get(record)
      if (window === undefined) continue
      this.#handedOut.delete(record)
      const key = `${keyOf(window)}\n${window.startedAt}`
      const same = waiting.get(key)
      if (same === undefined) waiting.set(key, window)
      else this.#merge(same, window)
    }
    this.#waiting = [...waiting.values()].sort((a, b) => a.startedAt - b.startedAt)
    if (this.#waiting.length > most) this.#waiting = this.#thinned()
  }

  /** Halves the list by merging each window with the next one of its key: resolution goes, counts stay. */
  #thinned(): Window[] {
    const kept: Window[] = []
    const open = new Map<string, Window>()
    for (const window of this.#waiting) {
      const key = this.#rules.keyOf(window)
      const before = open.get(key)
      if (before === undefined) {
        open.set(key, window)
        kept.push(window)
      } else {
        this.#merge(before, window)
        open.delete(key)
      }
    }
    return kept
  }

  #merge(into: Window, from: Window): void {
    into.startedAt = Math.min(into.startedAt, from.startedAt)
    into.endedAt = Math.max(into.endedAt, from.endedAt)
    this.#rules.merge(into, from)
  }
}
