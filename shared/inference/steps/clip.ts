import type { ColumnStep } from '../../domain/pipeline.ts'
import { checkLength, refuseStep, type Place } from '../refuse.ts'
import { columnsAt, eachNumber, type CompiledStep, type StepGiven } from './column.ts'

/** `min` where the value is below, `max` where it is above. A missing value stays missing: comparisons with NaN are false. */
export function clip(value: number, min: number, max: number): number {
  return value < min ? min : value > max ? max : value
}

/** Keeps the values of each column between two bounds. */
export function compileClip(step: Extract<ColumnStep, { step: 'clip' }>, given: StepGiven): CompiledStep {
  const at = columnsAt(given, step.columns, ['number'])
  const { min, max } = step
  checkLength(given.place, min, { count: at.length, what: 'columns' })
  checkLength(given.place, max, { count: at.length, what: 'columns' })
  checkBounds(given.place, min, max)
  return eachNumber(given, at, (i, value) => clip(value, min[i]!, max[i]!))
}

/** @throws Problem `bundle.pipeline-invalid` for a minimum above its maximum */
export function checkBounds(place: Place, min: readonly number[], max: readonly number[]): void {
  if (min.some((low, i) => low > max[i]!)) refuseStep(place, 'a min is above its max.')
}
