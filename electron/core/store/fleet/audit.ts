import { createHash } from 'node:crypto'
import type { WriteDb } from '../open.ts'

export interface AuditRow {
  seq: number
  at: number
  actor: string
  action: string
  /** JSON. */
  detail: string
}

export type AuditTable = ReturnType<typeof openAuditTable>

/** What people and programs did, append-only; each entry carries the hash of the one before. */
export function openAuditTable(db: WriteDb) {
  const last = db.prepare<[], { seq: number; hash: string }>('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1')
  const add = db.prepare(
    'INSERT INTO audit (seq, at, actor, action, detail, previous_hash, hash) VALUES (@seq, @at, @actor, @action, @detail, @previousHash, @hash)',
  )
  const name = db.prepare('INSERT OR IGNORE INTO audit_device (device, seq) VALUES (?, ?)')
  const ofDevice = db.prepare<[string, number, number], AuditRow>(`SELECT audit.seq AS seq, at, actor, action, detail FROM audit_device
    JOIN audit ON audit.seq = audit_device.seq WHERE audit_device.device = ? AND audit_device.seq < ? ORDER BY audit_device.seq DESC LIMIT ?`)
  return {
    /**
     * Adds an entry; call it in the transaction of the change that it tells of.
     * @param entry.devices the devices that it is about: it becomes part of their history
     */
    append(entry: { at: number; actor: string; action: string; detail: unknown; devices?: readonly string[] }): void {
      const before = last.get() ?? { seq: 0, hash: '' }
      const seq = before.seq + 1
      const detail = JSON.stringify(entry.detail)
      const hash = createHash('sha256')
        .update(JSON.stringify([seq, entry.at, entry.actor, entry.action, detail, before.hash]))
        .digest('hex')
      add.run({ seq, at: entry.at, actor: entry.actor, action: entry.action, detail, previousHash: before.hash, hash })
      for (const device of entry.devices ?? []) name.run(device, seq)
    },
    /** Entries about a device, the newest first. @param before only entries with a lower number */
    ofDevice: (device: string, before: number, limit: number): AuditRow[] => ofDevice.all(device, before, limit),
  }
}
