import type { WriteDb } from '../open.ts'

export interface FallbackRow {
  deployment: string
  model: string
  version: string
  setBy: string
  setAt: number
}

export type FallbackTable = ReturnType<typeof openFallbackTable>

const columns = 'deployment, model, version, set_by AS setBy, set_at AS setAt'

/** Versions that devices of a deployment go back to where they have none of their own. */
export function openFallbackTable(db: WriteDb) {
  const one = db.prepare<[string], FallbackRow>(`SELECT ${columns} FROM deployment_fallback WHERE deployment = ?`)
  const all = db.prepare<[], FallbackRow>(`SELECT ${columns} FROM deployment_fallback ORDER BY deployment`)
  const put = db.prepare(`INSERT OR REPLACE INTO deployment_fallback (deployment, model, version, set_by, set_at)
    VALUES (@deployment, @model, @version, @setBy, @setAt)`)
  const remove = db.prepare('DELETE FROM deployment_fallback WHERE deployment = ?')
  return {
    find: (deployment: string): FallbackRow | null => one.get(deployment) ?? null,
    all: (): FallbackRow[] => all.all(),
    put: (row: FallbackRow): void => void put.run(row),
    remove: (deployment: string): boolean => remove.run(deployment).changes > 0,
  }
}
