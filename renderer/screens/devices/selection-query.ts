import type { Selection } from '../../components/grid/column.ts'

/** The core takes queries up to this length. */
const MAX_QUERY = 4000

/** How many devices are selected, given how many the list holds. */
export function selectedCount(selection: Selection, total: number): number {
  return selection.isAll ? Math.max(0, total - selection.except.size) : selection.keys.size
}

/**
 * The selection as one query; `null` if it would be longer than the core takes (several hundred single devices).
 * @param query the query of the list
 */
export function selectionQuery(selection: Selection, query: string): string | null {
  const written = selection.isAll ? withoutIds(query, [...selection.except]) : idQuery([...selection.keys])
  return written.length > MAX_QUERY ? null : written
}

/** The same as several queries, none too long, each with how many devices it names; for what is done device by device anyway. */
export function selectionBatches(selection: Selection, query: string, total: number): { query: string; devices: number }[] {
  if (selection.isAll) return [{ query: withoutIds(query, [...selection.except]), devices: selectedCount(selection, total) }]
  const batches: string[][] = []
  let length = MAX_QUERY
  for (const id of selection.keys) {
    length += id.length + 4
    if (length > MAX_QUERY) {
      batches.push([])
      length = idQuery([id]).length + 8
    }
    batches.at(-1)!.push(id)
  }
  return batches.map((ids) => ({ query: idQuery(ids), devices: ids.length }))
}

/** A query for exactly these devices. */
export function idQuery(ids: readonly string[]): string {
  return ids.length === 1 ? `id = ${word(ids[0]!)}` : `id in (${ids.map(word).join(', ')})`
}

function withoutIds(query: string, ids: readonly string[]): string {
  if (ids.length === 0) return query
  const without = `not ${ids.length === 1 ? idQuery(ids) : `(${idQuery(ids)})`}`
  return query.trim() === '' ? without : `(${query.trim()}) and ${without}`
}

/** Ids hold a-z, 0-9 and -; only words of the grammar need quotes. */
function word(id: string): string {
  return ['and', 'or', 'not', 'in'].includes(id) || !/^[a-z0-9-]+$/.test(id) ? `"${id.replace(/["\\]/g, (c) => `\\${c}`)}"` : id
}
