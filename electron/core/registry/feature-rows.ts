import type { Datatype } from '../../../shared/domain/bundle.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { halfFromNumber, numberFromHalf } from '../../../shared/inference/half.ts'
import { booleanOfText } from '../../../shared/inference/steps/number-text.ts'
import { holdsNumber } from '../../../shared/inference/tensor.ts'
import { planColumns, type ColumnPlan, type ColumnRules } from './columns.ts'
import { openCsv, type CsvRow } from './csv-rows.ts'
import type { TabularInput } from './describe.ts'

/** One record as the model will see it. */
export interface FeatureRow {
  row: number
  line: number
  /** Values as the request carries them: numbers as the datatype stores them (NaN: missing; 0 and 1 for a boolean), texts as they are. */
  values: (number | string)[]
  /** Text of the true label or value; `null` if the file has none. */
  target: string | null
}

/** A CSV file read as rows of features. */
export interface FeatureFile {
  plan: ColumnPlan
  rows: AsyncIterable<FeatureRow>
  fraction: () => number
  close: () => void
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
const missing: ReadonlySet<string> = new Set(['', 'nan', 'na', 'n/a', 'null', 'none', '?'])
const infinite = /^([+-]?)inf(inity)?$/i

/**
 * Opens a CSV file whose columns are the features of a tabular input, and perhaps the truth.
 * @throws Problem `data.schema-mismatch`, `data.invalid` (also from the rows, naming row, column and value)
 */
export async function openFeatureRows(path: string, tabular: TabularInput, rules: ColumnRules): Promise<FeatureFile> {
  const csv = await openCsv(path, rules.what)
  try {
    const plan = planColumns(csv.header, rules)
    return { plan, rows: featureRows(csv.rows, { plan, tabular, what: rules.what }), fraction: csv.fraction, close: csv.close }
  } catch (error) {
    csv.close()
    throw error
  }
}

/** The problem with one cell. */
export function cellProblem(what: string, at: { row: number; line: number; column: string; cell: string }, why: string): Problem {
  const cell = JSON.stringify(at.cell.length > 40 ? `${at.cell.slice(0, 40)}…` : at.cell)
  return new Problem('data.invalid', `${what}, row ${at.row} (line ${at.line}), column "${at.column.slice(0, 64)}": ${cell} ${why}.`)
}

/** The problem with a file that has a header and nothing else. */
export function noRow(what: string): Problem {
  return new Problem('data.invalid', `${what}: there is no row behind the header.`)
}

/** A number as CSV writes it; NaN for a missing value, `null` for anything else. */
export function numberOf(cell: string): number | null {
  const text = cell.trim()
  if (decimal.test(text)) return Number.isFinite(Number(text)) ? Number(text) : null
  if (missing.has(text.toLowerCase())) return Number.NaN
  const sign = infinite.exec(text)
  return sign === null ? null : sign[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

async function* featureRows(
  rows: AsyncIterable<CsvRow>,
  of: { plan: ColumnPlan; tabular: TabularInput; what: string },
): AsyncGenerator<FeatureRow> {
  const { featureAt, features, targetAt } = of.plan
  for await (const { row, line, cells } of rows) {
    const values = featureAt.map((at, i) => {
      const cell = cells[at]!
      const read = readCell(of.tabular, i, cell)
      if (read.why !== null) throw cellProblem(of.what, { row, line, column: features[i]!, cell }, read.why)
      return read.value
    })
    yield { row, line, values, target: targetAt === null ? null : cells[targetAt]! }
  }
}

/** A cell as the request carries it in a column, or why it cannot. */
export function readCell(
  { columns, datatype }: TabularInput,
  index: number,
  cell: string,
): { value: number | string; why: null } | { value: null; why: string } {
  const type = columns?.[index]?.type ?? 'number'
  if (type === 'text') return { value: cell, why: null }
  if (type === 'boolean') {
    const value = booleanOfText(cell)
    return value === null || Number.isNaN(value) ? { value: null, why: 'is not true or false' } : { value, why: null }
  }
  const number = numberOf(cell)
  if (number === null) return { value: null, why: 'is not a number' }
  const stored = storedAs(datatype, number)
  return stored === null ? { value: null, why: `is not a value of ${datatype}` } : { value: stored, why: null }
}

/** The value that a tensor of the datatype holds for a number; `null` if it holds none. */
export function storedAs(datatype: Datatype, value: number): number | null {
  if (!holdsNumber(datatype, value)) return null
  return datatype === 'FP32' ? Math.fround(value) : datatype === 'FP16' ? numberFromHalf(halfFromNumber(value)) : value
}
