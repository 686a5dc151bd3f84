import type { ForwardInput } from '../../../../shared/domain/forward.ts'
import type { ProblemReport } from '../../../../shared/domain/problem.ts'
import { openSecretBox, type SecretBox, type StoredSecret } from '../../trust/secret-box.ts'
import type { WriteDb } from '../open.ts'

/** `paused`: a person stopped it, or it stopped by itself and `problem` says why. What there is to send stays where it is. */
export type ForwardState = 'running' | 'paused'

/** How far one source has been read. */
export interface Place {
  /** Place of the last record, in the order of arrival; 0: none. */
  at: number
  /** Which record that was: a store that was rebuilt gives the same place to another one. */
  record: string | null
  /** Records that went out since it was made. */
  sent: number
  /** Of these, records that PostgreSQL could not hold in their table, and that are only named in `quarantine`. */
  refused?: number
  /** Records at most that were removed here before they went out. */
  missed?: number
  /** Before the first of what was there when it was made, and the last of it: what a backfill has to do. */
  from: number
  until: number
}

export interface ForwardProblem extends Omit<ProblemReport, 'hint'> {
  at: number
  /** Attempts that ended alike, one after the other: what of, since when, and how many. */
  streak?: { of: string; since: number; times: number }
}

/** A way out as it is stored; secrets stand in `settings` only while it is in memory. */
export interface ForwardRow {
  forward: string
  settings: ForwardInput
  hasSecret: boolean
  /** It has a secret that was sealed under a key that is not here. */
  isShut: boolean
  state: ForwardState
  places: Record<string, Place>
  /** The restore that its places were last compared after; null: none. */
  restored: string | null
  setAt: number
  lastAt: number | null
  problem: ForwardProblem | null
}

interface RawForward {
  forward: string
  settings: string
  secret: string | null
  state: ForwardState
  places: string
  restored: string | null
  setAt: number
  lastAt: number | null
  problem: string | null
}

const columns = 'forward, settings, secret, state, places, restored, set_at AS setAt, last_at AS lastAt, problem'

export type ForwardTable = ReturnType<typeof openForwardTable>

/** Where data goes out to. @param box seals what is secret */
export function openForwardTable(db: WriteDb, box: SecretBox = openSecretBox(null)) {
  const all = db.prepare<[], RawForward>(`SELECT ${columns} FROM forward ORDER BY forward`)
  const one = db.prepare<[string], RawForward>(`SELECT ${columns} FROM forward WHERE forward = ?`)
  const put = db.prepare(`INSERT INTO forward (forward, settings, secret, state, places, restored, set_at, set_by)
    VALUES (@forward, @settings, @secret, 'running', @places, @restored, @setAt, @setBy)
    ON CONFLICT (forward) DO UPDATE SET settings = excluded.settings, secret = excluded.secret, set_at = excluded.set_at,
      set_by = excluded.set_by, places = excluded.places`)
  const remove = db.prepare('DELETE FROM forward WHERE forward = ?')
  const setState = db.prepare('UPDATE forward SET state = ?, problem = NULL WHERE forward = ?')
  const anew = db.prepare('UPDATE forward SET places = @places, restored = @restored, set_at = @setAt WHERE forward = @forward')
  const setPlaces = db.prepare('UPDATE forward SET places = ?, restored = ? WHERE forward = ?')
  const sent = db.prepare('UPDATE forward SET last_at = ?, problem = NULL WHERE forward = ?')
  const failed = db.prepare('UPDATE forward SET problem = ? WHERE forward = ?')
  const forget = db.prepare('UPDATE forward SET problem = NULL WHERE forward = ?')
  const stop = db.prepare(`UPDATE forward SET problem = ?, state = 'paused' WHERE forward = ?`)
  const fromRaw = (raw: RawForward): ForwardRow => {
    const opened = raw.secret === null ? null : box.open(JSON.parse(raw.secret) as StoredSecret)
    const settings = JSON.parse(raw.settings) as ForwardInput
    return {
      ...{ forward: raw.forward, state: raw.state, restored: raw.restored, setAt: raw.setAt, lastAt: raw.lastAt },
      settings: withSecret(settings, opened),
      ...{ hasSecret: raw.secret !== null, isShut: raw.secret !== null && opened === null },
      places: JSON.parse(raw.places) as ForwardRow['places'],
      problem: raw.problem === null ? null : (JSON.parse(raw.problem) as ForwardProblem),
    }
  }
  return {
    all: (): ForwardRow[] => all.all().map(fromRaw),
    find(forward: string): ForwardRow | null {
      const raw = one.get(forward)
      return raw === undefined ? null : fromRaw(raw)
    },
    /** Sets one with its secret, which replaces the one before. What was wrong stays until an attempt ends well. */
    put(of: Pick<ForwardRow, 'forward' | 'settings' | 'places' | 'restored' | 'setAt'> & { setBy: string }): void {
      const secret = secretOf(of.settings)
      put.run({
        ...{ forward: of.forward, setAt: of.setAt, setBy: of.setBy, restored: of.restored, places: JSON.stringify(of.places) },
        settings: JSON.stringify(withSecret(of.settings, null)),
        secret: secret === null ? null : JSON.stringify(box.seal(secret)),
      })
    },
    remove: (forward: string): boolean => remove.run(forward).changes > 0,
    /** A person's word: what was wrong before is forgotten. */
    setState: (forward: string, state: ForwardState): void => void setState.run(state, forward),
    setPlaces: (forward: string, places: ForwardRow['places'], restored: string | null): void =>
      void setPlaces.run(JSON.stringify(places), restored, forward),
    /** The same settings from other places: what runs notices by `setAt`. */
    beginAnew: (forward: string, of: Pick<ForwardRow, 'places' | 'restored' | 'setAt'>): void =>
      void anew.run({ forward, ...of, places: JSON.stringify(of.places) }),
    /** What was wrong before is over. @param at null: nothing went out yet */
    noteSent: (forward: string, at: number | null): void => void sent.run(at, forward),
    noteProblem: (forward: string, problem: ForwardProblem): void => void failed.run(JSON.stringify(problem), forward),
    /** There is nothing to try, and so nothing that would end well. */
    forgetProblem: (forward: string): void => void forget.run(forward),
    /** It goes on only when a person has changed something. */
    stop: (forward: string, problem: ForwardProblem): void => void stop.run(JSON.stringify(problem), forward),
  }
}

function secretOf(settings: ForwardInput): string | null {
  return settings.kind === 'webhook' ? settings.secret : settings.password
}

function withSecret(settings: ForwardInput, secret: string | null): ForwardInput {
  return settings.kind === 'webhook' ? { ...settings, secret } : { ...settings, password: secret }
}
