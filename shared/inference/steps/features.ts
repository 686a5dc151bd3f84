import type { Datatype, Manifest, TensorSpec } from '../../domain/bundle.ts'
import type { FeaturePreprocessing, Policy, PreprocessingStep, Validation } from '../../domain/pipeline.ts'
import { countFinding, type Findings } from '../findings.ts'
import { numberFromHalf } from '../half.ts'
import { checkLength, refuseInput, refuseStep } from '../refuse.ts'
import { storeNumber } from '../store-number.ts'
import { elementCount, emptyData, holdsNumber, isFloating, type Tensor } from '../tensor.ts'
import { checkBounds, clip } from './clip.ts'

/** Preprocessing of form 1, ready to run: numbers by position of the feature. */
export interface FeaturePlan {
  /** @throws Problem `inference.bad-input` for a value that is refused; `bundle.pipeline-invalid` if a step has other lists than features */
  run(tensor: Tensor, findings: Findings): Tensor
  /** Why a value of a column cannot go on, without its name; null if it can. Tells of every value what `run` tells of the first. */
  refusalOf(column: number, value: number, datatype: Datatype): string | null
}

type NumberStep = (column: number, value: number) => number

interface Rules {
  steps: readonly NumberStep[]
  /** Ranges of the schema by column; null where it has none. */
  ranges: { min: Float64Array; max: Float64Array } | null
  names: readonly string[]
  missing: Policy | undefined
  notFinite: Policy | undefined
  outOfRange: Policy
}

/** @throws Problem `bundle.pipeline-invalid` naming the step that does not fit the input */
export function compileFeatures(
  preprocessing: FeaturePreprocessing,
  of: { input: TensorSpec | undefined; schema: Manifest['schema']; validation: Validation | undefined },
): FeaturePlan {
  const width = of.input === undefined ? -1 : elementCount(of.input.shape.slice(1))
  const lists = preprocessing.steps.map((step, i) => checkStep(step, i, width))
  const features = of.schema.features
  const rules: Rules = {
    steps: preprocessing.steps.map(numberStep),
    ranges: features.some(({ min, max }) => min !== null || max !== null)
      ? {
          min: Float64Array.from(features, ({ min }) => min ?? Number.NEGATIVE_INFINITY),
          max: Float64Array.from(features, ({ max }) => max ?? Number.POSITIVE_INFINITY),
        }
      : null,
    names: features.map(({ name }) => name),
    missing: of.validation?.input?.missing,
    notFinite: of.validation?.input?.['not-finite'],
    outOfRange: of.validation?.feature?.['out-of-range'] ?? 'pass',
  }
  return {
    refusalOf(column, raw, datatype) {
      const value = rules.steps.reduce((made, step) => step(column, made), raw)
      if (isLetThrough(rules, raw, value) || (Number.isFinite(value) && holdsNumber(datatype, value))) return null
      return notANumber(value)
    },
    run(tensor, findings) {
      const columns = elementCount(tensor.shape.slice(1))
      for (const [i, length] of lists.entries())
        if (length !== columns) refuseStep(placeOf(preprocessing.steps[i]!, i), `${length} values for ${columns} features.`)
      return prepare(rules, tensor, { columns, findings })
    },
  }
}

function placeOf(step: PreprocessingStep, index: number): string {
  return `preprocessing step ${index + 1} '${step.step}'`
}

/** @returns the number of features that the lists of the step are for */
function checkStep(step: PreprocessingStep, index: number, width: number): number {
  const lists = step.step === 'fill-missing' ? [step.values] : step.step === 'clip' ? [step.min, step.max] : [step.subtract, step.divide]
  const place = placeOf(step, index)
  const count = width === -1 || width < 0 ? lists[0]!.length : width
  for (const list of lists) checkLength(place, list, { count, what: 'features' })
  if (step.step === 'clip') checkBounds(place, step.min, step.max)
  return count
}

function numberStep(step: PreprocessingStep): NumberStep {
  switch (step.step) {
    case 'fill-missing': {
      const { values } = step
      return (column, value) => (Number.isNaN(value) ? values[column]! : value)
    }
    case 'clip': {
      const { min, max } = step
      return (column, value) => clip(value, min[column]!, max[column]!)
    }
    case 'scale': {
      const { subtract, divide } = step
      return (column, value) => (value - subtract[column]!) / divide[column]!
    }
  }
}

