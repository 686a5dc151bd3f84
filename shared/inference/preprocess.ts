import type { Manifest, PreprocessingStep } from '../domain/bundle.ts'
import { Problem } from '../domain/problem.ts'
import { halfFromNumber } from './half.ts'
import { elementCount, holdsNumber, isFloating, numberAt, type Tensor } from './tensor.ts'

/** What the rules of preprocessing read of a manifest. */
export type PreprocessingRules = Pick<Manifest, 'schema' | 'preprocessing'>

/**
 * Applies the declared steps to the schema input, row by row in double precision, the same on console and device.
 * The given tensors are never changed. A model without a schema input gets its tensors back.
 * @throws Problem `inference.bad-input` if a missing, infinite or too large value is left, naming feature and row;
 *   `bundle.invalid` if a step does not fit the input
 */
export function preprocess(manifest: PreprocessingRules, tensors: readonly Tensor[]): Tensor[] {
  return tensors.map((tensor) =>
    tensor.name === manifest.schema.input && isFloating(tensor.datatype) ? prepared(manifest, tensor) : tensor,
  )
}

function prepared({ schema, preprocessing }: PreprocessingRules, tensor: Tensor): Tensor {
  const width = elementCount(tensor.shape.slice(1))
  for (const step of preprocessing.steps) checkStep(step, width)
  const values = new Float64Array(tensor.data.length)
  for (let i = 0; i < values.length; i += 1) {
    const column = i % width
    let value = numberAt(tensor, i)
    for (const step of preprocessing.steps) value = applyStep(step, column, value)
    if (!Number.isFinite(value) || !holdsNumber(tensor.datatype, value))
      throw notFinite(schema.features[column]?.name, { column, row: Math.floor(i / width), value })
    values[i] = value
  }
  return { ...tensor, shape: [...tensor.shape], data: stored(tensor.datatype, values) }
}

/** Why the model cannot take a value of a column after the steps; null if it can. Tells of every value what `preprocess` tells of the first. */
export function refusalOf(
  { preprocessing }: PreprocessingRules,
  of: { datatype: Tensor['datatype']; column: number; value: number },
): string | null {
  let { value } = of
  for (const step of preprocessing.steps) value = applyStep(step, of.column, value)
  if (Number.isFinite(value) && holdsNumber(of.datatype, value)) return null
  return notANumber(value)
}

function notANumber(value: number): string {
  return Number.isNaN(value) ? 'missing' : Number.isFinite(value) ? 'too large after preprocessing' : 'infinite'
}

function applyStep(step: PreprocessingStep, column: number, value: number): number {
  switch (step.step) {
    case 'fill-missing':
      return Number.isNaN(value) ? step.values[column]! : value
    case 'clip':
      // Comparisons with NaN are false: a missing value stays missing.
      return value < step.min[column]! ? step.min[column]! : value > step.max[column]! ? step.max[column]! : value
    case 'scale':
      return (value - step.subtract[column]!) / step.divide[column]!
  }
}

function checkStep(step: PreprocessingStep, width: number): void {
  const lists = step.step === 'fill-missing' ? [step.values] : step.step === 'clip' ? [step.min, step.max] : [step.subtract, step.divide]
  const wrong = lists.find((list) => list.length !== width)
  if (wrong !== undefined) throw new Problem('bundle.invalid', `Step '${step.step}' has ${wrong.length} values for ${width} features.`)
}

function stored(datatype: Tensor['datatype'], values: Float64Array): Tensor['data'] {
  if (datatype === 'FP64') return values
  return datatype === 'FP32' ? Float32Array.from(values) : Uint16Array.from(values, halfFromNumber)
}

function notFinite(feature: string | undefined, at: { column: number; row: number; value: number }): Problem {
  const name = feature === undefined ? `Feature ${at.column}` : `Feature "${feature}"`
  return new Problem('inference.bad-input', `${name} of row ${at.row} is ${notANumber(at.value)}; the model needs a number.`)
}
