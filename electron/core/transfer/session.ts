import { type Ask, Member, SILENT_AFTER_MS } from './member.ts'

/** The longest that a session waits for the first requests of all devices that are expected. */
export const GATHER_MS = 1_500

/** Devices that lost their connection may come back to the same transfer for so long after the last of them left. */
export const LINGER_MS = 30_000

/** What to do next: publish a block (once shared, or to each named device), or nothing before `until` (monotonic ms; null: until asked). */
export type Step = { do: 'send'; block: number; devices: string[]; shared: boolean } | { do: 'wait'; until: number | null }

/**
 * Decides which block of one artifact goes next, to whom. Pure: it knows time only as an argument and publishes nothing.
 *
 * INVARIANTS
 * 1. A block goes out only because a device misses it and it is not already under way to that device in its present round.
 * 2. Blocks go in ring order, so devices that join late share one further pass over what they missed.
 * 3. While a device that is not stalled misses the next block and has no credit, nothing goes: the slowest sets the pace.
 * 4. A stalled device is served of its own accord only when no other device has anything due.
 * 5. Waiting for the others is bounded by time since the last block, not by connections: cuts in quick succession never stop a transfer.
 */
export class Session {
  readonly #members = new Map<string, Member>()
  /** Devices that left before they had everything, with the blocks they missed then. */
  readonly #departed = new Map<string, number>()
  readonly #done = new Set<string>()
  readonly #blocks: number
  #gatherUntil: number | null
  #hasSentSinceGather = false
  /** Since when nobody is connected who misses something; null: somebody is. */
  #emptySince: number | null = null
  #cursor = 0
  #sequence = 0
  /** Devices that are expected to want this artifact, as last told. */
  audience: number

  /** @param blocks number of blocks @param audience devices that are expected to ask @param now monotonic ms */
  constructor(blocks: number, audience: number, now: number) {
    this.#blocks = blocks
    this.audience = audience
    this.#gatherUntil = now + GATHER_MS
  }

  /** Takes in what a device misses. One that misses nothing is done. */
  ask(device: string, ask: Ask, now: number): void {
    const member = this.#members.get(device) ?? new Member(device, ask, now)
    if (this.#members.has(device)) member.hear(ask, now)
    this.#members.delete(device)
    this.#departed.delete(device)
    this.#done.delete(device)
    if (member.missing.count > 0) this.#members.set(device, member)
    else this.#done.add(device)
    this.#emptySince = this.#members.size > 0 ? null : (this.#emptySince ?? now)
  }

  /** The device lost its connection; it may come back. When the last one leaves, they are waited for together once more. */
  leave(device: string, now: number): void {
    const member = this.#members.get(device)
    if (member === undefined) return
    this.#members.delete(device)
    this.#departed.set(device, member.missing.count)
    if (this.#members.size > 0) return
    this.#emptySince = now
    if (!this.#hasSentSinceGather) return
    this.#hasSentSinceGather = false
    this.#gatherUntil = now + GATHER_MS
  }

  /** The device may no longer fetch. */
  dismiss(device: string, now: number): void {
    this.leave(device, now)
    this.#departed.delete(device)
  }

  /** True if nobody misses anything, or those who do have been away for `LINGER_MS`. */
  isOver(now: number): boolean {
    return this.#members.size === 0 && (this.#departed.size === 0 || this.#emptySince === null || now - this.#emptySince >= LINGER_MS)
  }

  /** Devices that miss something, apart by whether anything still arrives there. */
  receivers(now: number): { moving: string[]; stalled: string[] } {
    const of = (stalled: boolean): string[] =>
      [...this.#members.values()].filter((member) => member.isStalled(now) === stalled).map((member) => member.device)
    return { moving: of(false), stalled: of(true) }
  }

  /**
   * The next step, and the state after it: a block to send counts as under way.
   * @param mayShare false: publish to each moving device of its own, never to all
   */
  next(now: number, mayShare: boolean): Step {
    for (const member of this.#members.values()) {
      if (now - member.heardAt >= SILENT_AFTER_MS) this.leave(member.device, now)
      else member.expire(now)
    }
    if (this.#members.size === 0) return { do: 'wait', until: this.#emptySince === null ? null : this.#emptySince + LINGER_MS }
    if (this.#isGathering(now)) return { do: 'wait', until: this.#gatherUntil }
    const due = [...this.#members.values()].filter((member) => member.due.count > 0)
    const moving = due.filter((member) => !member.isStalled(now))
    const served = moving.length > 0 ? moving : due.filter((member) => member.hasCredit)
    const block = this.#nearest(served)
    const takers = block < 0 ? [] : due.filter((member) => member.due.has(block))
    if (block < 0 || takers.some((member) => !member.hasCredit && !member.isStalled(now)))
      return { do: 'wait', until: this.#nextChange(now) }
    return this.#send({ block, takers: mayShare ? takers : takers.filter((member) => served.includes(member)), mayShare }, now)
  }

  /** Every device that took part, with what it misses. */
  devices(): { device: string; missingBlocks: number; done: boolean }[] {
    return [
      ...[...this.#members.values()].map(({ device, missing }) => ({ device, missingBlocks: missing.count, done: false })),
      ...[...this.#departed].map(([device, missingBlocks]) => ({ device, missingBlocks, done: false })),
      ...[...this.#done].map((device) => ({ device, missingBlocks: 0, done: true })),
    ]
  }

  #send(what: { block: number; takers: Member[]; mayShare: boolean }, now: number): Step {
    const shared = what.mayShare && (what.takers.length > 1 || this.#isSomebodyAbsent)
    this.#sequence += 1
    this.#hasSentSinceGather = true
    for (const member of what.takers) member.send(what.block, this.#sequence, now)
    this.#cursor = (what.block + 1) % this.#blocks
    return { do: 'send', block: what.block, devices: what.takers.map((member) => member.device), shared }
  }

  /** True if devices are expected that have not asked, or not since their connection was lost. */
  get #isSomebodyAbsent(): boolean {
    return this.#departed.size > 0 || this.#members.size + this.#done.size < this.audience
  }

  #isGathering(now: number): boolean {
    if (this.#gatherUntil !== null && (now >= this.#gatherUntil || !this.#isSomebodyAbsent)) this.#gatherUntil = null
    return this.#gatherUntil !== null
  }

  /** The first block at or after the cursor, around the ring, that is due for one of `members`; -1: none. */
  #nearest(members: readonly Member[]): number {
    let ahead = -1
    let wrapped = -1
    for (const { due } of members) {
      if (due.has(this.#cursor)) return this.#cursor
      const next = due.next(this.#cursor)
      if (next >= 0) ahead = ahead < 0 ? next : Math.min(ahead, next)
      else if (ahead < 0) {
        const first = due.next(0)
        if (first >= 0) wrapped = wrapped < 0 ? first : Math.min(wrapped, first)
      }
    }
    return ahead >= 0 ? ahead : wrapped
  }

  #nextChange(now: number): number | null {
    let next: number | null = null
    for (const member of this.#members.values()) {
      const at = member.nextChange(now)
      if (at !== null && (next === null || at < next)) next = at
    }
    return next
  }
}
