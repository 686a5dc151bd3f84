import type { WriteDb } from '../open.ts'

export interface NoteRow {
  text: string
  notedAt: number
  notedBy: string
}

export type NoteTable = ReturnType<typeof openNoteTable>

/** What people wrote down about a device; a device without a note has no row. */
export function openNoteTable(db: WriteDb) {
  const find = db.prepare<[string], NoteRow>('SELECT text, noted_at AS notedAt, noted_by AS notedBy FROM device_note WHERE device = ?')
  const put = db.prepare(`INSERT INTO device_note (device, text, noted_at, noted_by) VALUES (@device, @text, @notedAt, @notedBy)
    ON CONFLICT (device) DO UPDATE SET text = excluded.text, noted_at = excluded.noted_at, noted_by = excluded.noted_by`)
  const remove = db.prepare('DELETE FROM device_note WHERE device = ?')
  return {
    find: (device: string): NoteRow | null => find.get(device) ?? null,
    put: (row: NoteRow & { device: string }): void => void put.run(row),
    remove: (device: string): void => void remove.run(device),
  }
}
