import type { Clock } from '../../../shared/domain/clock.ts'
import type { Refusal } from './messages.ts'

/** So many lines may come at once; one more each minute. Whoever tries all day long makes some 1,500 lines of it, not millions. */
const BURST = 64
const REFILL_MS = 60_000
/** The first of its kind is told at once, in batches; what repeats is told together when the span is over. */
const DELAY_MS = 100
const SPAN_MS = 600_000

/** What was refused, without how often. */
export type Refused = Pick<Refusal, 'client' | 'address' | 'reason'>

/** Counts what the broker refuses, for the audit log: every kind is told, and none can fill the log. */
export interface RefusalBook {
  note(refused: Refused): void
  /** Tells what is known now. */
  flush(): void
  stop(): void
}

/** Opens an empty book. @param send takes a batch; it must not throw */
export function openRefusalBook({ clock, send }: { clock: Clock; send(refusals: Refusal[]): void }): RefusalBook {
  const told = new Set<string>()
  let due: Refusal[] = []
  let repeated = new Map<string, Refusal>()
  let others: Refusal | null = null
  let tokens = BURST
  let refilledAt = clock.monotonic()
  let timer: NodeJS.Timeout | null = null
  let span: NodeJS.Timeout | null = null

  const takeToken = (): boolean => {
    const grown = Math.floor((clock.monotonic() - refilledAt) / REFILL_MS)
    refilledAt += grown * REFILL_MS
    tokens = Math.min(BURST, tokens + grown)
    if (tokens === 0) return false
    tokens -= 1
    return true
  }
  const tell = (): void => {
    timer = null
    const batch = due
    due = []
    if (batch.length > 0) send(batch)
  }
  const endSpan = (): void => {
    span = null
    for (const refusal of repeated.values()) {
      if (takeToken()) due.push(refusal)
      else others = added(others, { ...refusal, ...elsewhere })
    }
    if (others !== null) due.push(others)
    repeated = new Map()
    others = null
    told.clear()
    tell()
  }
  return {
    note({ client, address, reason }) {
      const now = clock.now()
      const one: Refusal = {
        client: client?.slice(0, 128) ?? null,
        address,
        reason: reason.slice(0, 500),
        count: 1,
        firstAt: now,
        lastAt: now,
      }
      const key = JSON.stringify([one.client, one.address, one.reason])
      span ??= setTimeout(endSpan, SPAN_MS)
      if (told.has(key)) repeated.set(key, added(repeated.get(key) ?? null, one))
      else if (takeToken()) {
        told.add(key)
        due.push(one)
        timer ??= setTimeout(tell, DELAY_MS)
      } else others = added(others, { ...one, ...elsewhere })
    },
    flush() {
      if (timer !== null) clearTimeout(timer)
      if (span !== null) clearTimeout(span)
      endSpan()
    },
    stop() {
      if (timer !== null) clearTimeout(timer)
      if (span !== null) clearTimeout(span)
    },
  }
}

/** What stands for refusals that are not told one by one. */
const elsewhere = { client: null, address: '', reason: 'further refusals, of more kinds than are told one by one' } as const

function added(to: Refusal | null, one: Refusal): Refusal {
  return to === null ? one : { ...to, count: to.count + one.count, firstAt: Math.min(to.firstAt, one.firstAt), lastAt: one.lastAt }
}
