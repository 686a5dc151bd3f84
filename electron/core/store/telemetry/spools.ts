import type { WriteDb } from '../open.ts'

/** A spool as the store knows it. */
export interface SpoolRow {
  id: number
  /** Every record up to here is stored, quarantined, or was declared as dropped. */
  through: number
}

/** The table `spool`: which spools there are and how far each is stored. */
export interface SpoolTable {
  find(device: string, spool: string): SpoolRow | null
  create(device: string, spool: string, receivedAt: number): SpoolRow
  /** Notes a batch. */
  note(row: SpoolRow, heard: Heard): void
}

/** What a batch says of its spool. */
export interface Heard {
  receivedAt: number
  /** How far the device's clock is off: console minus device; null: the batch does not tell. */
  clockOffsetMs: number | null
  /** New records. */
  stored: number
  /** Of these, windows and distributions that came long after they were closed. */
  lateWindows: number
  /** Of these, windows and distributions whose times show a wrong clock. */
  clockJumps: number
}

/** Prepares the statements of the table. */
export function openSpoolTable(db: WriteDb): SpoolTable {
  const find = db.prepare<[string, string], SpoolRow>('SELECT id, through FROM spool WHERE device = ? AND spool = ?')
  const create = db.prepare<[string, string, number, number], SpoolRow>(
    'INSERT INTO spool (device, spool, first_received_at, last_received_at) VALUES (?, ?, ?, ?) RETURNING id, through',
  )
  const note =
    db.prepare(`UPDATE spool SET through = ?, last_received_at = ?, clock_offset_ms = coalesce(?, clock_offset_ms), stored = stored + ?,
    late_windows = late_windows + ?, clock_jumps = clock_jumps + ? WHERE id = ?`)
  return {
    find: (device, spool) => find.get(device, spool) ?? null,
    create: (device, spool, receivedAt) => create.get(device, spool, receivedAt, receivedAt)!,
    note: ({ id, through }, { receivedAt, clockOffsetMs, stored, lateWindows, clockJumps }) =>
      void note.run(through, receivedAt, clockOffsetMs, stored, lateWindows, clockJumps, id),
  }
}
