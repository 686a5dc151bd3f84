import { randomUUID } from 'node:crypto'
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { copiedTables, type CopiedTable } from '../../../shared/domain/forward.ts'
import { messageOf, reportOf, type ProblemReport } from '../../../shared/domain/problem.ts'
import type { Log } from '../log.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { ForwardRow, Place } from '../store/fleet/forwards.ts'
import type { CopyReader } from '../store/telemetry/copies.ts'
import { sendEvent, shutOutcome, startEventDelivery, testEvent } from './events/deliver.ts'
import { endPlaces } from './events/enqueue.ts'
import { closePostgres, connectPostgres } from './postgres/connect.ts'
import { startCopier } from './postgres/copier.ts'
import { firstPlaces, requireOpen } from './postgres/copy.ts'

/** What waits for a copy. */
export interface CopyLag {
  tables: { table: CopiedTable; copied: number; refused: number; missed: number; waiting: number }[]
  /** Records at most that are not in PostgreSQL yet. */
  waiting: number
  /** When the oldest of them came; null: none waits. */
  waitingSince: number | null
  /** What was there when the copy was made, and how much of it is done; null: there was nothing. */
  backfill: { done: number; total: number } | null
}

/** Sends data out: events to webhooks, telemetry to PostgreSQL. */
export interface Forwarding {
  /** Something was set, paused, resumed or removed. */
  sync(): void
  /** The places of one that begins now. */
  beginning(settings: ForwardRow['settings']): Record<string, Place>
  /** Tries the way once, now. @returns null: it works */
  test(row: ForwardRow): Promise<ProblemReport | null>
  lag(row: ForwardRow): CopyLag
  stop(): Promise<void>
}

export interface ForwardingParts {
  store: FleetStore
  copies: CopyReader
  fleet(): string
  now(): number
  log: Log
  onChange(): void
  random(): number
  /** How long a copy that has everything waits before it looks again, ms. */
  idleMs?: number
}

/** Events that were settled are kept as long for people to look at. */
const KEPT_MS = 30 * 86_400_000
const PRUNE_MS = 3_600_000
/** Of a month there may be a million: the console answers people between two steps. */
const PRUNE_STEP = 500
/** One entry of the audit log is often followed by others. */
const SOON_MS = 200

/** Starts what is set and not paused. */
export function startForwarding(parts: ForwardingParts): Forwarding {
  const { store, copies } = parts
  const events = startEventDelivery(parts)
  const copier = startCopier(parts)
  let soon: NodeJS.Timeout | null = null
  let stopped = false
  // Told within a transaction: what is read must wait for its end.
  store.audit.onAppended(() => {
    if (stopped) return
    soon ??= setTimeout(() => {
      soon = null
      events.kick()
    }, SOON_MS)
  })
  let pruned: Promise<void> = Promise.resolve()
  const pruning = setInterval(() => {
    pruned = pruneEvents(parts, () => stopped).catch((error: unknown) => {
      parts.log('error', 'settled events could not be removed', { reason: messageOf(error) })
    })
  }, PRUNE_MS)
  events.kick()
  return {
    sync() {
      copier.sync()
      events.kick()
    },
    beginning: ({ kind }) => (kind === 'webhook' ? endPlaces(parts) : firstPlaces(copies)),
    test: (row) => testForward(parts, row),
    lag: (row) => lagOf(copies, row),
    async stop() {
      stopped = true
      clearInterval(pruning)
      if (soon !== null) clearTimeout(soon)
      await Promise.all([events.stop(), copier.stop(), pruned])
    },
  }
}

/** Removes events that were settled long ago, step by step. */
export async function pruneEvents({ store, now }: Pick<ForwardingParts, 'store' | 'now'>, isEnded: () => boolean): Promise<void> {
  const before = now() - KEPT_MS
  while (!isEnded() && store.transact(() => store.forwardEvents.prune(before, PRUNE_STEP)) === PRUNE_STEP) await yieldToOthers()
}

async function testForward({ fleet, now }: ForwardingParts, row: ForwardRow): Promise<ProblemReport | null> {
  const { settings } = row
  if (settings.kind === 'webhook') {
    const outcome = row.isShut ? shutOutcome : await sendEvent(settings, testEvent(fleet(), randomUUID(), now()), now())
    return outcome.ok ? null : { code: outcome.code, message: outcome.message }
  }
  try {
    requireOpen(row)
    await closePostgres(await connectPostgres(settings))
    return null
  } catch (error) {
    return reportOf(error)
  }
}

function lagOf(copies: CopyReader, { places }: ForwardRow): CopyLag {
  const nothing: Place = { at: 0, record: null, sent: 0, from: 0, until: 0 }
  const looked = copiedTables.map((table) => {
    const place = places[table] ?? nothing
    const next = copies.next(table, place.at)
    // Places of records that were removed are counted too: the number is the most that it can be.
    const waiting = next === null ? 0 : copies.newest(table) - next.place + 1
    const total = Math.max(0, place.until - place.from)
    const done = Math.min(total, Math.max(0, place.at - place.from))
    const refused = place.refused ?? 0
    return {
      table,
      copied: place.sent - refused,
      refused,
      missed: place.missed ?? 0,
      waiting,
      since: next?.receivedAt ?? null,
      total,
      done: next === null ? total : done,
    }
  })
  const sinces = looked.flatMap(({ since }) => since ?? [])
  const sum = (of: 'waiting' | 'total' | 'done'): number => looked.reduce((all, one) => all + one[of], 0)
  return {
    tables: looked.map(({ table, copied, refused, missed, waiting }) => ({ table, copied, refused, missed, waiting })),
    waiting: sum('waiting'),
    waitingSince: sinces.length === 0 ? null : Math.min(...sinces),
    backfill: sum('total') === 0 ? null : { done: sum('done'), total: sum('total') },
  }
}
