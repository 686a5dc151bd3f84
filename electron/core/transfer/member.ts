import type { BlockSet } from '../../../shared/protocol/bitmap.ts'

/** What a device asked for, decoded and checked against the layout. */
export interface Ask {
  round: string
  window: number
  missing: BlockSet
}

interface Flight {
  sentAt: number
  /** Position in the session's order of publishing. */
  sequence: number
}

/** A device without progress for so long no longer holds the others back. */
export const STALLED_AFTER_MS = 3_000
/** What is in flight counts as lost after so long without progress; more on links that proved slower. */
export const TIMEOUT_MS = 10_000
const MAX_TIMEOUT_MS = 120_000
/** A device asks at least every 30 s while it misses something; one that is silent for this long is gone. */
export const SILENT_AFTER_MS = 150_000
/** A block is lost when one published so much later has arrived; less could be mere reordering. */
const REORDERED = 16
/** Rounds that ended are remembered, so that a late copy of an old request changes nothing. */
const REMEMBERED_ROUNDS = 8

/**
 * What the console knows of one device in one transfer: what it misses, what is under way to it, and how much more it takes.
 *
 * INVARIANTS
 * 1. `due` and the flights are disjoint, and together they are exactly `missing`.
 * 2. Within a round `missing` only shrinks; a new round replaces it and empties the flights.
 * 3. A block leaves the flights only because it arrived, a new round began, or it was found lost.
 */
export class Member {
  readonly device: string
  missing: BlockSet
  /** Missing and not under way. */
  due: BlockSet
  /** Monotonic ms of the last request. */
  heardAt: number
  readonly #flights = new Map<number, Flight>()
  #round: string
  #retired: string[] = []
  #window: number
  /** Blocks that may be in flight now: the window, less after losses. */
  #allowed: number
  #progressAt: number
  /** Since when something is under way without any progress; null: nothing is. */
  #waitingSince: number | null = null
  #timeoutMs = TIMEOUT_MS

  constructor(device: string, ask: Ask, now: number) {
    this.device = device
    this.missing = ask.missing.clone()
    this.due = ask.missing.clone()
    this.heardAt = now
    this.#round = ask.round
    this.#window = ask.window
    this.#allowed = ask.window
    this.#progressAt = now
  }

  /** Takes in a further request; a late copy from an ended round is ignored. */
  hear(ask: Ask, now: number): void {
    this.heardAt = now
    if (this.#retired.includes(ask.round)) return
    this.#window = ask.window
    if (ask.round === this.#round) this.#acknowledge(ask.missing, now)
    else this.#restart(ask, now)
    this.#allowed = Math.min(this.#allowed, this.#window)
  }

  /** True if the device takes another block now. */
  get hasCredit(): boolean {
    return this.#flights.size < this.#allowed
  }

  /** True if blocks are under way and nothing has arrived for `STALLED_AFTER_MS`. */
  isStalled(now: number): boolean {
    return this.#waitingSince !== null && now - this.#waitingSince >= STALLED_AFTER_MS
  }

  /** Marks a due block as under way. */
  send(block: number, sequence: number, now: number): void {
    if (!this.due.delete(block)) return
    this.#flights.set(block, { sentAt: now, sequence })
    this.#waitingSince ??= now
  }

  /** Gives blocks that timed out back to `due`, and sends less at once from then on. */
  expire(now: number): void {
    let lost = 0
    for (const [block, flight] of this.#flights) {
      if (now - Math.max(flight.sentAt, this.#progressAt) < this.#timeoutMs) break
      this.#lose(block)
      lost += 1
    }
    if (lost === 0) return
    this.#allowed = Math.max(1, this.#allowed >> 1)
    this.#timeoutMs = Math.min(MAX_TIMEOUT_MS, this.#timeoutMs * 2)
  }

  /** Monotonic ms of the next moment at which time alone changes something here; null: none. */
  nextChange(now: number): number | null {
    const [oldest] = this.#flights.values()
    const times = [this.heardAt + SILENT_AFTER_MS]
    if (oldest !== undefined) times.push(Math.max(oldest.sentAt, this.#progressAt) + this.#timeoutMs)
    if (this.#waitingSince !== null && !this.isStalled(now)) times.push(this.#waitingSince + STALLED_AFTER_MS)
    return Math.min(...times)
  }

  #restart(ask: Ask, now: number): void {
    this.#retired = [...this.#retired, this.#round].slice(-REMEMBERED_ROUNDS)
    this.#round = ask.round
    this.missing = ask.missing.clone()
    this.due = ask.missing.clone()
    this.#flights.clear()
    this.#allowed = ask.window
    this.#progressAt = now
    this.#waitingSince = null
  }

  #acknowledge(missing: BlockSet, now: number): void {
    let arrived = 0
    let newest = -1
    for (const block of cleared(this.missing, missing)) {
      newest = Math.max(newest, this.#flights.get(block)?.sequence ?? -1)
      this.missing.delete(block)
      this.due.delete(block)
      this.#flights.delete(block)
      arrived += 1
    }
    if (arrived === 0) return
    // On a link that needs long for a block, a timeout shorter than that would send everything twice.
    const neededMs = this.#waitingSince === null ? 0 : now - this.#waitingSince
    this.#timeoutMs = Math.min(MAX_TIMEOUT_MS, Math.max(TIMEOUT_MS, 2 * neededMs))
    this.#allowed = Math.min(this.#window, this.#allowed + arrived)
    this.#progressAt = now
    for (const [block, flight] of this.#flights) {
      if (flight.sequence + REORDERED >= newest) break
      this.#lose(block)
    }
    this.#waitingSince = this.#flights.size > 0 ? now : null
  }

  #lose(block: number): void {
    this.#flights.delete(block)
    this.due.add(block)
  }
}

/** The blocks of `before` that are not in `after`; both of one size. Byte by byte, because requests come often and sets are large. */
function cleared(before: BlockSet, after: BlockSet): number[] {
  const blocks: number[] = []
  for (let byte = 0; byte < before.bytes.length; byte += 1) {
    const gone = before.bytes[byte]! & ~after.bytes[byte]!
    for (let bit = 0; gone >> bit !== 0; bit += 1) if ((gone >> bit) & 1) blocks.push(byte * 8 + bit)
  }
  return blocks
}
