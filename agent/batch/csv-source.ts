import { parse, type Options } from 'csv-parse'
import { createReadStream, statSync } from 'node:fs'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import { inChunks, type RowSource, type SourceRow } from './rows.ts'

/** One cell or line longer than this is a missing quote, not data. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024

interface CsvRecord {
  record: string[]
  info: { bytes: number; lines: number }
}

/** A CSV file whose first line names the columns. @throws Problem `data.invalid` */
export async function openCsvSource(file: string): Promise<RowSource> {
  const { size } = statSync(file)
  let header: { names: string[]; byte: number } | null = null
  for await (const { record, info } of records(file, 0)) {
    header = { names: record.map((name) => name.trim()), byte: info.bytes }
    break
  }
  if (header === null) throw new Problem('data.invalid', `${file} is empty.`, { hint: 'Give a CSV whose first line names the columns.' })
  const { names, byte } = header
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new Problem('data.invalid', `${file} has the column '${twice}' twice.`)
  async function* rows(from: number): AsyncGenerator<{ row: SourceRow; byte: number }> {
    const start = Math.max(from, byte)
    for await (const { record, info } of records(file, start)) {
      // A line of other length is answered for itself; its cells stay in the columns that there are.
      const values = names.map((_, i) => record[i] ?? '')
      yield { row: { values, problem: record.length === names.length ? null : 'data.invalid' }, byte: start + info.bytes }
    }
  }
  return {
    columns: names,
    sizeBytes: size,
    totalRows: null,
    typeOf: () => null,
    chunks: (from, chunkSize) => inChunks(rows(from.byte), from, chunkSize),
  }
}

async function* records(file: string, start: number): AsyncGenerator<CsvRecord> {
  const options: Options = {
    info: true,
    bom: start === 0,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_BYTES,
  }
  const source = createReadStream(file, { start })
  const parser = parse(options)
  source.on('error', (error) => parser.destroy(error))
  source.pipe(parser)
  try {
    for await (const record of parser) yield record as CsvRecord
  } catch (error) {
    throw new Problem('data.invalid', `${file} is not CSV${start === 0 ? '' : ` (counted from byte ${start})`}: ${messageOf(error)}`, {
      cause: error,
    })
  } finally {
    source.destroy()
  }
}
