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
  /** Notes a batch: how far the spool is stored, when it was heard of, and how far the device's clock is off (console minus device, ms). */
  note(row: SpoolRow, heard: { receivedAt: number; clockOffsetMs: number }): void
}

/** Prepares the statements of the table. */
export function openSpoolTable(db: WriteDb): SpoolTable {
  const find = db.prepare<[string, string], SpoolRow>('SELECT id, through FROM spool WHERE device = ? AND spool = ?')
  const create = db.prepare<[string, string, number, number], SpoolRow>(
    'INSERT INTO spool (device, spool, first_received_at, last_received_at) VALUES (?, ?, ?, ?) RETURNING id, through',
  )
  const note = db.prepare('UPDATE spool SET through = ?, last_received_at = ?, clock_offset_ms = ? WHERE id = ?')
  return {
    find: (device, spool) => find.get(device, spool) ?? null,
    create: (device, spool, receivedAt) => create.get(device, spool, receivedAt, receivedAt)!,
    note: ({ id, through }, { receivedAt, clockOffsetMs }) => void note.run(through, receivedAt, clockOffsetMs, id),
  }
}
