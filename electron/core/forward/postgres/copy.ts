import type { Client } from 'pg'
import { copiedTables, type CopiedTable } from '../../../../shared/domain/forward.ts'
import { Problem } from '../../../../shared/domain/problem.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import type { ForwardRow, Place } from '../../store/fleet/forwards.ts'
import type { CopyReader } from '../../store/telemetry/copies.ts'
import { writeBatch, type CopyBatch } from './write.ts'

/** Records of one table that travel in one transaction. */
export const PAGE = 1000

/** The places of a copy that begins: everything that is there now is its backfill. */
export function firstPlaces(copies: CopyReader): Record<CopiedTable, Place> {
  return Object.fromEntries(copiedTables.map((table) => [table, beginning(copies, table)])) as Record<CopiedTable, Place>
}

function beginning(copies: CopyReader, table: CopiedTable): Place {
  const oldest = copies.next(table, 0)
  return { at: 0, record: null, sent: 0, from: oldest === null ? 0 : oldest.place - 1, until: copies.newest(table) }
}

interface CopyParts {
  store: FleetStore
  copies: CopyReader
  fleet(): string
  now(): number
}

/**
 * Copies the next page of every table, if it is still set as it was when the connection was made: written to PostgreSQL first, and noted here when that is committed. A cut in between sends the page
 * once more, and PostgreSQL keeps each record once.
 * @returns whether there is more, and whether anything is otherwise than before
 * @throws errors of PostgreSQL; Problem of the store
 */
export async function copyRound(
  parts: CopyParts,
  client: Client,
  { forward, setAt }: Pick<ForwardRow, 'forward' | 'setAt'>,
): Promise<{ isMore: boolean; hasMoved: boolean }> {
  const { store, copies, now } = parts
  const row = store.forwards.find(forward)
  if (row === null || row.setAt !== setAt || row.state !== 'running' || row.settings.kind !== 'postgres')
    return { isMore: false, hasMoved: false }
  const restored = store.settings.get('restored')?.id ?? null
  const places = { ...row.places }
  const batch: CopyBatch = {}
  let isMore = false
  for (const table of copiedTables) {
    const place = standing(copies, table, places[table], row.restored !== restored)
    const page = copies.page(table, place.at, PAGE)
    isMore ||= page.rows.length === PAGE
    places[table] = page.rows.length === 0 ? place : { ...place, at: page.place, record: page.record, sent: place.sent + page.rows.length }
    if (page.rows.length > 0) batch[table] = page.rows
  }
  const isOther = JSON.stringify(places) !== JSON.stringify(row.places) || row.restored !== restored
  if (Object.keys(batch).length > 0) {
    const { refused } = await writeBatch(client, { schema: row.settings.schema, fleet: parts.fleet() }, batch)
    for (const table of copiedTables) {
      const place = places[table]!
      if (refused[table] > 0) places[table] = { ...place, refused: (place.refused ?? 0) + refused[table] }
    }
  }
  // Also a round without records asks the database, so that "nothing waits" is not said of one that is gone.
  else await client.query('SELECT 1')
  const hasSent = Object.keys(batch).length > 0
  const hasMoved = isOther || row.problem !== null
  if (hasMoved) store.transact(() => keep(store, row, { places, restored, lastAt: hasSent ? now() : row.lastAt }))
  return { isMore, hasMoved }
}

/** A person may have taken it away, or begun it anew, while the page was on its way. */
function keep(store: FleetStore, row: ForwardRow, made: Pick<ForwardRow, 'places' | 'restored' | 'lastAt'>): void {
  const current = store.forwards.find(row.forward)
  if (current === null || current.setAt !== row.setAt) return
  store.forwards.setPlaces(row.forward, made.places, made.restored)
  store.forwards.noteSent(row.forward, made.lastAt)
}

/** The place if the store is still the one that it was read in; else from the beginning: what is there already stays as it is. */
function standing(copies: CopyReader, table: CopiedTable, place: Place | undefined, wasRestored: boolean): Place {
  const first = beginning(copies, table)
  if (place === undefined) return first
  const isStill = !wasRestored && (place.at === 0 || (place.record !== null && copies.isStill(table, place.at, place.record)))
  if (!isStill) return { ...place, ...first, sent: place.sent }
  // Retention does not wait for a copy that was paused, or whose database was away: what it took is said.
  const gap = first.from - Math.max(place.at, place.from)
  return gap > 0 ? { ...place, from: first.from, missed: (place.missed ?? 0) + gap } : place
}

/** @throws Problem `forward.refused` if the password cannot be opened here */
export function requireOpen(row: ForwardRow): void {
  if (row.isShut)
    throw new Problem('forward.refused', 'Its password was sealed by a desktop whose key is not here. Give the password again.')
}
