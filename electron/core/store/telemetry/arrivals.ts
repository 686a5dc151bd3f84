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

/** What a device counted of a bundle in one window, with its place in the order of arrival. */
export interface ArrivedWindow {
  place: number
  deployment: string
  digest: string
  requests: number
  errors: number
  notFinite: number
  /** A packed sketch of the latency, ms. */
  latency: Uint8Array
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

/** Windows behind a place, in the order of their arrival. */
export function arrivedWindows(db: ReadDb, of: { after: number; limit: number }): ArrivedWindow[] {
  return db
    .prepare<[number, number], ArrivedWindow>(
      `SELECT window.id AS place, deployment, digest, requests, errors, not_finite AS notFinite, latency
      FROM window JOIN subject ON subject.id = window.subject WHERE window.id > ? ORDER BY window.id LIMIT ?`,
    )
    .all(of.after, of.limit)
}

/** The place of what arrived last; 0: nothing did. */
export function newestPlaceOf(db: ReadDb, table: 'event' | 'resources' | 'window'): number {
  return db.prepare<[], number | null>(`SELECT max(rowid) FROM ${table}`).pluck().get() ?? 0
}
