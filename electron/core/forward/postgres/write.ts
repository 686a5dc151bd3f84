import type { Client } from 'pg'
import { copiedTables, type CopiedTable } from '../../../../shared/domain/forward.ts'
import { errorCodeOf, messageOf } from '../../../../shared/domain/problem.ts'
import type { CopyRow } from '../../store/telemetry/copies.ts'
import { insertSql } from './tables.ts'

/** Records by the table that they go to. */
export type CopyBatch = Partial<Record<CopiedTable, readonly CopyRow[]>>

/**
 * Writes records in one transaction: those that are there already stay as they are, so that whatever is sent twice is there once. A record that
 * PostgreSQL cannot hold is noted in the table `quarantine` and holds nothing up.
 * @returns how many were new, by table
 */
export async function writeBatch(
  client: Client,
  { schema, fleet }: { schema: string; fleet: string },
  batch: CopyBatch,
): Promise<Record<CopiedTable, number>> {
  const made = Object.fromEntries(copiedTables.map((table) => [table, 0])) as Record<CopiedTable, number>
  await client.query('BEGIN')
  try {
    for (const table of copiedTables) {
      const rows = batch[table] ?? []
      if (rows.length > 0) made[table] += await insertAll(client, { schema, fleet, table }, rows)
    }
    await client.query('COMMIT')
    return made
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

interface Into {
  schema: string
  fleet: string
  table: CopiedTable
}

/** All at once, and only if PostgreSQL cannot hold one of them, half by half. */
async function insertAll(client: Client, into: Into, rows: readonly CopyRow[]): Promise<number> {
  await client.query('SAVEPOINT muster_rows')
  try {
    const { rowCount } = await client.query(insertSql(into.schema, into.table), [into.fleet, JSON.stringify(rows.map(storable))])
    await client.query('RELEASE SAVEPOINT muster_rows')
    return rowCount ?? 0
  } catch (error) {
    if (!isOfData(error)) throw error
    await client.query('ROLLBACK TO SAVEPOINT muster_rows')
    if (rows.length > 1) {
      const half = Math.ceil(rows.length / 2)
      return (await insertAll(client, into, rows.slice(0, half))) + (await insertAll(client, into, rows.slice(half)))
    }
    if (into.table === 'quarantine') throw error
    const { device, spool, seq, received_at } = rows[0]!
    const reason = `PostgreSQL cannot hold it in ${into.table}: ${messageOf(error)}`
    await insertAll(client, { ...into, table: 'quarantine' }, [{ device, spool, seq, received_at, reason }])
    return 0
  }
}

/** 22: a value is not of its kind or out of range; 23: a rule of the table. */
function isOfData(error: unknown): boolean {
  const code = errorCodeOf(error) ?? ''
  return code.startsWith('22') || code.startsWith('23')
}

/** PostgreSQL holds no NUL and no half of a surrogate pair, and devices may send both. */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\u{fffd}').toWellFormed()
  if (Array.isArray(value)) return value.map(storable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [storable(name), storable(one)]))
}
