import { columnTypes, type ColumnStep } from '../../domain/pipeline.ts'
import { checkLength, refuseStep } from '../refuse.ts'
import { columnsAt, type Column, type CompiledStep, type StepGiven } from './column.ts'

/** A missing value (NaN, empty text) becomes the value of its column. */
export function compileFillMissing(step: Extract<ColumnStep, { step: 'fill-missing' }>, given: StepGiven): CompiledStep {
  const at = columnsAt(given, step.columns, columnTypes)
  checkLength(given.place, step.values, { count: at.length, what: 'columns' })
  for (const [i, index] of at.entries()) {
    const isText = given.before[index]!.type === 'text'
    if (isText !== (typeof step.values[i] === 'string'))
      refuseStep(given.place, `column "${step.columns[i]!}" needs a ${isText ? 'text' : 'number'} to fill in.`)
  }
  return {
    after: [...given.before],
    run(columns) {
      for (const [i, index] of at.entries()) fillColumn(columns[index]!, step.values[i]!)
      return columns
    },
  }
}

/** Writes a value where one is missing; value and column are of one type. */
export function fillColumn(column: Column, value: string | number): void {
  const { values } = column
  if (column.type === 'text') {
    for (let row = 0; row < values.length; row += 1) if (column.values[row] === '') column.values[row] = String(value)
  } else {
    for (let row = 0; row < values.length; row += 1) if (Number.isNaN(column.values[row])) column.values[row] = Number(value)
  }
}
