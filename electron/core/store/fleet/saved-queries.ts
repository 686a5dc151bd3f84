import type { SavedQuery } from '../../../../shared/rpc/contract/queries.ts'
import type { WriteDb } from '../open.ts'

interface RawQuery {
  view: SavedQuery['view']
  name: string
  query: string
  columns: string
  sort: string | null
  savedAt: number
  savedBy: string
}

const read = 'SELECT view, name, query, columns, sort, saved_at AS savedAt, saved_by AS savedBy FROM saved_query WHERE view = ?'

/** Queries that people gave a name, unique by view and name. */
export function openSavedQueryTable(db: WriteDb) {
  const all = db.prepare<[string], RawQuery>(`${read} ORDER BY name`)
  const one = db.prepare<[string, string], RawQuery>(`${read} AND name = ?`)
  const put = db.prepare(`INSERT INTO saved_query (view, name, query, columns, sort, saved_at, saved_by)
    VALUES (@view, @name, @query, @columns, @sort, @savedAt, @savedBy)
    ON CONFLICT (view, name) DO UPDATE SET query = excluded.query, columns = excluded.columns, sort = excluded.sort,
      saved_at = excluded.saved_at, saved_by = excluded.saved_by`)
  const remove = db.prepare('DELETE FROM saved_query WHERE view = ? AND name = ?')
  return {
    /** By name. */
    all: (view: string): SavedQuery[] => all.all(view).map(fromRaw),
    find(view: string, name: string): SavedQuery | null {
      const raw = one.get(view, name)
      return raw === undefined ? null : fromRaw(raw)
    },
    put: (row: SavedQuery): void =>
      void put.run({ ...row, columns: JSON.stringify(row.columns), sort: row.sort === null ? null : JSON.stringify(row.sort) }),
    remove: (view: string, name: string): void => void remove.run(view, name),
  }
}

function fromRaw(raw: RawQuery): SavedQuery {
  return {
    ...raw,
    columns: JSON.parse(raw.columns) as string[],
    sort: raw.sort === null ? null : (JSON.parse(raw.sort) as SavedQuery['sort']),
  }
}
