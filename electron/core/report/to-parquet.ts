import { parquetWriteBuffer } from 'hyparquet-writer'
import type { ReportDocument, ReportValue } from '../../../shared/domain/report/document.ts'
import { plainTables } from '../../../shared/domain/report/parts.ts'
import type { ReportSeal } from '../../../shared/domain/report/seal.ts'

/**
 * A report as one Parquet file: a row per cell of its tables, with the number in `number` and the text in `text`. Parquet has one schema per file, and the tables
 * of a report have several.
 */
export function reportParquet(document: ReportDocument, seal: ReportSeal): Uint8Array {
  const cells = { table: [] as string[], row: [] as number[], key: [] as string[], column: [] as string[], unit: [] as string[] }
  const number: (number | null)[] = []
  const text: (string | null)[] = []
  for (const { name, columns, rows } of plainTables(document, seal))
    for (const [i, values] of rows.entries())
      for (const [j, { id, unit }] of columns.entries()) {
        const value: ReportValue = values[j] ?? null
        cells.table.push(name)
        cells.row.push(i)
        cells.key.push(String(values[0] ?? ''))
        cells.column.push(id)
        cells.unit.push(unit)
        number.push(typeof value === 'number' ? value : null)
        text.push(typeof value === 'string' ? value : null)
      }
  const { statement, keyId, signature } = seal
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'table', data: cells.table, type: 'STRING' },
        { name: 'row', data: cells.row, type: 'INT32' },
        { name: 'key', data: cells.key, type: 'STRING' },
        { name: 'column', data: cells.column, type: 'STRING' },
        { name: 'unit', data: cells.unit, type: 'STRING' },
        { name: 'number', data: number, type: 'DOUBLE', nullable: true },
        { name: 'text', data: text, type: 'STRING', nullable: true },
      ],
      kvMetadata: [
        { key: 'muster.title', value: document.title },
        { key: 'muster.statement', value: JSON.stringify(statement) },
        { key: 'muster.signature', value: `${keyId} ${signature}` },
      ],
    }),
  )
}
