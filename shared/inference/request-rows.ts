import type { TensorSpec } from '../domain/bundle.ts'
import { csvRows } from '../domain/csv.ts'
import { messageOf, Problem } from '../domain/problem.ts'
import { parseJson } from '../protocol/decode.ts'

/** What a person gave: a whole request, or rows of cells in the order of the model's inputs. */
export type PredictInput = { kind: 'request'; request: Record<string, unknown> } | { kind: 'rows'; rows: unknown[][] }

/** A tensor in the JSON form of the Open Inference Protocol. */
export interface RequestTensor {
  name: string
  datatype: string
  shape: number[]
  data: unknown[]
}

/**
 * Reads what a person gave as text: CSV (a first line of names is left out), or JSON, which is rows or a whole request.
 * @throws Problem `data.invalid`
 */
export function readRequestText(content: string, what: string): PredictInput {
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

function fromCsv(content: string, what: string): unknown[][] {
  const lines = csvRows(content, what)
  const isHeader =
    lines.length > 1 &&
    lines[0]!.every((cell) => cell !== '' && Number.isNaN(Number(cell))) &&
    lines[1]!.some((cell) => !Number.isNaN(Number(cell)))
  const rows = isHeader ? lines.slice(1) : lines
  if (rows.length === 0) throw new Problem('data.invalid', `${what} holds no row.`, { hint: 'Give a row like 1,2,3.' })
  return rows.map((row) => row.map(cellOf))
}

/** A text cell as a number where it reads as one. */
export function cellOf(cell: string): string | number {
  return cell !== '' && !Number.isNaN(Number(cell)) ? Number(cell) : cell
}

/** Splits rows of cells among the inputs of a model, in their order. @throws Problem `data.schema-mismatch` */
export function tensorsOfRows(inputs: readonly TensorSpec[], rows: readonly (readonly unknown[])[]): RequestTensor[] {
  const width = rows[0]?.length ?? 0
  if (rows.some((row) => row.length !== width)) throw new Problem('data.schema-mismatch', 'The rows differ in length.')
  const sizes = inputWidths(inputs, width)
  let start = 0
  return inputs.map((input, i) => {
    const size = sizes[i]!
    const from = start
    const data = rows.flatMap((row) => row.slice(from, from + size).map((cell) => cellFor(input, cell)))
    start += size
    const inner = input.shape.slice(1).map((dimension) => (dimension === -1 ? size : dimension))
    return { name: input.name, datatype: input.datatype, shape: input.shape.length === 0 ? [] : [rows.length, ...inner], data }
  })
}

/** How many cells of a row each input takes; one input of open size takes what the others leave. @throws Problem `data.schema-mismatch` */
export function inputWidths(inputs: readonly TensorSpec[], width: number): number[] {
  const sizes = inputs.map(({ shape }) => shape.slice(1))
  const open = sizes.filter((size) => size.includes(-1)).length
  const fixed = sizes.map((size) => (size.includes(-1) ? 0 : size.reduce((product, dimension) => product * dimension, 1)))
  const needed = fixed.reduce((sum, size) => sum + size, 0)
  if (open > 1 || (open === 0 && width !== needed) || (open === 1 && width <= needed)) {
    throw new Problem(
      'data.schema-mismatch',
      `A row has ${width} values; the inputs ${inputs.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ')} take ${open === 0 ? needed : `more than ${needed}`}.`,
      width > needed ? { hint: 'Leave out every column that is no input, such as the true label.' } : undefined,
    )
  }
  return fixed.map((size, i) => (sizes[i]!.includes(-1) ? width - needed : size))
}

/** A cell in the form that the protocol has for a datatype; an empty one is a missing value, where the type knows one. @throws Problem `data.schema-mismatch` */
export function cellFor({ datatype, name }: TensorSpec, cell: unknown): unknown {
  if (datatype === 'BYTES') return typeof cell === 'string' ? cell : cell == null ? '' : JSON.stringify(cell)
  if (datatype === 'BOOL') return cell === true || cell === 1 || cell === 'true'
  if (typeof cell === 'number') return cell
  if (datatype.startsWith('FP') && (cell === '' || cell == null)) return null
  throw new Problem('data.schema-mismatch', `'${shownCell(cell)}' is no number for the input ${name}.`)
}

function shownCell(cell: unknown): string {
  return typeof cell === 'string' ? cell : (JSON.stringify(cell) ?? '')
}
