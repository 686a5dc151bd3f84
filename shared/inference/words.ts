import type { Manifest } from '../domain/bundle.ts'
import type {
  ColumnStep,
  PictureStep,
  PostprocessingStep,
  Preprocessing,
  PreprocessingStep,
  RawColumn,
  RawPicture,
  Validation,
} from '../domain/pipeline.ts'

/** Values that a step is told with; the rest is counted. */
const MOST_VALUES = 4
/** Names that a step is told with. */
const MOST_NAMES = 8

/** One entry of a pipeline: what it is called, and what it does in a sentence. */
export interface PipelineWords {
  name: string
  text: string
}

/** The raw columns, or the picture, that a client sends. Empty for form 1: those are the inputs of the model. */
export function columnWords(preprocessing: Preprocessing): PipelineWords[] {
  if (preprocessing.v === 1) return []
  return preprocessing.kind === 'picture' ? [pictureWords(preprocessing.picture)] : preprocessing.columns.map(rawColumnWords)
}

/** The steps of preprocessing, in order. */
export function preprocessingWords(preprocessing: Preprocessing): PipelineWords[] {
  const { steps } = preprocessing
  return steps.map((step) => ({ name: step.step, text: stepSentence(step) }))
}

/** The steps of postprocessing, in order. */
export function postprocessingWords({ postprocessing }: Pick<Manifest, 'postprocessing'>): PipelineWords[] {
  return (postprocessing?.steps ?? []).map((step) => ({ name: step.step, text: outputSentence(step) }))
}

const stageNames = { input: 'In the request', feature: 'In the features', output: 'In the answer' } as const
const whatHappens = {
  reject: 'the request is refused',
  flag: 'it is counted and flagged, and goes on',
  pass: 'it is counted and goes on',
} as const

/** The rules of the validation that the bundle states. */
export function validationWords({ validation }: { validation?: Validation | undefined }): PipelineWords[] {
  const words: PipelineWords[] = []
  for (const stage of ['input', 'feature', 'output'] as const) {
    for (const [cause, rule] of Object.entries(validation?.[stage] ?? {})) {
      const name = `${stage}.${cause}`
      if (typeof rule === 'string') words.push({ name, text: `${stageNames[stage]}, ${cause.replaceAll('-', ' ')}: ${whatHappens[rule]}.` })
    }
  }
  for (const { output, min, max, policy } of validation?.output?.range ?? [])
    words.push({ name: 'output.range', text: `${output} outside ${min ?? 'any'} to ${max ?? 'any'}: ${whatHappens[policy]}.` })
  for (const { output, tolerance, policy } of validation?.output?.['sum-to-one'] ?? [])
    words.push({
      name: 'output.sum-to-one',
      text: `A row of ${output} that is off from 1 by more than ${tolerance}: ${whatHappens[policy]}.`,
    })
  return words
}

/** A step of preprocessing in one sentence. */
export function stepSentence(step: PreprocessingStep | ColumnStep | PictureStep): string {
  const of = 'columns' in step && step.columns !== undefined ? ` of ${namesOf(step.columns)}` : ''
  switch (step.step) {
    case 'fill-missing':
      return `A missing value${of} becomes ${listOf(step.values)}.`
    case 'clip':
      return `Values${of} are kept between ${listOf(step.min)} and ${listOf(step.max)}.`
    case 'scale':
      return `${listOf(step.subtract)} is subtracted${of === '' ? '' : of.replace(' of ', ' from ')}, then the result is divided by ${listOf(step.divide)}.`
    case 'select':
      return `Keeps ${namesOf(step.columns)}, in this order.`
    case 'cast':
      return `Makes ${namesOf(step.columns)} of type ${step.to}.`
    case 'log':
      return `Values${of} become ${step.form === 'log1p' ? 'ln(1 + value)' : `ln(value + ${step.offset ?? 0})`}.`
    case 'one-hot':
      return `${step.column} becomes one column of 0 and 1 per category${step.categories === undefined ? '' : ` (${listOf(step.categories)})`}; ${unseenWords[step.unseen]}.`
    case 'assemble':
      return `Fills the input ${step.input} with ${step.columns === undefined ? 'all columns' : namesOf(step.columns)}.`
    case 'decode':
    case 'resize':
    case 'resize-shorter':
    case 'centre-crop':
    case 'normalise':
    case 'layout':
      return pictureSentence(step)
  }
}

const unseenWords = {
  ignore: 'another value is all zeros',
  other: 'another value has a column of its own',
  reject: 'another value is refused',
} as const

function pictureSentence(step: PictureStep): string {
  switch (step.step) {
    case 'decode':
      return `The picture is decoded as ${step.colour}.`
    case 'resize':
      return `Resized to ${step.width} x ${step.height} pixels, ${step.method}.`
    case 'resize-shorter':
      return `Resized so that the shorter side has ${step.to} pixels, ${step.method}.`
    case 'centre-crop':
      return `The middle ${step.width} x ${step.height} pixels are kept.`
    case 'normalise':
      return `Values become (value × ${listOf(step.scale, 'channel')} − ${listOf(step.mean, 'channel')}) ÷ ${listOf(step.std, 'channel')}.`
    case 'layout':
      return `Fills the input of the model as ${step.order}.`
  }
}

function outputSentence(step: PostprocessingStep): string {
  switch (step.step) {
    case 'softmax':
      return `${step.to} is the softmax of ${step.from}.`
    case 'sigmoid':
      return `${step.to} is 1 ÷ (1 + exp(−${step.from})).`
    case 'argmax':
      return `${step.to} is the position of the largest value of ${step.from}.`
    case 'threshold':
      return `${step.to} is 1 where ${step.from} is at least ${step.at}, else 0.`
    case 'top-k':
      return `${step.values} and ${step.indices} are the ${step.k} largest values of ${step.from} and their positions.`
    case 'label-map':
      return `${step.to} is the label of the class that ${step.from} says.`
  }
}

function rawColumnWords({ name, type, missing = 'reject', min, max, categories }: RawColumn): PipelineWords {
  const parts = [type as string]
  if (min !== undefined || max !== undefined) parts.push(`${min ?? 'any'} to ${max ?? 'any'}`)
  if (categories !== undefined) parts.push(`one of ${listOf(categories)}`)
  if (type !== 'boolean')
    parts.push(
      missing === 'reject' ? 'never missing' : missing === 'pass' ? 'may be missing' : `a missing one becomes ${valueText(missing.fill)}`,
    )
  return { name, text: `${parts.join(', ')}.` }
}

function pictureWords({ name, form, channels = 3, maxPixels = 4_194_304 }: RawPicture): PipelineWords {
  const what = form === 'encoded' ? 'a PNG or JPEG file' : `raw pixels of ${channels} channel${channels === 1 ? '' : 's'}`
  return { name, text: `${what}, at most ${maxPixels} pixels.` }
}

/** One value if all are the same, else the first ones. */
function listOf(values: readonly (number | string)[], by = 'feature'): string {
  const [first] = values
  if (first === undefined) return 'nothing'
  if (values.every((value) => value === first)) return valueText(first)
  const isText = values.some((value) => typeof value === 'string')
  const shown = values.slice(0, MOST_VALUES).map(valueText)
  return `${shown.join(', ')}${values.length > MOST_VALUES ? ', …' : ''}${isText ? '' : ` (by ${by})`}`
}

function namesOf(names: readonly string[]): string {
  return `${names.slice(0, MOST_NAMES).join(', ')}${names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''}`
}

function valueText(value: number | string): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(Number(value.toPrecision(4)))
}
