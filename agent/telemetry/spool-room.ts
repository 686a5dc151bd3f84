import type { DistributionBody, DropBody, WindowBody } from '../../shared/protocol/telemetry.ts'
import { mergeDistributions, readDistribution } from './merge-distributions.ts'
import { mergeWindows, readWindow } from './merge-windows.ts'
import { checksumOf, type NewRow, type SpoolRow, type SpoolRows } from './spool-rows.ts'

/** Who writes the records that tell of a drop. */
export interface RoomStamp {
  boot: string
  measuredAt: number
  monotonicMs: number
}

/** Kinds that may go when the spool is full, the least missed first. Windows merge before one is dropped; events and drops never go. */
const dropOrder = ['sample', 'resources', 'shadow', 'distribution', 'window', 'labels', 'ledger'] as const

/** How records of a kind become one. */
interface Merger<Body> {
  read(body: string): Body | null
  merge(a: Body, b: Body): Body | null
}
const mergers: { distribution: Merger<DistributionBody>; window: Merger<WindowBody> } = {
  distribution: { read: readDistribution, merge: mergeDistributions },
  window: { read: readWindow, merge: mergeWindows },
}
/** Rows looked at in one go. */
const PAGE = 64

/** Removed records of one cause. */
interface Removed {
  seqs: number[]
  bytes: number
}

/**
 * Frees at least `bytesToFree`, if what may go suffices: samples first, then use of resources, what shadows saw, then distributions and
 * windows (merged with others of their subject, then dropped), then labels, then the ledger; the oldest first. Each act leaves one drop record with the
 * range. Call it in a transaction.
 * @param sent highest number that was ever sent: a record that may lie on the console is never merged, it would count twice
 */
export function makeRoom(rows: SpoolRows, stamp: RoomStamp, bytesToFree: number, sent: number): void {
  let left = bytesToFree
  for (const kind of dropOrder) {
    if (left > 0 && kind === 'window') left -= mergeOld(rows, stamp, left, { kind, merger: mergers.window, sent })
    if (left > 0 && kind === 'distribution') left -= mergeOld(rows, stamp, left, { kind, merger: mergers.distribution, sent })
    if (left <= 0) return
    const removed = removeOldest(rows, kind, left)
    declareDrop(rows, stamp, removed.seqs, { reason: 'spool-full' })
    left -= removed.bytes
  }
}

function removeOldest(rows: SpoolRows, kind: string, bytesToFree: number): Removed {
  const removed: Removed = { seqs: [], bytes: 0 }
  while (removed.bytes < bytesToFree) {
    const page = rows.ofKind(kind, 0, PAGE)
    if (page.length === 0) break
    for (const row of page) {
      if (removed.bytes >= bytesToFree) break
      rows.remove(row.seq)
      removed.seqs.push(row.seq)
      removed.bytes += row.bytes
    }
  }
  return removed
}

/** What is merged: records of one kind that were never sent. */
interface Mergeable<Body> {
  kind: string
  merger: Merger<Body>
  sent: number
}

/** Merges the oldest unsent records, page by page, until enough is free. @returns bytes freed */
function mergeOld<Body>(rows: SpoolRows, stamp: RoomStamp, bytesToFree: number, of: Mergeable<Body>): number {
  let freed = 0
  let after = of.sent
  // What this call merged gets new numbers beyond `end`: it is not merged again in the same call.
  const end = rows.highestSeq()
  while (freed < bytesToFree) {
    const page = rows.ofKind(of.kind, after, PAGE).filter((row) => row.seq <= end)
    if (page.length === 0) break
    after = page.at(-1)!.seq
    freed += mergePage(rows, stamp, page, of)
  }
  return freed
}

function mergePage<Body>(rows: SpoolRows, stamp: RoomStamp, page: readonly SpoolRow[], { kind, merger }: Mergeable<Body>): number {
  let freed = 0
  for (const { body, sources } of groupsOf(page, merger)) {
    if (sources.length < 2) continue
    const last = sources.at(-1)!
    const merged: NewRow = {
      kind,
      boot: last.boot,
      measured_at: last.measured_at,
      monotonic_ms: last.monotonic_ms,
      body: JSON.stringify(body),
    }
    const added = rows.insert(merged)
    for (const source of sources) freed += rows.remove(source.seq) * source.bytes
    freed -= added.bytes
    declareDrop(
      rows,
      stamp,
      sources.map((source) => source.seq),
      { reason: 'spool-full', mergedInto: added.seq },
    )
  }
  return freed
}

/** Rows of a page with what they are together; damaged ones are left to the reader of the spool. */
function groupsOf<Body>(page: readonly SpoolRow[], { read, merge }: Merger<Body>): { body: Body; sources: SpoolRow[] }[] {
  const groups: { body: Body; sources: SpoolRow[] }[] = []
  for (const row of page) {
    const body = checksumOf(row) === row.crc ? read(row.body) : null
    if (body === null) continue
    const isTaken = groups.some((group) => {
      const merged = merge(group.body, body)
      if (merged === null) return false
      group.body = merged
      group.sources.push(row)
      return true
    })
    if (!isTaken) groups.push({ body, sources: [row] })
  }
  return groups
}

/** Why numbers will never come; `mergedInto`: the record that holds their content, if it lives on. */
export interface DropCause {
  reason: DropBody['reason']
  mergedInto?: number
}

/** Writes the record that says which numbers will never come. */
export function declareDrop(rows: SpoolRows, stamp: RoomStamp, seqs: readonly number[], cause: DropCause): void {
  const first = seqs[0]
  if (first === undefined) return
  // A loop, not a spread: a hundred thousand numbers are too many arguments.
  const range = seqs.reduce((seen, seq) => ({ from: Math.min(seen.from, seq), through: Math.max(seen.through, seq) }), {
    from: first,
    through: first,
  })
  const body: DropBody = { ...range, records: seqs.length, ...cause }
  rows.insert({
    kind: 'drop',
    boot: stamp.boot,
    measured_at: stamp.measuredAt,
    monotonic_ms: stamp.monotonicMs,
    body: JSON.stringify(body),
  })
}

/** A clock that stands before 2024 was never set: what it stamped has no age. */
const SET_CLOCK = Date.UTC(2024, 0, 1)
/** How often at most a page of old records is looked for in one call. */
const EXPIRY_PAGES = 16

/**
 * Drops what is older than `maxAgeMs`, events excepted. Age within this boot is monotonic; of earlier boots it is wall time, where
 * that clock was set. Call it in a transaction. @returns how many records went
 */
export function dropExpired(rows: SpoolRows, stamp: RoomStamp, maxAgeMs: number): number {
  const expired: number[] = []
  let after = 0
  for (let page = 0; page < EXPIRY_PAGES; page += 1) {
    const batch = rows.after(after, PAGE)
    const old = batch.filter((row) => isExpired(row, stamp, maxAgeMs))
    for (const row of old) {
      if (row.kind === 'event' || row.kind === 'drop') continue
      rows.remove(row.seq)
      expired.push(row.seq)
    }
    const last = batch.at(-1)
    // Records lie in order of time: a page with young ones ends the search.
    if (last === undefined || old.length < batch.length) break
    after = last.seq
  }
  declareDrop(rows, stamp, expired, { reason: 'expired' })
  return expired.length
}

function isExpired(row: SpoolRow, stamp: RoomStamp, maxAgeMs: number): boolean {
  if (row.boot === stamp.boot) return stamp.monotonicMs - row.monotonic_ms > maxAgeMs
  return row.measured_at >= SET_CLOCK && stamp.measuredAt - row.measured_at > maxAgeMs
}
