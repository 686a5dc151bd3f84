import type { WriteDb } from '../open.ts'

/** A time in which nobody is told of some alerts. */
export interface SilenceRow {
  silence: number
  /** null: of every rule. */
  rule: string | null
  /** Alerts of these devices; empty: all, and those without a device. */
  query: string
  deployment: string | null
  from: number
  until: number
  reason: string
  by: string
}

const columns = 'id AS silence, rule, query, deployment, from_at AS "from", until_at AS until, reason, by'

export type SilenceTable = ReturnType<typeof openSilenceTable>

/** Silences. One that is over stays for the history of its alerts. */
export function openSilenceTable(db: WriteDb) {
  const after = db.prepare<[number], SilenceRow>(`SELECT ${columns} FROM silence WHERE until_at > ? ORDER BY until_at, id`)
  const put = db.prepare(`INSERT INTO silence (rule, query, deployment, from_at, until_at, reason, by)
    VALUES (@rule, @query, @deployment, @from, @until, @reason, @by)`)
  const end = db.prepare('UPDATE silence SET until_at = @at WHERE id = @silence AND until_at > @at')
  return {
    /** Those that are in force or begin later, the one that ends first in front. */
    after: (at: number): SilenceRow[] => after.all(at),
    put: (row: Omit<SilenceRow, 'silence'>): number => Number(put.run(row).lastInsertRowid),
    /** False if it was over already, or never was. */
    end: (silence: number, at: number): boolean => end.run({ silence, at }).changes > 0,
  }
}
