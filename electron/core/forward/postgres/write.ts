import type { Client } from 'pg'
import { copiedTables, type CopiedTable } from '../../../../shared/domain/forward.ts'
import { messageOf } from '../../../../shared/domain/problem.ts'
import type { CopyRow } from '../../store/telemetry/copies.ts'
import { isOfData, isOfTable, requireFew, tableChanged } from './refusal.ts'
import { insertSql } from './tables.ts'

/** Records by the table that they go to. */
export type CopyBatch = Partial<Record<CopiedTable, readonly CopyRow[]>>

type CountByTable = Record<CopiedTable, number>

/** What became of a batch. */
export interface Written {
  /** Records that were new. */
  made: CountByTable
  /** Records that their table cannot hold. */
  refused: CountByTable
}

const noneYet = (): CountByTable => Object.fromEntries(copiedTables.map((table) => [table, 0])) as CountByTable

/**
 * Writes records in one transaction: those that are there already stay as they are, so that whatever is sent twice is there once. A record that
 * PostgreSQL cannot hold is noted in the table `quarantine` and holds nothing up. Nothing is written if a table was changed.
 * @throws Problem `forward.table-changed`; errors of PostgreSQL
 */
export async function writeBatch(client: Client, { schema, fleet }: { schema: string; fleet: string }, batch: CopyBatch): Promise<Written> {
  const written: Written = { made: noneYet(), refused: noneYet() }
  await client.query('BEGIN')
  try {
    for (const table of copiedTables) {
      const rows = batch[table] ?? []
      if (rows.length > 0) written.made[table] += await insertAll(client, { schema, fleet, table, of: rows.length, written }, rows)
    }
    await client.query('COMMIT')
    return written
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

interface Into {
  schema: string
  fleet: string
  table: CopiedTable
  /** Records of this table in the batch. */
  of: number
  written: Written
}

/** All at once, and only if PostgreSQL cannot hold one of them, half by half. */
async function insertAll(client: Client, into: Into, rows: readonly CopyRow[]): Promise<number> {
  await client.query('SAVEPOINT muster_rows')
  try {
    const { rowCount } = await client.query(insertSql(into.schema, into.table), [into.fleet, JSON.stringify(rows.map(storable))])
    await client.query('RELEASE SAVEPOINT muster_rows')
    return rowCount ?? 0
  } catch (error) {
    if (isOfTable(error)) throw tableChanged(into.table, error)
    if (!isOfData(error)) throw error
    await client.query('ROLLBACK TO SAVEPOINT muster_rows')
    if (rows.length > 1) {
      const half = Math.ceil(rows.length / 2)
      return (await insertAll(client, into, rows.slice(0, half))) + (await insertAll(client, into, rows.slice(half)))
    }
    if (into.table === 'quarantine') throw tableChanged(into.table, error)
    into.written.refused[into.table] += 1
    requireFew(into.written.refused[into.table], into, error)
    const { device, spool, seq, received_at } = rows[0]!
    const reason = `PostgreSQL cannot hold it in ${into.table}: ${messageOf(error)}`
    await insertAll(client, { ...into, table: 'quarantine' }, [{ device, spool, seq, received_at, reason }])
    return 0
  }
}

/** PostgreSQL holds no NUL and no half of a surrogate pair, and devices may send both. */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\u{fffd}').toWellFormed()
  if (Array.isArray(value)) return value.map(storable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [storable(name), storable(one)]))
}
