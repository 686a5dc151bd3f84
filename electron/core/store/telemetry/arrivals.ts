import type { ResourcesBody } from '../../../../shared/protocol/telemetry.ts'
import type { ReadDb } from '../open.ts'

/** An event with its place in the order of arrival. */
export interface ArrivedEvent {
  place: number
  device: string
  at: number
  name: string
  severity: string
  message: string
  detail: Record<string, string | number | boolean | null>
}

/** A reading of the machine of a device, with its place in the order of arrival. */
export interface ArrivedResources {
  place: number
  device: string
  at: number
  body: ResourcesBody
}

/** When anything of a device was last stored, console clock. */
export function lastArrivals(db: ReadDb): Map<string, number> {
  const rows = db.prepare<[], { device: string; at: number }>('SELECT device, max(last_received_at) AS at FROM spool GROUP BY device').all()
  return new Map(rows.map(({ device, at }) => [device, at]))
}

/** Events whose name begins so, behind a place, in the order of their arrival. */
export function arrivedEvents(db: ReadDb, of: { after: number; prefix: string; limit: number }): ArrivedEvent[] {
  return db
    .prepare<[number, string, number], Omit<ArrivedEvent, 'detail'> & { detail: string }>(
      `SELECT rowid AS place, device, at, name, severity, message, detail FROM event
      WHERE rowid > ? AND name GLOB ? ORDER BY rowid LIMIT ?`,
    )
    .all(of.after, `${of.prefix}*`, of.limit)
    .map((row) => ({ ...row, detail: JSON.parse(row.detail) as ArrivedEvent['detail'] }))
}

/** Readings of machines behind a place, in the order of their arrival. */
export function arrivedResources(db: ReadDb, of: { after: number; limit: number }): ArrivedResources[] {
  return db
    .prepare<[number, number], Omit<ArrivedResources, 'body'> & { body: string }>(
      'SELECT rowid AS place, device, at, body FROM resources WHERE rowid > ? ORDER BY rowid LIMIT ?',
    )
    .all(of.after, of.limit)
    .map((row) => ({ ...row, body: JSON.parse(row.body) as ResourcesBody }))
}

/** The place of what arrived last; 0: nothing did. */
export function newestPlaceOf(db: ReadDb, table: 'event' | 'resources'): number {
  return db.prepare<[], number | null>(`SELECT max(rowid) FROM ${table}`).pluck().get() ?? 0
}
