import type { ProblemReport } from '../../../../shared/domain/problem.ts'
import { sourceSettings, versionOrigin, type SourceSettings, type VersionOrigin } from '../../../../shared/rpc/contract/sources.ts'
import { openSecretBox, type SecretBox, type StoredSecret } from '../../trust/secret-box.ts'
import type { WriteDb } from '../open.ts'

/** A place that models come from; the secret stands in `settings` only while it is in memory. */
export interface SourceRow {
  source: string
  settings: SourceSettings
  hasSecret: boolean
  /** It has a secret that was sealed under a key that is not here. */
  isShut: boolean
  setAt: number
  setBy: string
  lookedAt: number | null
  problem: SourceProblem | null
  /** Failed attempts in a row to tell it something back, and when the next one is due. */
  tagAttempts: number
  tagNextAt: number | null
}

/** What a place could not do, and since when. */
export type SourceProblem = Omit<ProblemReport, 'hint'> & { at: number }

interface RawSource {
  source: string
  settings: string
  secret: string | null
  setAt: number
  setBy: string
  lookedAt: number | null
  problem: string | null
  tagAttempts: number
  tagNextAt: number | null
}

export type SourceTable = ReturnType<typeof openSourceTable>

/** Places that models come from. @param box seals their secrets */
export function openSourceTable(db: WriteDb, box: SecretBox = openSecretBox(null)) {
  const select = `SELECT source, settings, secret, set_at AS setAt, set_by AS setBy, looked_at AS lookedAt, problem,
    tag_attempts AS tagAttempts, tag_next_at AS tagNextAt FROM model_source`
  const all = db.prepare<[], RawSource>(`${select} ORDER BY source`)
  const one = db.prepare<[string], RawSource>(`${select} WHERE source = ?`)
  const put =
    db.prepare(`INSERT INTO model_source (source, settings, secret, set_at, set_by) VALUES (@source, @settings, @secret, @setAt, @setBy)
    ON CONFLICT (source) DO UPDATE SET settings = excluded.settings, secret = excluded.secret, set_at = excluded.set_at, set_by = excluded.set_by,
      looked_at = NULL, problem = NULL, tag_attempts = 0, tag_next_at = NULL`)
  const remove = db.prepare('DELETE FROM model_source WHERE source = ?')
  const looked = db.prepare('UPDATE model_source SET looked_at = ?, problem = ? WHERE source = ?')
  const tagged = db.prepare('UPDATE model_source SET tag_attempts = ?, tag_next_at = ? WHERE source = ?')
  const origin = db.prepare<[string, string], { source: string; origin: string }>(
    'SELECT source, origin FROM version_origin WHERE model = ? AND version = ?',
  )
  const origins = db.prepare<[], { model: string; version: string; source: string; origin: string }>(
    'SELECT model, version, source, origin FROM version_origin ORDER BY model, version',
  )
  const putOrigin = db.prepare('INSERT OR IGNORE INTO version_origin (model, version, source, origin, noted_at) VALUES (?, ?, ?, ?, ?)')
  const fromRaw = ({ settings, secret, problem, ...raw }: RawSource): SourceRow => {
    const opened = secret === null ? null : box.open(JSON.parse(secret) as StoredSecret)
    return {
      ...raw,
      settings: withSecret(sourceSettings.parse(JSON.parse(settings)), opened),
      ...{ hasSecret: secret !== null, isShut: secret !== null && opened === null },
      problem: problem === null ? null : (JSON.parse(problem) as SourceProblem),
    }
  }
  return {
    all: (): SourceRow[] => all.all().map(fromRaw),
    find(source: string): SourceRow | null {
      const raw = one.get(source)
      return raw === undefined ? null : fromRaw(raw)
    },
    /** Sets a place with its secret, which replaces the one before. */
    put(of: { source: string; settings: SourceSettings; setAt: number; setBy: string }): void {
      const secret = secretOf(of.settings)
      put.run({
        ...{ source: of.source, setAt: of.setAt, setBy: of.setBy, settings: JSON.stringify(withSecret(of.settings, null)) },
        secret: secret === null ? null : JSON.stringify(box.seal(secret)),
      })
    },
    remove: (source: string): boolean => remove.run(source).changes > 0,
    noteLook: (source: string, at: number, problem: SourceProblem | null): void =>
      void looked.run(at, problem === null ? null : JSON.stringify(problem), source),
    noteTags: (source: string, attempts: number, nextAt: number | null): void => void tagged.run(attempts, nextAt, source),
    origin(model: string, version: string): { source: string; origin: VersionOrigin } | null {
      const row = origin.get(model, version)
      return row === undefined ? null : { source: row.source, origin: versionOrigin.parse(JSON.parse(row.origin)) }
    },
    origins: (): { model: string; version: string; source: string; origin: VersionOrigin }[] =>
      origins.all().map((row) => ({ ...row, origin: versionOrigin.parse(JSON.parse(row.origin)) })),
    /** Notes where a version came from; the first word of it counts. */
    putOrigin: (of: { model: string; version: string; source: string; origin: VersionOrigin; at: number }): void =>
      void putOrigin.run(of.model, of.version, of.source, JSON.stringify(of.origin), of.at),
  }
}

function secretOf(settings: SourceSettings): string | null {
  return settings.kind === 'folder' || settings.auth.kind === 'none' ? null : settings.auth.secret
}

/** The settings with another secret; null takes it out. */
export function withSecret(settings: SourceSettings, secret: string | null): SourceSettings {
  if (settings.kind === 'folder' || settings.auth.kind === 'none') return settings
  return { ...settings, auth: { ...settings.auth, secret } }
}
