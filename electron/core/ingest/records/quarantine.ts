import type { WriteDb } from '../../store/open.ts'
import type { RecordContext } from './record-context.ts'

/** Most characters of a bad record that are kept, enough to find its fault. */
const KEPT_CHARACTERS = 4096

/** Prepares the store of records that cannot be used: the reason and the beginning of what came. */
export function prepareQuarantine(db: WriteDb) {
  const insert = db.prepare('INSERT OR IGNORE INTO quarantine (spool, seq, device, reason, body, received_at) VALUES (?, ?, ?, ?, ?, ?)')
  const find = db.prepare('SELECT 1 FROM quarantine WHERE spool = ? AND seq = ?')
  return {
    /** @returns false if a bad record of that number is there already. */
    add({ spool, device, receivedAt }: RecordContext, seq: number, bad: { reason: string; body: string }): boolean {
      return insert.run(spool, seq, device, bad.reason.slice(0, 2000), bad.body.slice(0, KEPT_CHARACTERS), receivedAt).changes === 1
    },
    has: (spool: number, seq: number): boolean => find.get(spool, seq) !== undefined,
  }
}
