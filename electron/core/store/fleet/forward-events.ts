import type { WriteDb } from '../open.ts'

/** `sending`: an attempt began and nobody knows yet how it ended; after a crash it is made again under the same `uid`. */
export type ForwardEventState = 'waiting' | 'sending' | 'delivered' | 'failed'

/** An event in the outbox of a webhook. */
export interface ForwardEventRow {
  event: number
  forward: string
  uid: string
  kind: string
  type: string
  title: string
  /** What is sent, word for word, at every attempt; empty once it is delivered. */
  body: string
  state: ForwardEventState
  attempts: number
  /** When the first attempt was made. */
  firstAt: number | null
  nextAt: number | null
  createdAt: number
  deliveredAt: number | null
  problem: string | null
}

const columns = `id AS event, forward, uid, kind, type, title, body, state, attempts, first_at AS firstAt, next_at AS nextAt,
  created_at AS createdAt, delivered_at AS deliveredAt, problem`

/** What waits. The index is named, because without statistics SQLite takes that of all events, and of these there may be a million in a month. */
export const waitingOnes = `forward_event INDEXED BY forward_event_due WHERE state IN ('waiting', 'sending')`
const failedOnes = `forward_event INDEXED BY forward_event_failed WHERE state = 'failed'`

export type ForwardEventTable = ReturnType<typeof openForwardEventTable>

/** The outbox of webhooks: written in the transaction that moves the place in the source on, delivered after, in order. */
export function openForwardEventTable(db: WriteDb) {
  const one = db.prepare<[number], ForwardEventRow>(`SELECT ${columns} FROM forward_event WHERE id = ?`)
  const head = db.prepare<[string], ForwardEventRow>(`SELECT ${columns} FROM ${waitingOnes} AND forward = ? ORDER BY id LIMIT 1`)
  const newest = db.prepare<[string, number], ForwardEventRow>(
    `SELECT ${columns} FROM forward_event WHERE forward = ? ORDER BY id DESC LIMIT ?`,
  )
  const waiting = db.prepare<[string], number>(`SELECT count(*) FROM ${waitingOnes} AND forward = ?`).pluck()
  const failed = db.prepare<[string], number>(`SELECT count(*) FROM ${failedOnes} AND forward = ?`).pluck()
  const add = db.prepare(`INSERT OR IGNORE INTO forward_event (forward, uid, kind, type, title, body, state, created_at)
    VALUES (@forward, @uid, @kind, @type, @title, @body, 'waiting', @createdAt)`)
  const set = db.prepare(`UPDATE forward_event SET state = @state, attempts = @attempts, first_at = @firstAt, next_at = @nextAt,
    delivered_at = @deliveredAt, problem = @problem, body = @body WHERE id = @event`)
  const hasten = db.prepare(`UPDATE forward_event SET next_at = NULL WHERE forward = ? AND state = 'waiting'`)
  const drop = db.prepare(`DELETE FROM forward_event WHERE forward = ? AND state IN ('waiting', 'sending')`)
  const prune = db.prepare(`DELETE FROM forward_event WHERE id IN (
    SELECT id FROM forward_event WHERE created_at < ? AND state IN ('delivered', 'failed') ORDER BY created_at LIMIT ?)`)
  return {
    find: (event: number): ForwardEventRow | null => one.get(event) ?? null,
    /** What goes out next; an attempt that a crash cut off is made again. */
    head: (forward: string): ForwardEventRow | null => head.get(forward) ?? null,
    newest: (forward: string, limit: number): ForwardEventRow[] => newest.all(forward, limit),
    waiting: (forward: string): number => waiting.get(forward) ?? 0,
    failed: (forward: string): number => failed.get(forward) ?? 0,
    /** @returns false if the outbox has, or had, an event of this `uid` */
    add: (row: Pick<ForwardEventRow, 'forward' | 'uid' | 'kind' | 'type' | 'title' | 'body' | 'createdAt'>): boolean =>
      add.run(row).changes === 1,
    set: (row: ForwardEventRow): void => void set.run(row),
    /** Somebody has mended something: what waits does not wait any longer. */
    hasten: (forward: string): void => void hasten.run(forward),
    /** Gives up what waits. @returns how many */
    drop: (forward: string): number => drop.run(forward).changes,
    /** Removes some of what was settled long ago. @returns how many */
    prune: (before: number, limit: number): number => prune.run(before, limit).changes,
  }
}
