import type { Datatype, TensorSpec } from '../../domain/bundle.ts'
import type { ColumnStep } from '../../domain/pipeline.ts'
import { countFinding, type Findings } from '../findings.ts'
import { quoted, refuseInput, refuseStep } from '../refuse.ts'
import { storeNumber } from '../store-number.ts'
import { emptyData, isFloating, type Tensor } from '../tensor.ts'
import { columnsAt, type Column, type StepGiven } from './column.ts'

/** Fills one input of the model from columns. */
export interface Assembly {
  input: string
  /** @throws Problem `inference.bad-input` for a value that the datatype of the input does not hold */
  run(columns: readonly Column[], findings: Findings): Tensor
}

/** Puts columns side by side, row-major, in the datatype of a model input. */
export function compileAssemble(
  step: Extract<ColumnStep, { step: 'assemble' }>,
  given: StepGiven,
  inputs: readonly TensorSpec[],
): Assembly {
  const spec = inputs.find((input) => input.name === step.input)
  if (spec === undefined)
    return refuseStep(
      given.place,
      `the model has no input "${step.input.slice(0, 64)}"; its inputs are ${quoted(inputs.map((one) => one.name))}.`,
    )
  const names = step.columns ?? given.before.map((column) => column.name)
  const isText = spec.datatype === 'BYTES'
  const at = columnsAt(given, names, isText ? ['text'] : ['number', 'boolean'])
  const width = spec.shape.length === 1 ? 1 : spec.shape[1]!
  if (spec.shape.length < 1 || spec.shape.length > 2)
    refuseStep(given.place, `input "${spec.name}" has shape [${spec.shape.join(', ')}]; columns fill [rows] or [rows, columns].`)
  if (width !== -1 && width !== at.length)
    refuseStep(given.place, `${at.length} columns for input "${spec.name}", which takes ${width}; they are ${quoted(names)}.`)
  // Where a bundle lets numbers through that are not finite, they may also reach the model.
  const stated = given.validation?.input?.['not-finite']
  const allowsInfinite = stated === 'flag' || stated === 'pass'
  return {
    input: spec.name,
    run(columns, findings) {
      const picked = at.map((index) => columns[index]!)
      const rows = picked[0]!.values.length
      const shape = spec.shape.length === 1 ? [rows] : [rows, picked.length]
      const head = { name: spec.name, datatype: spec.datatype, shape }
      if (isText)
        return {
          ...head,
          data: Array.from({ length: rows * picked.length }, (_, i) =>
            String(picked[i % picked.length]!.values[Math.floor(i / picked.length)]!),
          ),
        }
      return { ...head, data: numbersOf(picked as Numbers[], { datatype: spec.datatype, rows, allowsInfinite, findings }) }
    },
  }
}

type Numbers = Extract<Column, { values: Float64Array }>

function numbersOf(
  picked: readonly Numbers[],
  of: { datatype: Datatype; rows: number; allowsInfinite: boolean; findings: Findings },
): Tensor['data'] {
  const { datatype, rows } = of
  const data = emptyData(datatype, rows * picked.length)
  const mayBeMissing = isFloating(datatype)
  for (const [place, { name, values }] of picked.entries()) {
    for (let row = 0; row < rows; row += 1) {
      const value = values[row]!
      const fits = storeNumber(data, datatype, row * picked.length + place, value)
      if (fits || (Number.isNaN(value) && mayBeMissing) || (!Number.isNaN(value) && mayBeMissing && of.allowsInfinite)) continue
      const cause = Number.isNaN(value) ? 'input.missing' : Number.isFinite(value) ? 'feature.not-finite' : 'input.not-finite'
      countFinding(of.findings, mayBeMissing || Number.isNaN(value) ? cause : 'input.type', 'reject')
      refuseInput(`Column "${name}" of row ${row} is ${Number.isNaN(value) ? 'missing' : value}; the model takes numbers of ${datatype}.`)
    }
  }
  return data
}
