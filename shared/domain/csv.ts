import { Problem } from './problem.ts'

/** A value of a cell; numbers stay numbers, null is an empty cell. */
export type CsvValue = string | number | boolean | null

/**
 * A table as CSV (RFC 4180: CRLF, quotes doubled). A text that a spreadsheet would run as a formula gets an apostrophe in front:
 * labels and host names come from devices and people.
 */
export function csvText(header: readonly string[], rows: readonly (readonly CsvValue[])[]): string {
  return [header, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')
}

/** One cell, guarded and quoted where it must be. */
export function csvCell(value: CsvValue): string {
  if (value === null) return ''
  const text = typeof value === 'string' ? guarded(value) : String(value)
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function guarded(text: string): string {
  // Spaces in front do not stop a spreadsheet, and full-width forms of the signs are read like the plain ones.
  return /^\s*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/.test(text) ? `'${text}` : text
}

/**
 * The lines of a small CSV text as cells, trimmed; empty lines and a byte order mark are left out.
 * @throws Problem `data.invalid` for a quote that is not closed, or one within a cell
 */
export function csvRows(text: string, what: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  const source = text.replace(/^\ufeff/, '')
  // One cell with what ends it: quoted (quotes doubled) or plain.
  const cell = /[ \t]*(?:"((?:[^"]|"")*)"[ \t]*|([^",\r\n]*))(,|\r?\n|\r|$)/y
  const endRow = (): void => {
    if (row.length > 1 || row[0] !== '') rows.push(row)
    row = []
  }
  for (;;) {
    const at = cell.lastIndex
    const match = cell.exec(source)
    if (match === null)
      throw new Problem('data.invalid', `${what} is not CSV: the quote near character ${at + 1} is not closed or stands within a cell.`)
    row.push(match[1]?.replaceAll('""', '"') ?? match[2]!.trim())
    if (match[3] === ',') continue
    endRow()
    if (cell.lastIndex >= source.length) return rows
  }
}
