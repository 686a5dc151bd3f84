import { columnTypes, type ColumnStep, type Policy } from '../../domain/pipeline.ts'
import { countFinding, type Findings } from '../findings.ts'
import { refuseInput } from '../refuse.ts'
import { columnsAt, policyOr, type Column, type CompiledStep, type NumberColumn, type StepGiven, type TextColumn } from './column.ts'
import { booleanOfText, numberOfText } from './number-text.ts'

/**
 * Makes columns of another type. A value that has no such form is a finding `input.type`; where it is not refused it becomes missing.
 * Number to text is the shortest decimal form, boolean to text `true` and `false`, number to boolean takes 0 and 1.
 */
export function compileCast(step: Extract<ColumnStep, { step: 'cast' }>, given: StepGiven): CompiledStep {
  const at = new Set(columnsAt(given, step.columns, columnTypes))
  const policy = policyOr(given.validation?.input?.type, 'reject')
  return {
    after: given.before.map((column, i) => (at.has(i) ? { ...column, type: step.to, categories: null } : column)),
    run: (columns, findings) => columns.map((column, i) => (at.has(i) ? castColumn(column, step.to, { policy, findings }) : column)),
  }
}

interface Judge {
  policy: Policy
  findings: Findings
}

function castColumn(column: Column, to: Column['type'], judge: Judge): Column {
  if (column.type === to) return column
  if (to === 'text') return textColumn(column as NumberColumn)
  const { name } = column
  if (column.type === 'text') return { name, type: to, values: numbersOf(column, to, judge) }
  if (to === 'boolean') for (let row = 0; row < column.values.length; row += 1) column.values[row] = asBoolean(column, row, judge)
  return { name, type: to, values: column.values }
}

function textColumn(column: NumberColumn): TextColumn {
  const { name, type } = column
  const word = (value: number): string => (Number.isNaN(value) ? '' : type === 'boolean' ? String(value !== 0) : String(value))
  return { name, type: 'text', values: Array.from(column.values, word) }
}

function numbersOf(column: TextColumn, to: 'number' | 'boolean', judge: Judge): Float64Array {
  const read = to === 'number' ? numberOfText : booleanOfText
  return Float64Array.from(
    column.values,
    (text, row) => read(text) ?? unfit({ name: column.name, row, shown: JSON.stringify(text.slice(0, 40)), to }, judge),
  )
}

function asBoolean(column: NumberColumn, row: number, judge: Judge): number {
  const value = column.values[row]!
  if (value === 0 || value === 1 || Number.isNaN(value)) return value
  return unfit({ name: column.name, row, shown: String(value), to: 'boolean' }, judge)
}

function unfit(of: { name: string; row: number; shown: string; to: string }, { policy, findings }: Judge): number {
  countFinding(findings, 'input.type', policy)
  if (policy === 'reject') refuseInput(`Column "${of.name}" of row ${of.row} is ${of.shown}, which is no ${of.to}.`)
  return Number.NaN
}
