import type { WriteDb } from '../open.ts'

export interface AliasRow {
  model: string
  alias: string
  version: string
  setAt: number
  setBy: string
}

export interface AliasChangeRow {
  model: string
  alias: string
  at: number
  actor: string
  fromVersion: string | null
  toVersion: string | null
}

export type AliasTable = ReturnType<typeof openAliasTable>

const aliasColumns = 'model, alias, version, set_at AS setAt, set_by AS setBy'

/** Movable names of model versions, and every change of them. */
export function openAliasTable(db: WriteDb) {
  const one = db.prepare<[string, string], AliasRow>(`SELECT ${aliasColumns} FROM model_alias WHERE model = ? AND alias = ?`)
  const all = db.prepare<[], AliasRow>(`SELECT ${aliasColumns} FROM model_alias ORDER BY model, alias`)
  const ofModel = db.prepare<[string], AliasRow>(`SELECT ${aliasColumns} FROM model_alias WHERE model = ? ORDER BY alias`)
  const history = db.prepare<[string, number], AliasChangeRow>(
    `SELECT model, alias, at, actor, from_version AS fromVersion, to_version AS toVersion FROM model_alias_change WHERE model = ? ORDER BY id DESC LIMIT ?`,
  )
  const put = db.prepare(
    `INSERT INTO model_alias (model, alias, version, set_at, set_by) VALUES (@model, @alias, @version, @setAt, @setBy)
    ON CONFLICT (model, alias) DO UPDATE SET version = excluded.version, set_at = excluded.set_at, set_by = excluded.set_by`,
  )
  const remove = db.prepare('DELETE FROM model_alias WHERE model = ? AND alias = ?')
  const note = db.prepare(
    `INSERT INTO model_alias_change (model, alias, at, actor, from_version, to_version) VALUES (@model, @alias, @at, @actor, @fromVersion, @toVersion)`,
  )
  return {
    find: (model: string, alias: string): AliasRow | null => one.get(model, alias) ?? null,
    /** By model and alias. */
    all: (model?: string): AliasRow[] => (model === undefined ? all.all() : ofModel.all(model)),
    /** The newest first. */
    history: (model: string, limit: number): AliasChangeRow[] => history.all(model, limit),
    put: (row: AliasRow): void => void put.run(row),
    remove: (model: string, alias: string): void => void remove.run(model, alias),
    note: (row: AliasChangeRow): void => void note.run(row),
  }
}
