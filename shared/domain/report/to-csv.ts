import { csvText } from '../csv.ts'
import { utf8Of, zipOf } from '../zip.ts'
import type { ReportDocument, ReportValue, ValueUnit } from './document.ts'
import { plainTables } from './parts.ts'
import type { ReportSeal } from './seal.ts'

/** A report as an archive of CSV files, one per table. Numbers are whole and in base units; times are ISO 8601 in UTC. */
export function reportCsvArchive(document: ReportDocument, seal: ReportSeal): Uint8Array<ArrayBuffer> {
  return zipOf(
    plainTables(document, seal).map(({ name, columns, rows }) => ({
      name: `${name}.csv`,
      bytes: utf8Of(
        csvText(
          columns.map(({ id }) => id),
          rows.map((row) => columns.map(({ unit }, i) => cellOf(row[i] ?? null, unit))),
        ),
      ),
    })),
  )
}

function cellOf(value: ReportValue, unit: ValueUnit): ReportValue {
  if (unit !== 'time' || typeof value !== 'number') return value
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? value : date.toISOString()
}
