import { stringify } from 'csv-stringify/sync'
import type { RowAnswer } from './answer-columns.ts'
import type { BatchFormat } from './format.ts'
import { inOrder, isList, type SourceRow } from './rows.ts'

/** Turns rows with their answers into the text of an output. */
export interface RowWriter {
  /** What comes before the first row. */
  head: string
  text(rows: readonly SourceRow[], answers: readonly RowAnswer[]): string
}

/** The writer of a format. Parquet is staged as one list of answers per line, and joined with its input at the end. */
export function rowWriter(format: BatchFormat, columns: readonly string[], added: readonly string[]): RowWriter {
  if (format === 'csv') {
    const lines = (rows: readonly unknown[][]): string =>
      stringify(
        rows.map((row) => row.map(csvCell)),
        { record_delimiter: 'windows' },
      )
    return {
      head: lines([[...columns, ...added]]),
      text: (rows, answers) => lines(rows.map((row, i) => [...inOrder(row, columns), ...answers[i]!])),
    }
  }
  if (format === 'parquet') return { head: '', text: (_, answers) => answers.map((answer) => `${JSON.stringify(answer)}\n`).join('') }
  return {
    head: '',
    text: (rows, answers) =>
      rows.map((row, i) => `${JSON.stringify(joined(row, columns, { added, answer: answers[i]! }), jsonValue)}\n`).join(''),
  }
}

function joined(row: SourceRow, columns: readonly string[], { added, answer }: { added: readonly string[]; answer: RowAnswer }): object {
  const own = isList(row.values) ? Object.fromEntries(row.values.map((value, i) => [columns[i] ?? `column_${i + 1}`, value])) : row.values
  return { ...own, ...Object.fromEntries(added.map((name, i) => [name, answer[i] ?? null])) }
}

function csvCell(value: unknown): unknown {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'string' ? value : typeof value === 'bigint' ? String(value) : JSON.stringify(value, jsonValue)
}

/** What JSON has no form for: large whole numbers and bytes become texts. */
export function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
}
