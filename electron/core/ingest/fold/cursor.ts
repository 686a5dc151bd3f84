import type { WriteDb } from '../../store/open.ts'

/** How far a table that is only appended to has been folded. */
export interface Cursor {
  /** The last record that is in the sums. */
  at(): number
  /** How many records are behind it at most. */
  waiting(): number
  /** Within the transaction that writes the sums. */
  advance(through: number): void
}

/** Prepares the cursor of a table. */
export function openCursor(db: WriteDb, table: 'window' | 'distribution'): Cursor {
  const at = db.prepare<[string], number>('SELECT cursor FROM fold WHERE name = ?').pluck()
  const newest = db.prepare<[], number | null>(`SELECT max(id) FROM ${table}`).pluck()
  const set = db.prepare('UPDATE fold SET cursor = ? WHERE name = ?')
  return {
    at: () => at.get(table) ?? 0,
    waiting: () => Math.max(0, (newest.get() ?? 0) - (at.get(table) ?? 0)),
    advance: (through) => void set.run(through, table),
  }
}
