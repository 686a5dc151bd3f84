import { createHash } from 'node:crypto'
import type { WriteDb } from '../open.ts'

export type AuditTable = ReturnType<typeof openAuditTable>

/** What people and programs did, append-only; each entry carries the hash of the one before. */
export function openAuditTable(db: WriteDb) {
  const last = db.prepare<[], { seq: number; hash: string }>('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1')
  const add = db.prepare(
    'INSERT INTO audit (seq, at, actor, action, detail, previous_hash, hash) VALUES (@seq, @at, @actor, @action, @detail, @previousHash, @hash)',
  )
  return {
    /** Adds an entry; call it in the transaction of the change that it tells of. */
    append(entry: { at: number; actor: string; action: string; detail: unknown }): void {
      const before = last.get() ?? { seq: 0, hash: '' }
      const seq = before.seq + 1
      const detail = JSON.stringify(entry.detail)
      const hash = createHash('sha256')
        .update(JSON.stringify([seq, entry.at, entry.actor, entry.action, detail, before.hash]))
        .digest('hex')
      add.run({ seq, at: entry.at, actor: entry.actor, action: entry.action, detail, previousHash: before.hash, hash })
    },
  }
}
