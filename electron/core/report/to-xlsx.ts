import writeXlsxFile, { type CellObject, type Sheet } from 'write-excel-file/node'
import type { ReportDocument, ReportValue, ValueUnit } from '../../../shared/domain/report/document.ts'
import { plainTables } from '../../../shared/domain/report/parts.ts'
import type { ReportSeal } from '../../../shared/domain/report/seal.ts'
import { wallTime } from '../../../shared/domain/report/value-text.ts'

/** A spreadsheet program takes no longer names, and none of these signs in them. */
const LONGEST_NAME = 31
const refused = /[[\]:*?/\\]/g
/** A cell holds so much text. */
const LONGEST_TEXT = 32_767
const WIDTHS: Partial<Record<ValueUnit, number>> = { text: 28, time: 20 }
const FORMATS: Partial<Record<ValueUnit, string>> = { count: '#,##0', share: '0.00%', bytes: '#,##0', time: 'yyyy-mm-dd hh:mm' }

/** A report as a workbook, one sheet per table. Texts are cells of text: none of them can be run as a formula. */
export async function reportXlsx(document: ReportDocument, seal: ReportSeal): Promise<Uint8Array> {
  const names = new Set<string>()
  const sheets: Sheet<string>[] = plainTables(document, seal).map(({ name, columns, rows, zone }) => ({
    sheet: sheetName(name, names),
    stickyRowsCount: 1,
    columns: columns.map(({ unit }) => ({ width: WIDTHS[unit] ?? 14 })),
    data: [
      columns.map(({ label, unit }): CellObject => ({ value: headOf(label, unit, zone), type: String, fontWeight: 'bold' })),
      ...rows.map((row) => columns.map(({ unit }, i) => cellOf(row[i] ?? null, unit, zone))),
    ],
  }))
  return writeXlsxFile(sheets as Parameters<typeof writeXlsxFile>[0] & Sheet<never>[]).toBuffer()
}

/** A spreadsheet knows no zones: the head of a column says which one its times are in. */
function headOf(label: string, unit: ValueUnit, zone: string): string {
  return unit === 'time' ? `${label} (${zone})` : label
}

function cellOf(value: ReportValue, unit: ValueUnit, zone: string): CellObject | null {
  if (value === null) return null
  if (typeof value === 'string') return { value: value.slice(0, LONGEST_TEXT), type: String }
  if (unit === 'time') return { value: new Date(wallTime(value, zone)), type: Date, format: FORMATS.time! }
  const format = FORMATS[unit]
  return { value, type: Number, ...(format === undefined ? {} : { format }) }
}

/** The name of a sheet, cut, and told apart from those before it. */
function sheetName(name: string, taken: Set<string>): string {
  const base = name.replace(refused, '-').slice(0, LONGEST_NAME)
  let own = base
  for (let nth = 2; taken.has(own); nth += 1) own = `${base.slice(0, LONGEST_NAME - 4)}-${nth}`
  taken.add(own)
  return own
}