/** One pass over the values. Without steps nothing is copied: the tensor itself goes on. */
function prepare(rules: Rules, tensor: Tensor, of: { columns: number; findings: Findings }): Tensor {
  const { steps } = rules
  const { datatype } = tensor
  const given = tensor.data as Float32Array | Float64Array | Uint16Array
  const made = steps.length === 0 ? null : emptyData(datatype, given.length)
  const ranges = rules.ranges !== null && rules.ranges.min.length === of.columns ? rules.ranges : null
  const isHalf = datatype === 'FP16'
  if (made === null && ranges === null && !isHalf && isAllFinite(given)) return tensor
  let column = 0
  for (let i = 0; i < given.length; i += 1) {
    const raw = isHalf ? numberFromHalf(given[i]!) : given[i]!
    const isFinite = Number.isFinite(raw)
    if (!isFinite) judgeRaw(rules, raw, { i, ...of })
    else if (ranges !== null && (raw < ranges.min[column]! || raw > ranges.max[column]!)) judgeRange(rules, raw, { i, ...of })
    let value = raw
    for (let s = 0; s < steps.length; s += 1) value = steps[s]!(column, value)
    const fits = made === null ? isFinite : storeNumber(made, datatype, i, value)
    if (!fits) judgeMade(rules, { raw, value }, { i, ...of })
    column += 1
    if (column === of.columns) column = 0
  }
  return made === null ? tensor : { ...tensor, shape: [...tensor.shape], data: made }
}

/** What is not finite stays so when it is multiplied by 0: the fastest look at every value there is. */
function isAllFinite(values: Float32Array | Float64Array | Uint16Array): boolean {
  let sum = 0
  for (let i = 0; i < values.length; i += 1) sum += values[i]! * 0
  return sum === 0
}

interface At {
  i: number
  columns: number
  findings: Findings
}

/** A raw value that is missing or infinite, where the bundle has a policy for it: else it is judged after the steps. */
function judgeRaw(rules: Rules, raw: number, at: At): void {
  const isMissing = Number.isNaN(raw)
  const policy = isMissing ? rules.missing : rules.notFinite
  if (policy === undefined) return
  countFinding(at.findings, isMissing ? 'input.missing' : 'input.not-finite', policy)
  if (policy === 'reject') refuseInput(`${nameOf(rules, at)} is ${notANumber(raw)}; the bundle refuses that.`)
}

function judgeRange({ ranges, outOfRange, ...rules }: Rules, raw: number, at: At): void {
  countFinding(at.findings, 'feature.out-of-range', outOfRange)
  if (outOfRange !== 'reject') return
  const column = at.i % at.columns
  refuseInput(`${nameOf(rules, at)} is ${raw}; the bundle takes ${ranges!.min[column]!} to ${ranges!.max[column]!}.`)
}

/** What the steps left: without a policy that lets it pass, the model needs a number. */
function judgeMade(rules: Rules, { raw, value }: { raw: number; value: number }, at: At): void {
  if (isLetThrough(rules, raw, value)) return
  const cause = Number.isNaN(value) ? 'input.missing' : Number.isFinite(raw) ? 'feature.not-finite' : 'input.not-finite'
  countFinding(at.findings, cause, 'reject')
  refuseInput(`${nameOf(rules, at)} is ${notANumber(value)}; the model needs a number.`)
}

/** Only a value that came so may go on so: what a step made too large is never let through. */
function isLetThrough({ missing, notFinite }: Rules, raw: number, value: number): boolean {
  const policy = Number.isNaN(value) ? missing : notFinite
  return (policy === 'flag' || policy === 'pass') && !Number.isFinite(raw) && !Number.isFinite(value)
}

function nameOf({ names }: Pick<Rules, 'names'>, at: At): string {
  const column = at.i % at.columns
  const name = names[column]
  return `${name === undefined ? `Feature ${column}` : `Feature "${name}"`} of row ${Math.floor(at.i / at.columns)}`
}

/** Why a model cannot take a value: missing, infinite, or too large after the steps. */
function notANumber(value: number): string {
  return Number.isNaN(value) ? 'missing' : Number.isFinite(value) ? 'too large after preprocessing' : 'infinite'
}

/** True for an input that form 1 works on: the schema input, if it has floating numbers. */
export function takesFeatures(spec: TensorSpec, schema: Manifest['schema']): boolean {
  return spec.name === schema.input && isFloating(spec.datatype)
}
