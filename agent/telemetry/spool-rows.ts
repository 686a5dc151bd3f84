import type Database from 'better-sqlite3'
import { crc32 } from 'node:zlib'

/** A record as it lies in the spool file. */
export interface SpoolRow {
  seq: number
  kind: string
  /** Bytes of the record on the wire, about. */
  bytes: number
  crc: number
  boot: string
  measured_at: number
  monotonic_ms: number
  body: string
}

/** A record that has no number yet. */
export type NewRow = Omit<SpoolRow, 'seq' | 'bytes' | 'crc'>

/** How much lies in a spool. */
export interface SpoolSize {
  records: number
  bytes: number
}

/** What a spool file says of itself. */
export interface SpoolHead extends SpoolSize {
  id: string
  acked: number
  sent: number
  /** Which file it was when it was last opened; null: not known. */
  home: string | null
  /** In a copy whose inherited records are not settled: the highest number that came with it. */
  fork: number | null
}

/** JSON around a body on the wire: names, numbers and the boot id of a record. */
const RECORD_FRAME_BYTES = 160

/** Bytes that a record takes in a batch. */
export function wireBytes(body: string): number {
  return Buffer.byteLength(body) + RECORD_FRAME_BYTES
}

/** Checksum over everything that a record says; its number is not part of it, so that it can be renumbered. */
export function checksumOf(row: NewRow): number {
  return crc32(`${row.kind}\n${row.boot}\n${row.measured_at}\n${row.monotonic_ms}\n${row.body}`)
}

/** The statements over the rows of one open spool file. */
export type SpoolRows = ReturnType<typeof prepareRows>

/** Prepares the statements; every write belongs into the caller's transaction. */
export function prepareRows(db: Database.Database) {
  const insert = db.prepare('INSERT INTO record (kind, bytes, crc, boot, measured_at, monotonic_ms, body) VALUES (?, ?, ?, ?, ?, ?, ?)')
  const remove = db.prepare('DELETE FROM record WHERE seq = ?')
  const removeThrough = db.prepare('DELETE FROM record WHERE seq <= ?')
  const after = db.prepare<[number, number], SpoolRow>('SELECT * FROM record WHERE seq > ? ORDER BY seq LIMIT ?')
  const ofKind = db.prepare<[string, number, number], SpoolRow>('SELECT * FROM record WHERE kind = ? AND seq > ? ORDER BY seq LIMIT ?')
  const head = db.prepare<[], SpoolHead>('SELECT id, acked, sent, records, bytes, home, fork FROM spool')
  const setHome = db.prepare('UPDATE spool SET home = ?')
  const setFork = db.prepare('UPDATE spool SET fork = ?')
  const setAcked = db.prepare('UPDATE spool SET acked = ? WHERE acked < ?')
  const setSent = db.prepare('UPDATE spool SET sent = ? WHERE sent < ?')
  const detectors = db.prepare<[], { bundle: string; state: string }>('SELECT bundle, state FROM detector')
  const setDetector = db.prepare('INSERT OR REPLACE INTO detector (bundle, state) VALUES (?, ?)')
  const removeDetector = db.prepare('DELETE FROM detector WHERE bundle = ?')
  const erased = db.prepare<[], { subject: string }>('SELECT subject FROM erased')
  const addErased = db.prepare('INSERT OR IGNORE INTO erased (subject) VALUES (?)')
  const highest = db.prepare<[], { seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'record'")
  return {
    insert(row: NewRow): { seq: number; bytes: number } {
      const bytes = wireBytes(row.body)
      const { lastInsertRowid } = insert.run(row.kind, bytes, checksumOf(row), row.boot, row.measured_at, row.monotonic_ms, row.body)
      return { seq: Number(lastInsertRowid), bytes }
    },
    remove: (seq: number): number => remove.run(seq).changes,
    removeThrough: (seq: number): number => removeThrough.run(seq).changes,
    after: (seq: number, limit: number): SpoolRow[] => after.all(seq, limit),
    ofKind: (kind: string, seq: number, limit: number): SpoolRow[] => ofKind.all(kind, seq, limit),
    head: () => head.get()!,
    setAcked: (seq: number): number => setAcked.run(seq, seq).changes,
    setSent: (seq: number): number => setSent.run(seq, seq).changes,
    setHome: (home: string): void => void setHome.run(home),
    setFork: (seq: number): void => void setFork.run(seq),
    detectors: (): Map<string, string> => new Map(detectors.all().map(({ bundle, state }) => [bundle, state])),
    setDetector: (bundle: string, state: string | null): void =>
      void (state === null ? removeDetector.run(bundle) : setDetector.run(bundle, state)),
    /** Subjects that were taken out. */
    erased: (): Set<string> => new Set(erased.all().map(({ subject }) => subject)),
    addErased: (subject: string): void => void addErased.run(subject),
    /** The highest number ever issued. */
    highestSeq: (): number => highest.get()?.seq ?? 0,
    /** Gives every record a new number from 1 under a new spool id. */
    renumber(id: string): void {
      const rows = after.all(0, -1)
      db.exec("DELETE FROM record; DELETE FROM sqlite_sequence WHERE name = 'record'")
      for (const row of rows) insert.run(row.kind, row.bytes, row.crc, row.boot, row.measured_at, row.monotonic_ms, row.body)
      db.prepare('UPDATE spool SET id = ?, acked = 0, sent = 0, fork = NULL').run(id)
    },
  }
}
