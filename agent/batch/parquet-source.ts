import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema, type SchemaTree } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { statSync } from 'node:fs'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import type { Chunk, ColumnType, Position, RowSource, SourceRow } from './rows.ts'

/** A Parquet file; one row group is in memory at a time. @throws Problem `data.invalid` */
export async function openParquetSource(file: string): Promise<RowSource> {
  const damaged = (error: unknown): Problem =>
    new Problem('data.invalid', `${file} is no Parquet file that can be read: ${messageOf(error)}`, { cause: error })
  try {
    const buffer = await asyncBufferFromFile(file)
    const metadata = await parquetMetadataAsync(buffer)
    const fields = parquetSchema(metadata).children
    const columns = fields.map(({ element }) => element.name)
    const types = new Map(fields.map((field) => [field.element.name, columnType(field)]))
    const groups = metadata.row_groups.map((group) => Number(group.num_rows))
    const read = async (rowStart: number, rowEnd: number): Promise<SourceRow[]> => {
      try {
        const rows = await parquetReadObjects({ file: buffer, metadata, compressors, rowStart, rowEnd })
        return rows.map((row) => ({ values: columns.map((name) => plainValue(row[name])), problem: null }))
      } catch (error) {
        throw damaged(error)
      }
    }
    return {
      columns,
      sizeBytes: statSync(file).size,
      totalRows: groups.reduce((sum, rows) => sum + rows, 0),
      typeOf: (column) => types.get(column) ?? null,
      chunks: (from, size) => groupChunks(groups, read, { from, size }),
    }
  } catch (error) {
    throw error instanceof Problem ? error : damaged(error)
  }
}

async function* groupChunks(
  groups: readonly number[],
  read: (rowStart: number, rowEnd: number) => Promise<SourceRow[]>,
  { from, size }: { from: Position; size: number },
): AsyncGenerator<Chunk> {
  let start = 0
  let rows: SourceRow[] = []
  let row = from.row
  for (const count of groups) {
    const end = start + count
    if (end > row + rows.length) rows = [...rows, ...(await read(Math.max(start, row + rows.length), end))]
    start = end
    let taken = 0
    for (; rows.length - taken >= size; taken += size) {
      row += size
      yield { rows: rows.slice(taken, taken + size), end: { row, byte: 0 } }
    }
    // Chunks keep their size across row groups, so that requests do not depend on how the file was cut.
    rows = rows.slice(taken)
  }
  if (rows.length > 0) yield { rows, end: { row: row + rows.length, byte: 0 } }
}

/** Whole numbers as numbers where a number holds them. */
function plainValue(value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}

/** The type with which a column is written again. What has no plain form becomes JSON; times keep their milliseconds. */
function columnType({ element, children }: SchemaTree): ColumnType {
  if (children.length > 0 || element.repetition_type === 'REPEATED') return 'JSON'
  const { type, converted_type: converted, logical_type: logical } = element
  if (converted === 'DATE' || logical?.type === 'DATE') return 'DATE'
  if (type === 'INT96' || converted?.startsWith('TIMESTAMP') === true || logical?.type === 'TIMESTAMP') return 'TIMESTAMP'
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL' || logical?.type === 'FLOAT16') return 'DOUBLE'
  if (converted === 'JSON' || logical?.type === 'JSON') return 'JSON'
  if (converted === 'UINT_64' || converted === 'UINT_32') return converted === 'UINT_32' ? 'INT64' : 'STRING'
  if (type === 'BOOLEAN' || type === 'INT32' || type === 'INT64' || type === 'FLOAT' || type === 'DOUBLE') return type
  return 'STRING'
}
