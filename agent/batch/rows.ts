import type { ProblemCode } from '../../shared/domain/problems.ts'

/** A row as the file has it: values in the order of the columns, or by name (NDJSON). */
export interface SourceRow {
  values: readonly unknown[] | Readonly<Record<string, unknown>>
  /** Why the row cannot be read; it gets that code, and the next goes on. */
  problem: ProblemCode | null
}

/** Where reading goes on: after so many rows, at this byte of the file. */
export interface Position {
  row: number
  byte: number
}

/** Rows in order, and where the next one begins. */
export interface Chunk {
  rows: SourceRow[]
  end: Position
}

/** A file of rows. */
export interface RowSource {
  columns: readonly string[]
  sizeBytes: number
  /** Known for Parquet only. */
  totalRows: number | null
  /** The column type of a Parquet file, so that a Parquet output keeps it. */
  typeOf(column: string): ColumnType | null
  /** Rows from a position on, `size` in each chunk and fewer in the last one. @throws Problem `data.invalid` if the file itself is damaged */
  chunks(from: Position, size: number): AsyncIterable<Chunk>
}

/** Types of Parquet columns that an output has. */
export type ColumnType = 'BOOLEAN' | 'INT32' | 'INT64' | 'FLOAT' | 'DOUBLE' | 'STRING' | 'JSON' | 'TIMESTAMP' | 'DATE'

export const START: Position = { row: 0, byte: 0 }

/** Collects rows into chunks of one size: requests have the same rows whether a batch was interrupted or not. */
export async function* inChunks(
  rows: AsyncIterable<{ row: SourceRow; byte: number }>,
  from: Position,
  size: number,
): AsyncGenerator<Chunk> {
  let chunk: SourceRow[] = []
  let end = from
  for await (const { row, byte } of rows) {
    chunk.push(row)
    end = { row: end.row + 1, byte }
    if (chunk.length < size) continue
    yield { rows: chunk, end }
    chunk = []
  }
  if (chunk.length > 0) yield { rows: chunk, end }
}

/** Values of a row in the order of the columns. */
export function inOrder(row: SourceRow, columns: readonly string[]): unknown[] {
  const { values } = row
  if (isList(values)) return columns.map((_, i) => values[i])
  return columns.map((name) => (Object.hasOwn(values, name) ? values[name] : undefined))
}

/** True for values in the order of the columns. */
export function isList(values: SourceRow['values']): values is readonly unknown[] {
  return Array.isArray(values)
}
