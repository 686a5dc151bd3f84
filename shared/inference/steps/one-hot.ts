import type { ColumnStep } from '../../domain/pipeline.ts'
import { countFinding } from '../findings.ts'
import { refuseInput, refuseStep } from '../refuse.ts'
import { columnsAt, policyOr, type Column, type CompiledStep, type StepGiven } from './column.ts'

/**
 * Replaces a column by one of 0 and 1 per category, named `column=category`, in the order of the categories; with `other`, one more
 * named `column:other`. An unseen value is a finding `feature.unseen-category`; a missing one was counted as missing already.
 */
export function compileOneHot(step: Extract<ColumnStep, { step: 'one-hot' }>, given: StepGiven): CompiledStep {
  const [at] = columnsAt(given, [step.column], ['text', 'number']) as [number]
  const source = given.before[at]!
  const categories = step.categories ?? source.categories
  if (categories === null) return refuseStep(given.place, `neither the step nor column "${step.column}" declares categories.`)
  const wanted = source.type === 'text' ? 'string' : 'number'
  if (categories.some((one) => typeof one !== wanted))
    refuseStep(given.place, `the categories of a ${source.type} column are ${wanted === 'string' ? 'texts' : 'numbers'}.`)
  const places = new Map(categories.map((one, i) => [one, i]))
  if (places.size !== categories.length) refuseStep(given.place, 'a category is named twice.')
  const names = categories.map((one) => `${step.column}=${one}`)
  if (step.unseen === 'other') names.push(`${step.column}:other`)
  const policy = step.unseen === 'reject' ? 'reject' : policyOr(given.validation?.feature?.['unseen-category'], 'flag')
  const after = given.before.flatMap((column, i) =>
    i === at ? names.map((name) => ({ name, type: 'number' as const, categories: null })) : [column],
  )
  if (new Set(after.map(({ name }) => name)).size !== after.length) refuseStep(given.place, 'it makes a column that is there already.')
  const spread = (column: Column, findings: Parameters<CompiledStep['run']>[1]): Column[] => {
    const made = names.map((name) => ({ name, type: 'number' as const, values: new Float64Array(column.values.length) }))
    for (let row = 0; row < column.values.length; row += 1) {
      const value = column.values[row]!
      const place = places.get(value)
      if (place !== undefined) made[place]!.values[row] = 1
      else {
        const isMissing = value === '' || Number.isNaN(value)
        if (!isMissing || step.unseen === 'reject') countFinding(findings, 'feature.unseen-category', policy)
        if (policy === 'reject' && (!isMissing || step.unseen === 'reject'))
          refuseInput(`Column "${column.name}" of row ${row} is ${shown(value)}, which is none of its categories.`)
        if (step.unseen === 'other') made[categories.length]!.values[row] = 1
      }
    }
    return made
  }
  return { after, run: (columns, findings) => columns.flatMap((column, i) => (i === at ? spread(column, findings) : [column])) }
}

function shown(value: string | number): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : Number.isNaN(value) ? 'missing' : String(value)
}
