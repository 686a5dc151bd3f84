import type { ColumnStep } from '../../domain/pipeline.ts'
import { checkLength } from '../refuse.ts'
import { columnsAt, eachNumber, type CompiledStep, type StepGiven } from './column.ts'

/** `(value - subtract) / divide`, per column. */
export function compileScale(step: Extract<ColumnStep, { step: 'scale' }>, given: StepGiven): CompiledStep {
  const at = columnsAt(given, step.columns, ['number', 'boolean'])
  const { subtract, divide } = step
  checkLength(given.place, subtract, { count: at.length, what: 'columns' })
  checkLength(given.place, divide, { count: at.length, what: 'columns' })
  const scaled = eachNumber(given, at, (i, value) => (value - subtract[i]!) / divide[i]!)
  return { ...scaled, after: given.before.map((column, i) => (at.includes(i) ? { ...column, categories: null } : column)) }
}
