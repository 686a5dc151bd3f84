import type { WriteDb } from '../open.ts'

export interface OutboxRow {
  id: number
  topic: string
  payload: Buffer
  qos: 0 | 1
  retain: 0 | 1
}

export type OutboxTable = ReturnType<typeof openOutboxTable>

/**
 * What must be said to devices. A row is written in the transaction that decided it and goes when the broker has taken it.
 * One row per key: a newer message for the same purpose replaces the older, which nobody needs any more.
 */
export function openOutboxTable(db: WriteDb) {
  const put = db.prepare(
    `INSERT INTO outbox (key, topic, payload, qos, retain, created_at) VALUES (@key, @topic, @payload, @qos, @retain, @createdAt)`,
  )
  const clear = db.prepare('DELETE FROM outbox WHERE key = ?')
  const clearAll = db.prepare('DELETE FROM outbox')
  const next = db.prepare<[number, number], OutboxRow>(
    'SELECT id, topic, payload, qos, retain FROM outbox WHERE id > ? ORDER BY id LIMIT ?',
  )
  const remove = db.prepare('DELETE FROM outbox WHERE id = ?')
  const waiting = db.prepare<[], { waiting: number }>('SELECT count(*) AS waiting FROM outbox')
  return {
    /** Adds a message under a key; an older one under that key is taken out, so that a new row never borrows the id of one in flight. */
    put(row: { key: string; topic: string; payload: Buffer; qos: 0 | 1; retain: boolean; createdAt: number }): void {
      clear.run(row.key)
      put.run({ ...row, retain: row.retain ? 1 : 0 })
    },
    next: (after: number, limit: number): OutboxRow[] => next.all(after, limit),
    remove: (id: number): void => void remove.run(id),
    /** Takes everything out that waits. */
    clear: (): void => void clearAll.run(),
    waiting: (): number => waiting.get()!.waiting,
  }
}
