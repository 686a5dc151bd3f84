import type { ProblemReport } from '../../../../shared/domain/problem.ts'
import type { WriteDb } from '../open.ts'

/** What is meant by an offer of a tracking server. */
export interface RemoteVersion {
  model: string
  version: string
  /** Name of the model here; null: made of its name there. */
  as: string | null
}

export type OfferState = 'waiting' | 'imported' | 'failed'

/** A version that was found in a place, and what became of it. */
export interface OfferRow {
  offer: number
  source: string
  name: string
  /** Of a folder: what its files looked like; another one is a new offer under the same name. */
  fingerprint: string
  remote: RemoteVersion | null
  state: OfferState
  model: string | null
  version: string | null
  notes: string[]
  problem: ProblemReport | null
  attempts: number
  /** When it is tried again by itself; null: not. */
  nextAt: number | null
  foundAt: number
  endedAt: number | null
}

/** What was found and is to be imported. */
export interface NewOffer extends Pick<OfferRow, 'source' | 'name' | 'fingerprint' | 'remote'> {
  /** What a subfolder is called; null: the tracking server says it. */
  named: { model: string; version: string } | null
  at: number
}

type RawOffer = Omit<OfferRow, 'remote' | 'notes' | 'problem'> & Record<'remote' | 'problem', string | null> & { notes: string }

export type OfferTable = ReturnType<typeof openOfferTable>

/** Versions that were found in places that models come from. */
export function openOfferTable(db: WriteDb) {
  const select = `SELECT id AS offer, source, name, fingerprint, remote, state, model, version, notes, problem, attempts, next_at AS nextAt,
    found_at AS foundAt, ended_at AS endedAt FROM source_offer`
  const one = db.prepare<[string, string], RawOffer>(`${select} WHERE source = ? AND name = ?`)
  const byId = db.prepare<[number], RawOffer>(`${select} WHERE id = ?`)
  const due = db.prepare<[number], RawOffer>(`${select} WHERE next_at <= ? AND state <> 'imported' ORDER BY next_at, id LIMIT 100`)
  const newest = db.prepare<[string | null, string | null, string | null, string | null, number], RawOffer>(
    `${select} WHERE (? IS NULL OR source = ?) AND (? IS NULL OR state = ?) ORDER BY id DESC LIMIT ?`,
  )
  const counts = db.prepare<[string], { state: OfferState; n: number }>(
    'SELECT state, count(*) AS n FROM source_offer WHERE source = ? GROUP BY state',
  )
  // A new look of a folder takes the place of the old one, at the end of the list.
  const drop = db.prepare('DELETE FROM source_offer WHERE source = ? AND name = ?')
  const add = db.prepare(`INSERT INTO source_offer (source, name, fingerprint, remote, state, model, version, next_at, found_at)
    VALUES (@source, @name, @fingerprint, @remote, 'waiting', @model, @version, @at, @at)`)
  const set = db.prepare(`UPDATE source_offer SET state = @state, model = @model, version = @version, notes = @notes, problem = @problem,
    attempts = @attempts, next_at = @nextAt, ended_at = @endedAt WHERE id = @offer`)
  const again = db.prepare(`UPDATE source_offer SET state = 'waiting', next_at = ? WHERE source = ? AND state <> 'imported'`)
  const fromRaw = ({ remote, notes, problem, ...row }: RawOffer): OfferRow => ({
    ...row,
    remote: remote === null ? null : (JSON.parse(remote) as RemoteVersion),
    notes: JSON.parse(notes) as string[],
    problem: problem === null ? null : (JSON.parse(problem) as ProblemReport),
  })
  const found = (raw: RawOffer | undefined): OfferRow | null => (raw === undefined ? null : fromRaw(raw))
  return {
    find: (source: string, name: string): OfferRow | null => found(one.get(source, name)),
    byId: (offer: number): OfferRow | null => found(byId.get(offer)),
    /** Those that are to be imported now. */
    due: (at: number): OfferRow[] => due.all(at).map(fromRaw),
    newest: (of: { source: string | null; state: OfferState | null; limit: number }): OfferRow[] =>
      newest.all(of.source, of.source, of.state, of.state, of.limit).map(fromRaw),
    counts(source: string): Record<OfferState, number> {
      const rows = counts.all(source)
      const of = (state: OfferState): number => rows.find((row) => row.state === state)?.n ?? 0
      return { waiting: of('waiting'), imported: of('imported'), failed: of('failed') }
    },
    /** Notes what was found, to be imported now; of the same name it takes the place of what was found before. */
    add({ remote, named, ...of }: NewOffer): void {
      drop.run(of.source, of.name)
      add.run({
        ...of,
        model: named?.model ?? null,
        version: named?.version ?? null,
        remote: remote === null ? null : JSON.stringify(remote),
      })
    },
    set: (row: OfferRow): void =>
      void set.run({
        ...{ offer: row.offer, state: row.state, model: row.model, version: row.version, notes: JSON.stringify(row.notes) },
        ...{ attempts: row.attempts, nextAt: row.nextAt, endedAt: row.endedAt },
        problem: row.problem === null ? null : JSON.stringify(row.problem),
      }),
    /** Has everything of a place that is not imported tried again. */
    again: (source: string, at: number): void => void again.run(at, source),
  }
}
