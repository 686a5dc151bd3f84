import type { WriteDb } from '../open.ts'

/** A session as it is stored: its secret is known to its holder only. */
export interface SessionRow {
  session: string
  account: string
  way: 'password' | 'passkey' | 'oidc'
  client: string
  madeAt: number
  /** To the minute. */
  usedAt: number
  endsAt: number
}

const columns = 'session, account, way, client, made_at AS madeAt, used_at AS usedAt, ends_at AS endsAt'

/** Sessions of people. */
export function openSessionTable(db: WriteDb) {
  const one = db.prepare<[string], SessionRow>(`SELECT ${columns} FROM session WHERE session = ?`)
  const byHash = db.prepare<[string], SessionRow>(`SELECT ${columns} FROM session WHERE hash = ?`)
  const of = db.prepare<[string], SessionRow>(`SELECT ${columns} FROM session WHERE account = ? ORDER BY made_at DESC, session`)
  const add = db.prepare(`INSERT INTO session (session, hash, account, way, client, made_at, used_at, ends_at)
    VALUES (@session, @hash, @account, @way, @client, @madeAt, @usedAt, @endsAt)`)
  const used = db.prepare('UPDATE session SET used_at = ? WHERE session = ?')
  const end = db.prepare('DELETE FROM session WHERE account = ? AND session = ?')
  const endAll = db.prepare('DELETE FROM session WHERE account = ? AND session <> ?')
  const endWay = db.prepare('DELETE FROM session WHERE way = ?')
  const clear = db.prepare('DELETE FROM session')
  const forget = db.prepare('DELETE FROM session WHERE ends_at <= @now OR used_at <= @idleSince')
  return {
    find: (session: string): SessionRow | null => one.get(session) ?? null,
    byHash: (hash: string): SessionRow | null => byHash.get(hash) ?? null,
    of: (account: string): SessionRow[] => of.all(account),
    add: (row: SessionRow & { hash: string }): void => void add.run(row),
    noteUse: (session: string, at: number): void => void used.run(at, session),
    end: (account: string, session: string): number => end.run(account, session).changes,
    /** @param except the one that stays; empty: none */
    endAll: (account: string, except = ''): number => endAll.run(account, except).changes,
    endWay: (way: SessionRow['way']): number => endWay.run(way).changes,
    /** Ends every session. */
    clear: (): number => clear.run().changes,
    forget: (of: { now: number; idleSince: number }): number => forget.run(of).changes,
  }
}
