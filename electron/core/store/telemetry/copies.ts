import type { CopiedTable } from '../../../../shared/domain/forward.ts'
import { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import { unpackSketch } from '../../../../shared/stats/packed-sketch.ts'
import type { ReadDb } from '../open.ts'

/** A record as it goes out: columns of the copy, with `at` of clocks as epoch ms and JSON as values. */
export interface CopyRow {
  device: string
  spool: string
  seq: number
  received_at: number
  [column: string]: unknown
}

/** Records in the order of their arrival. */
export interface CopyPage {
  rows: CopyRow[]
  /** Place of the last of them, and which record that was. */
  place: number
  record: string | null
}

/** Reads what is copied, in the order of its arrival. */
export interface CopyReader {
  page(table: CopiedTable, after: number, limit: number): CopyPage
  /** Place of the newest record; 0: none. */
  newest(table: CopiedTable): number
  /** Place of the oldest record after one, and when it came; null: there is none. */
  next(table: CopiedTable, after: number): { place: number; receivedAt: number } | null
  /** True if what lies at a place is the record that was there: stores that were restored or rebuilt give places anew. */
  isStill(table: CopiedTable, place: number, record: string): boolean
}

interface Source {
  from: string
  columns: string
  /** Columns that hold JSON as text. */
  json: readonly string[]
}

const subject = 'subject.deployment, subject.digest, subject.model, subject.version'
const sources: Record<CopiedTable, Source> = {
  windows: {
    from: 'window AS r JOIN subject ON subject.id = r.subject JOIN boot ON boot.id = r.boot',
    columns: `${subject}, boot.name AS boot, r.started_at, r.ended_at, r.claimed_at, r.covered_ms, r.requests, r.rows, r.errors, r.errors_by_cause,
      r.validation, r.not_finite, r.cache_hits, r.cpu_ms, r.latency`,
    json: ['errors_by_cause', 'validation'],
  },
  events: { from: 'event AS r', columns: 'r.at, r.name, r.severity, r.code, r.message, r.detail', json: ['detail'] },
  resources: { from: 'resources AS r', columns: 'r.at, r.body', json: ['body'] },
  ledgers: {
    from: 'ledger AS r',
    columns: 'r.started_at, r.ended_at, r.bytes_in, r.bytes_out, r.inferences, r.cpu_seconds, r.stored_bytes',
    json: ['bytes_in', 'bytes_out'],
  },
  drops: { from: 'dropped AS r', columns: 'r.from_seq, r.through_seq, r.records, r.reason, r.at', json: [] },
  shadows: { from: 'shadow AS r', columns: 'r.deployment, r.digest, r.against, r.started_at, r.body', json: ['body'] },
  // What could not be read may hold anything: the reason goes out, the record stays.
  quarantine: { from: 'quarantine AS r', columns: 'r.reason', json: [] },
}

/** The table in telemetry.db, by the word of the copy. */
const stored: Record<CopiedTable, string> = {
  ...{ windows: 'window', events: 'event', resources: 'resources', ledgers: 'ledger' },
  ...{ drops: 'dropped', shadows: 'shadow', quarantine: 'quarantine' },
}

type Raw = CopyRow & { place: number; latency?: Uint8Array }

/** A reader over a store that may appear later. */
export function lateCopies(open: () => ReadDb | null): CopyReader {
  return {
    page(table, after, limit) {
      const { from, columns, json } = sources[table]
      const raws =
        open()
          ?.prepare<[number, number], Raw>(
            `SELECT r.rowid AS place, spool.device AS device, spool.spool AS spool, r.seq AS seq, r.received_at AS received_at, ${columns}
            FROM ${from} JOIN spool ON spool.id = r.spool WHERE r.rowid > ? ORDER BY r.rowid LIMIT ?`,
          )
          .all(after, limit) ?? []
      const last = raws.at(-1)
      return {
        rows: raws.map((raw) => rowOf(raw, json)),
        place: last?.place ?? after,
        record: last === undefined ? null : nameOf(last),
      }
    },
    newest: (table) => open()?.prepare<[], number | null>(`SELECT max(rowid) FROM ${stored[table]}`).pluck().get() ?? 0,
    next: (table, after) =>
      open()
        ?.prepare<[number], { place: number; receivedAt: number }>(
          `SELECT rowid AS place, received_at AS receivedAt FROM ${stored[table]} WHERE rowid > ? ORDER BY rowid LIMIT 1`,
        )
        .get(after) ?? null,
    isStill(table, place, record) {
      const db = open()
      if (db === null) return true
      const there = db
        .prepare<[number], { device: string; spool: string; seq: number }>(
          `SELECT spool.device, spool.spool, r.seq FROM ${stored[table]} AS r JOIN spool ON spool.id = r.spool WHERE r.rowid = ?`,
        )
        .get(place)
      if (there !== undefined) return nameOf(there) === record
      // Retention takes the oldest: then nothing at or before the place is left, and what is behind it is new.
      const oldest = db.prepare<[], number | null>(`SELECT min(rowid) FROM ${stored[table]}`).pluck().get() ?? null
      return oldest !== null && oldest > place
    },
  }
}

function nameOf({ device, spool, seq }: { device: string; spool: string; seq: number }): string {
  return `${device}/${spool}/${seq}`
}

function rowOf({ latency, ...raw }: Raw, json: readonly string[]): CopyRow {
  const made: CopyRow = { ...raw }
  delete made['place']
  for (const column of json) made[column] = JSON.parse(String(raw[column])) as unknown
  return latency === undefined ? made : { ...made, ...latencyColumns(unpackSketch(latency)) }
}

/** Latency as figures that people read, and as the sketch that merges. */
export function latencyColumns(state: ReturnType<typeof unpackSketch>): Record<string, unknown> {
  const sketch = LatencySketch.fromState(state)
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => sketch.quantile(q))
  return { latency_p50_ms: p50, latency_p95_ms: p95, latency_p99_ms: p99, latency: state }
}
