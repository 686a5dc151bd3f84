import type { ColumnStep } from '../../domain/pipeline.ts'
import { countFinding } from '../findings.ts'
import { refuseInput, refuseStep } from '../refuse.ts'
import { columnsAt, policyOr, type CompiledStep, type StepGiven } from './column.ts'

/**
 * `ln(value + offset)` or `log1p(value)`. A value without a real logarithm is a finding `feature.out-of-domain`; where it is not refused
 * it becomes missing.
 */
export function compileLog(step: Extract<ColumnStep, { step: 'log' }>, given: StepGiven): CompiledStep {
  const at = columnsAt(given, step.columns, ['number'])
  const { form, offset = 0 } = step
  if (form === 'log1p' && step.offset !== undefined) refuseStep(given.place, 'log1p takes no offset; ln does.')
  const policy = policyOr(given.validation?.feature?.['out-of-domain'], 'reject')
  return {
    after: [...given.before],
    run(columns, findings) {
      for (const index of at) {
        const { name, values } = columns[index]!
        const numbers = values as Float64Array
        for (let row = 0; row < numbers.length; row += 1) {
          const value = numbers[row]!
          const isOutside = form === 'log1p' ? value <= -1 : value + offset <= 0
          if (isOutside) {
            countFinding(findings, 'feature.out-of-domain', policy)
            if (policy === 'reject') refuseInput(`Column "${name}" of row ${row} is ${value}, which has no logarithm here.`)
          }
          numbers[row] = isOutside ? Number.NaN : form === 'log1p' ? Math.log1p(value) : Math.log(value + offset)
        }
      }
      return columns
    },
  }
}
