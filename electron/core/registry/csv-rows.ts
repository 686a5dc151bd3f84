import { createReadStream, statSync, type ReadStream } from 'node:fs'
import { Transform } from 'node:stream'
import { TextDecoder } from 'node:util'
import { parse, type Parser } from 'csv-parse'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'

/** One record behind the header. */
export interface CsvRow {
  /** 1 for the first record behind the header. */
  row: number
  /** Line of the file where the record ends. */
  line: number
  cells: string[]
}

/** An open CSV file. Close it, whether or not the rows were read to the end. */
export interface CsvFile {
  header: string[]
  rows: AsyncIterable<CsvRow>
  /** Share of the file that was read, 0 to 1. */
  fraction: () => number
  close: () => void
}

const notUtf8 = 'the file is not UTF-8 text; save it as CSV in UTF-8'

/** A record larger than this is no row of features. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024
/** What a manifest takes as the name of a feature. */
const MAX_NAME = 256

/**
 * Opens a CSV file (RFC 4180, UTF-8, comma) for reading row by row. Lines without a value are skipped, and what spreadsheets leave at
 * the end of lines, cells without name and value, is no column.
 * @param what names the file in messages, as in "Hold-out data"
 * @throws Problem `data.invalid` if it cannot be read as CSV or has no header, `data.schema-mismatch` for unnamed or repeated columns;
 *   the rows throw `data.invalid` for a record of another length and for broken quotes
 */
export async function openCsv(path: string, what: string): Promise<CsvFile> {
  const sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  const stream = createReadStream(path)
  // All kinds of line ends, also mixed: by default the first one found would be the only one.
  const parser = parse({
    bom: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    max_record_size: MAX_RECORD_BYTES,
  })
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const checked = new Transform({
    transform(bytes: Buffer, _, done) {
      done(isUtf8Part(decoder, bytes) ? null : new Error(notUtf8), bytes)
    },
    flush: (done) => done(isUtf8Part(decoder) ? null : new Error(notUtf8)),
  })
  stream.on('error', (error) => parser.destroy(error))
  checked.on('error', (error) => parser.destroy(error))
  stream.pipe(checked).pipe(parser)
  const close = (): void => {
    stream.destroy()
    checked.destroy()
    parser.destroy()
  }
  try {
    const records = recordsOf(parser, what)
    const first = await records.next()
    if (first.done === true) throw new Problem('data.invalid', `${what}: the file is empty.`)
    const names = first.value.cells.map((name) => name.trim())
    const header = names.slice(0, names.findLastIndex((name) => name !== '') + 1)
    checkHeader(header, what)
    return { header, rows: rowsOf(records, header.length, what), fraction: () => fractionOf(stream, sizeBytes), close }
  } catch (error) {
    close()
    throw error
  }
}

type CsvRecord = Omit<CsvRow, 'row'>

async function* recordsOf(parser: Parser, what: string): AsyncGenerator<CsvRecord, void> {
  try {
    // With `info: true` csv-parse gives this pair for every record.
    const entries: AsyncIterable<{ info: { lines: number }; record: string[] }> = parser
    for await (const { info, record } of entries) {
      yield { line: info.lines, cells: record }
    }
  } catch (error) {
    throw error instanceof Problem
      ? error
      : new Problem('data.invalid', `${what} cannot be read as CSV: ${messageOf(error)}`, { cause: error })
  }
}

async function* rowsOf(records: AsyncGenerator<CsvRecord, void>, columns: number, what: string): AsyncGenerator<CsvRow> {
  let row = 0
  for await (const { line, cells } of records) {
    row += 1
    while (cells.length > columns && cells.at(-1)!.trim() === '') cells.pop()
    if (cells.length !== columns)
      throw new Problem('data.invalid', `${what}, row ${row} (line ${line}): ${cells.length} values for ${columns} columns.`)
    yield { row, line, cells }
  }
}

/** False if the bytes cannot go on a UTF-8 text, or without bytes, if it cannot end here. */
function isUtf8Part(decoder: TextDecoder, bytes?: Buffer): boolean {
  try {
    decoder.decode(bytes, { stream: bytes !== undefined })
    return true
  } catch {
    return false
  }
}

function checkHeader(header: readonly string[], what: string): void {
  if (header.length === 1 && /[;\t]/.test(header[0]!))
    throw new Problem('data.schema-mismatch', `${what}: the first line has no comma; columns are separated by commas.`)
  const seen = new Set<string>()
  for (const [i, name] of header.entries()) {
    if (name === '')
      throw new Problem('data.schema-mismatch', `${what}: column ${i + 1} has no name; the first line must name the columns.`)
    if (name.length > MAX_NAME)
      throw new Problem(
        'data.schema-mismatch',
        `${what}: the name of column ${i + 1} has ${name.length} characters; ${MAX_NAME} are the most.`,
      )
    if (seen.has(name)) throw new Problem('data.schema-mismatch', `${what}: two columns are named "${name.slice(0, 64)}".`)
    seen.add(name)
  }
}

function fractionOf(stream: ReadStream, sizeBytes: number): number {
  return sizeBytes === 0 ? 1 : Math.min(1, stream.bytesRead / sizeBytes)
}
