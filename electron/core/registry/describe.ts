import type { BundleFile, Datatype, Manifest, Outcome, Task, TensorSpec } from '../../../shared/domain/bundle.ts'
import type { Postprocessing, Preprocessing, RawColumn, Validation } from '../../../shared/domain/pipeline.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { guessOutcome, guessTask } from '../../../shared/inference/outcome-guess.ts'
import { answerSpecs, checkPipeline, requestSpecs } from '../../../shared/inference/pipeline.ts'
import { isMatrix } from '../../../shared/inference/request-specs.ts'
import { isFloating } from '../../../shared/inference/tensor.ts'
import type { OnnxSummary } from '../../../shared/onnx/walk.ts'
import { labelsOfMetadata } from './labels.ts'

/** What a tabular bundle takes: rows of numbers, one column per feature, or rows of declared columns. */
export interface TabularInput {
  /** Input of the request that the rows fill; of columns that travel one by one, the input of the model. */
  name: string
  datatype: Datatype
  /** Features; -1: the model does not say. */
  width: number
  /** Raw columns of preprocessing of form 2; null: the features are numbers of the input. */
  columns: readonly RawColumn[] | null
}

/** What a model is, from bundle.json where that says it, else from the file. */
export interface ModelDescription {
  task: Task
  /** `null`: neither bundle.json nor the metadata names them. */
  labels: string[] | null
  outcome: Outcome
  tabular: TabularInput | null
  preprocessing: Preprocessing
  postprocessing: Postprocessing | undefined
  validation: Validation | undefined
}

/** How a model reads rows and what it answers: all that judging it needs. */
export type ModelRules = Pick<
  Manifest,
  'task' | 'labels' | 'inputs' | 'outputs' | 'outcome' | 'schema' | 'preprocessing' | 'postprocessing' | 'validation'
>

/**
 * @throws Problem `bundle.invalid` where bundle.json does not fit the model, `bundle.pipeline-invalid` where a step or rule does not,
 *   `model.unsupported` for a model without inputs
 */
export function describeModel(onnx: OnnxSummary, bundle: BundleFile): ModelDescription {
  if (onnx.inputs.length === 0)
    throw new Problem('model.unsupported', 'The model has no inputs; a device could ask it nothing.', {
      hint: 'Export the model with its inputs, and not with their values in it.',
    })
  const { postprocessing, validation } = bundle
  // What the bundle makes of the outputs is meant more than the outputs themselves.
  const made = answerSpecs({ outputs: onnx.outputs, postprocessing }).slice(onnx.outputs.length)
  const answers = [...made, ...onnx.outputs]
  const task = bundle.task ?? guessTask(onnx.metadata, answers)
  const labels = bundle.labels ?? labelsOfMetadata(onnx.metadata)
  if (labels !== null && new Set(labels).size !== labels.length) throw new Problem('bundle.invalid', 'Two labels have the same name.')
  const preprocessing = bundle.preprocessing ?? { v: 1, steps: [] }
  const tabular = tabularInput(onnx.inputs, preprocessing)
  if (preprocessing.v === 1 && preprocessing.steps.length > 0 && (tabular === null || !isFloating(tabular.datatype)))
    throw new Problem(
      'bundle.pipeline-invalid',
      'Preprocessing of form 1 needs a model with one input of floating numbers of shape [rows, features].',
    )
  const outcome = outcomeOf(task, answers, bundle)
  const schema = { input: tabular?.name ?? null, features: [], target: null }
  // Labels that only the rows will tell are there by the time that the bundle is made, and checked again.
  const ruled = { task, labels: labels ?? ['0'], inputs: onnx.inputs, outputs: onnx.outputs, outcome, schema }
  checkPipeline({ ...ruled, preprocessing, postprocessing, validation })
  const declared = task === 'classification' ? labels : (bundle.labels ?? null)
  return { task, labels: declared, outcome, tabular, preprocessing, postprocessing, validation }
}

/** A bundle is tabular if it declares columns, or if the only input of its model is numbers of shape [rows, features]. */
function tabularInput(inputs: readonly TensorSpec[], preprocessing: Preprocessing): TabularInput | null {
  if (preprocessing.v === 2) return preprocessing.kind === 'columns' ? columnInput([...inputs], preprocessing) : null
  const [input, second] = inputs
  if (input === undefined || second !== undefined || input.shape.length !== 2 || input.datatype === 'BYTES' || input.datatype === 'BOOL')
    return null
  return { name: input.name, datatype: input.datatype, width: input.shape[1]!, columns: null }
}

function columnInput(inputs: TensorSpec[], preprocessing: Extract<Preprocessing, { kind: 'columns' }>): TabularInput {
  const { columns } = preprocessing
  const name = isMatrix(preprocessing) ? requestSpecs({ inputs, preprocessing })[0]!.name : inputs[0]!.name
  return { name, datatype: 'FP64', width: columns.length, columns }
}

function outcomeOf(task: Task, outputs: readonly TensorSpec[], bundle: BundleFile): Outcome {
  if (bundle.outcome === undefined) return guessOutcome(task, outputs)
  const { label = null, probabilities = null, value = null } = bundle.outcome
  for (const name of [label, probabilities, value]) {
    if (name !== null && !outputs.some((spec) => spec.name === name)) {
      throw new Problem(
        'bundle.invalid',
        `bundle.json: outcome names "${name}"; the outputs are ${outputs.map((spec) => `"${spec.name}"`).join(', ')}.`,
      )
    }
  }
  return { label, probabilities, value }
}

/**
 * The tabular input and outcome that data is judged with.
 * @throws Problem `data.schema-mismatch` for a model whose answers cannot be compared with a column of a CSV
 */
export function requireTabular(description: Pick<ModelDescription, 'tabular'>, what: string): TabularInput {
  if (description.tabular === null) {
    throw new Problem(
      'data.schema-mismatch',
      `${what} cannot be used: the model is not tabular (one numeric input of shape [rows, features]).`,
    )
  }
  return description.tabular
}

/** True if the model answers with a class or a value per row. */
export function answersRows({ task, outcome }: Pick<ModelDescription, 'task' | 'outcome'>): boolean {
  return task === 'regression' ? outcome.value !== null : task === 'classification' && (outcome.label ?? outcome.probabilities) !== null
}

/** @throws Problem `data.schema-mismatch` unless the model answers with a class or a value per row */
export function requireOutcome(of: Pick<ModelDescription, 'task' | 'outcome'>): void {
  if (!answersRows(of))
    throw new Problem(
      'data.schema-mismatch',
      'Hold-out rows need a model that answers with a class or a value per row; name "task" and "outcome" in bundle.json.',
    )
}

/** The tabular input that a manifest describes; `null` if the model is not tabular. */
export function tabularOf(rules: Pick<ModelRules, 'inputs' | 'schema' | 'preprocessing'>): TabularInput | null {
  return rules.schema.input === null ? null : tabularInput(rules.inputs, rules.preprocessing)
}
