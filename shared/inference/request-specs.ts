import type { Datatype, Manifest, TensorSpec } from '../domain/bundle.ts'
import type { ColumnPreprocessing, ColumnType, PostprocessingStep } from '../domain/pipeline.ts'

/** Datatype of the request tensor of a column. */
export const columnDatatypes = { number: 'FP64', text: 'BYTES', boolean: 'BOOL' } as const satisfies Record<ColumnType, Datatype>

/** What the specifications of a request read of a manifest. */
export type RequestRules = Pick<Manifest, 'inputs' | 'preprocessing'>

/**
 * The inputs that a client sends. Without form 2 of preprocessing they are those of the model. With columns that are all numbers it is
 * one FP64 matrix [rows, columns] under the name of the first assembled input; else one tensor [rows, 1] per column under its own name:
 * FP64, BOOL, or BYTES for text. A picture is BYTES [n] of PNG or JPEG files, or UINT8 [n, height, width, channels].
 */
export function requestSpecs(manifest: RequestRules): readonly TensorSpec[] {
  const { preprocessing } = manifest
  if (preprocessing.v === 1) return manifest.inputs
  const rows = batchSize(manifest.inputs)
  if (preprocessing.kind === 'picture') {
    const { name, form, channels = 3 } = preprocessing.picture
    return form === 'encoded'
      ? [{ name, datatype: 'BYTES', shape: [rows] }]
      : [{ name, datatype: 'UINT8', shape: [rows, -1, -1, channels] }]
  }
  const { columns } = preprocessing
  if (isMatrix(preprocessing)) return [{ name: matrixName(manifest, preprocessing), datatype: 'FP64', shape: [rows, columns.length] }]
  return columns.map(({ name, type }) => ({ name, datatype: columnDatatypes[type], shape: [rows, 1] }))
}

/** True if the columns travel as one matrix: all of them are numbers. */
export function isMatrix({ columns }: Pick<ColumnPreprocessing, 'columns'>): boolean {
  return columns.every(({ type }) => type === 'number')
}

function matrixName({ inputs }: RequestRules, { steps }: ColumnPreprocessing): string {
  const first = steps.find((step) => step.step === 'assemble')
  return first?.input ?? inputs[0]!.name
}

/** Rows that the model takes at once; -1: any number. */
export function batchSize(inputs: readonly TensorSpec[]): number {
  return inputs.find((input) => (input.shape[0] ?? 1) !== -1)?.shape[0] ?? (inputs.every((input) => input.shape.length > 0) ? -1 : 1)
}

/** What the specifications of an answer read of a manifest. */
export type AnswerRules = Pick<Manifest, 'outputs'> & { postprocessing?: Manifest['postprocessing'] }

/** The outputs that a client gets: those of the model and those that postprocessing makes. */
export function answerSpecs({ outputs, postprocessing }: AnswerRules): readonly TensorSpec[] {
  if (postprocessing === undefined || postprocessing.steps.length === 0) return outputs
  const made = [...outputs]
  for (const step of postprocessing.steps) {
    const from = made.find((one) => one.name === step.from)
    // What does not fit is told by the check of the pipeline, with the name of the step.
    if (from !== undefined) made.push(...madeSpecs(step, from))
  }
  return made
}

/** The outputs that a step makes of one. Floating ones keep binary64, everything else becomes FP32. */
export function madeSpecs(step: PostprocessingStep, from: TensorSpec): TensorSpec[] {
  const floating = from.datatype === 'FP64' ? 'FP64' : 'FP32'
  const { shape } = from
  const inner = shape.slice(0, -1)
  switch (step.step) {
    case 'softmax':
    case 'sigmoid':
      return [{ name: step.to, datatype: floating, shape }]
    case 'argmax':
      return [{ name: step.to, datatype: 'INT64', shape: inner }]
    case 'threshold':
      return [{ name: step.to, datatype: 'INT64', shape }]
    case 'top-k':
      return [
        { name: step.values, datatype: floating, shape: [...inner, step.k] },
        { name: step.indices, datatype: 'INT64', shape: [...inner, step.k] },
      ]
    case 'label-map':
      return [{ name: step.to, datatype: 'BYTES', shape }]
  }
}
