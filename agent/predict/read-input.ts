import { parse } from 'csv-parse/sync'
import { readFileSync, statSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import { parseJson } from '../../shared/protocol/decode.ts'

/** What a person gave: a whole request, or rows of cells in the order of the model's inputs. */
export type PredictInput = { kind: 'request'; request: Record<string, unknown> } | { kind: 'rows'; rows: unknown[][] }

/** Reads a row (`1,2,3`), a file of CSV or JSON, or standard input (`-`). @throws Problem `data.invalid` */
export async function readInput(given: string): Promise<PredictInput> {
  if (given === '-') return fromText(await text(process.stdin), 'standard input')
  if (!/\.(json|csv)$/i.test(given) && !isFile(given)) return fromText(given, 'the row')
  let content: string
  try {
    content = readFileSync(given, 'utf8')
  } catch (error) {
    throw new Problem('data.invalid', `${given} cannot be read: ${messageOf(error)}`, {
      hint: 'Give a file that exists, or a row like 1,2,3.',
      cause: error,
    })
  }
  return fromText(content, given)
}

function isFile(given: string): boolean {
  try {
    return statSync(given).isFile()
  } catch {
    // A row is no path; it may even be too long for one.
    return false
  }
}

function fromText(content: string, what: string): PredictInput {
  return /^\s*[[{]/.test(content) ? fromJson(content, what) : { kind: 'rows', rows: fromCsv(content, what) }
}

function fromJson(content: string, what: string): PredictInput {
  let value: unknown
  try {
    value = parseJson(content, what)
  } catch (error) {
    throw new Problem('data.invalid', messageOf(error), {
      hint: 'Give rows like [[1, 2], [3, 4]], or a request of the local API.',
      cause: error,
    })
  }
  if (!Array.isArray(value)) return { kind: 'request', request: value as Record<string, unknown> }
  const items: unknown[] = value
  return { kind: 'rows', rows: items.every((item) => Array.isArray(item)) ? items.map((item) => (item as unknown[]).flat(8)) : [items] }
}

/** Cells are numbers where they read as such. A first line of names is left out. */
function fromCsv(content: string, what: string): unknown[][] {
  let lines: string[][]
  try {
    lines = parse(content, { skip_empty_lines: true, trim: true, bom: true })
  } catch (error) {
    throw new Problem('data.invalid', `${what} is not CSV: ${messageOf(error)}`, { cause: error })
  }
  const isHeader =
    lines.length > 1 &&
    lines[0]!.every((cell) => cell !== '' && Number.isNaN(Number(cell))) &&
    lines[1]!.some((cell) => !Number.isNaN(Number(cell)))
  const rows = isHeader ? lines.slice(1) : lines
  if (rows.length === 0) throw new Problem('data.invalid', `${what} holds no row.`, { hint: 'Give a row like 1,2,3.' })
  return rows.map((row) => row.map((cell) => (cell !== '' && !Number.isNaN(Number(cell)) ? Number(cell) : cell)))
}
