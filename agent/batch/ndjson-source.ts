import { createReadStream, statSync } from 'node:fs'
import { Problem } from '../../shared/domain/problem.ts'
import { parseJson } from '../../shared/protocol/decode.ts'
import { inChunks, isList, type RowSource, type SourceRow } from './rows.ts'

/** A longer line is no row. */
const MAX_LINE_BYTES = 16 * 1024 * 1024
const NEWLINE = 0x0a

/** A file with one JSON object, or list of values, per line. The columns are those of the first row. @throws Problem `data.invalid` */
export async function openNdjsonSource(file: string): Promise<RowSource> {
  const { size } = statSync(file)
  let columns: string[] | null = null
  for await (const { row } of rowsFrom(file, 0)) {
    if (row.problem !== null) continue
    columns = isList(row.values) ? row.values.map((_, i) => `column_${i + 1}`) : Object.keys(row.values)
    break
  }
  if (columns === null) throw new Problem('data.invalid', `${file} has no line with a JSON object or list.`)
  return {
    columns,
    sizeBytes: size,
    totalRows: null,
    typeOf: () => null,
    chunks: (from, chunkSize) => inChunks(rowsFrom(file, from.byte), from, chunkSize),
  }
}

async function* rowsFrom(file: string, start: number): AsyncGenerator<{ row: SourceRow; byte: number }> {
  let byte = start
  for await (const line of lines(file, start)) {
    byte += line.length
    const text = line
      .toString('utf8')
      .replace(/^\ufeff/, '')
      .trim()
    if (text !== '') yield { row: rowOf(text), byte }
  }
}

/** Lines with their newline. */
async function* lines(file: string, start: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let heldBytes = 0
  for await (const chunk of createReadStream(file, { start, highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      yield Buffer.concat([...held, chunk.subarray(from, at + 1)])
      held = []
      heldBytes = 0
      from = at + 1
    }
    held.push(chunk.subarray(from))
    heldBytes += chunk.length - from
    if (heldBytes > MAX_LINE_BYTES) throw new Problem('data.invalid', `${file} has a line of more than ${MAX_LINE_BYTES} bytes.`)
  }
  if (heldBytes > 0) yield Buffer.concat(held)
}

function rowOf(text: string): SourceRow {
  try {
    const value = parseJson(text, 'The line')
    if (Array.isArray(value)) return { values: value as unknown[], problem: null }
    if (typeof value === 'object' && value !== null) return { values: value as Record<string, unknown>, problem: null }
  } catch {
    // Answered below, like any line that is no row.
  }
  return { values: {}, problem: 'data.invalid' }
}
