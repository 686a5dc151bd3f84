import type { ColumnStep } from '../../domain/pipeline.ts'
import { columnTypes } from '../../domain/pipeline.ts'
import { columnsAt, type CompiledStep, type StepGiven } from './column.ts'

/** Keeps the named columns, in the named order. */
export function compileSelect(step: Extract<ColumnStep, { step: 'select' }>, given: StepGiven): CompiledStep {
  const at = columnsAt(given, step.columns, columnTypes)
  return { after: at.map((index) => given.before[index]!), run: (columns) => at.map((index) => columns[index]!) }
}
