import type { BundleFile, Datatype, Manifest, Outcome, Preprocessing, Task, TensorSpec } from '../../../shared/domain/bundle.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { guessOutcome, guessTask } from '../../../shared/inference/outcome-guess.ts'
import { isFloating } from '../../../shared/inference/tensor.ts'
import type { OnnxSummary } from '../../../shared/onnx/walk.ts'
import { labelsOfMetadata } from './labels.ts'

/** The one input of a tabular model: rows of numbers, one column per feature. */
export interface TabularInput {
  name: string
  datatype: Datatype
  /** Features; -1: the model does not say. */
  width: number
}

/** What a model is, from bundle.json where that says it, else from the file. */
export interface ModelDescription {
  task: Task
  /** `null`: neither bundle.json nor the metadata names them. */
  labels: string[] | null
  outcome: Outcome
  tabular: TabularInput | null
  preprocessing: Preprocessing
}

/** How a model reads rows and what it answers: all that judging it needs. */
export type ModelRules = Pick<Manifest, 'task' | 'labels' | 'inputs' | 'outputs' | 'outcome' | 'schema' | 'preprocessing'>

/** @throws Problem `bundle.invalid` where bundle.json does not fit the model, `model.unsupported` for a model without inputs */
export function describeModel(onnx: OnnxSummary, bundle: BundleFile): ModelDescription {
  if (onnx.inputs.length === 0)
    throw new Problem('model.unsupported', 'The model has no inputs; a device could ask it nothing.', {
      hint: 'Export the model with its inputs, and not with their values in it.',
    })
  const task = bundle.task ?? guessTask(onnx.metadata, onnx.outputs)
  const labels = bundle.labels ?? labelsOfMetadata(onnx.metadata)
  if (labels !== null && new Set(labels).size !== labels.length) throw new Problem('bundle.invalid', 'Two labels have the same name.')
  const tabular = tabularInput(onnx.inputs)
  const preprocessing = bundle.preprocessing ?? { v: 1, steps: [] }
  checkPreprocessing(preprocessing, tabular)
  return {
    task,
    labels: task === 'classification' ? labels : (bundle.labels ?? null),
    outcome: outcomeOf(task, onnx.outputs, bundle),
    tabular,
    preprocessing,
  }
}

/** A model is tabular if its only input is numbers of shape [rows, features]. */
function tabularInput(inputs: readonly TensorSpec[]): TabularInput | null {
  const [input, second] = inputs
  if (input === undefined || second !== undefined || input.shape.length !== 2 || input.datatype === 'BYTES' || input.datatype === 'BOOL')
    return null
  return { name: input.name, datatype: input.datatype, width: input.shape[1]! }
}

function outcomeOf(task: Task, outputs: readonly TensorSpec[], bundle: BundleFile): Outcome {
  if (bundle.outcome === undefined) return guessOutcome(task, outputs)
  const { label = null, probabilities = null, value = null } = bundle.outcome
  for (const name of [label, probabilities, value]) {
    if (name !== null && !outputs.some((spec) => spec.name === name)) {
      throw new Problem(
        'bundle.invalid',
        `bundle.json: outcome names "${name}"; the outputs of the model are ${outputs.map((spec) => `"${spec.name}"`).join(', ')}.`,
      )
    }
  }
  return { label, probabilities, value }
}

function checkPreprocessing({ steps }: Preprocessing, tabular: TabularInput | null): void {
  if (steps.length === 0) return
  if (tabular === null || !isFloating(tabular.datatype)) {
    throw new Problem(
      'bundle.invalid',
      'bundle.json: preprocessing needs a model with one input of floating numbers of shape [rows, features].',
    )
  }
  for (const step of steps) {
    const lists = step.step === 'fill-missing' ? [step.values] : step.step === 'clip' ? [step.min, step.max] : [step.subtract, step.divide]
    const wrong = lists.find((list) => list.length !== (tabular.width === -1 ? lists[0]!.length : tabular.width))
    if (wrong !== undefined)
      throw new Problem(
        'bundle.invalid',
        `bundle.json: step '${step.step}' has ${wrong.length} values; the model takes ${tabular.width} features.`,
      )
    if (step.step === 'clip' && step.min.some((low, i) => low > step.max[i]!))
      throw new Problem('bundle.invalid', "bundle.json: step 'clip' has a min above its max.")
  }
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

/** @throws Problem `data.schema-mismatch` unless the model answers with a class or a value per row */
export function requireOutcome({ task, outcome }: Pick<ModelDescription, 'task' | 'outcome'>): void {
  const readable =
    task === 'regression' ? outcome.value !== null : task === 'classification' && (outcome.label ?? outcome.probabilities) !== null
  if (!readable)
    throw new Problem(
      'data.schema-mismatch',
      'Hold-out rows need a model that answers with a class or a value per row; name "task" and "outcome" in bundle.json.',
    )
}

/** The tabular input that a manifest describes; `null` if the model is not tabular. */
export function tabularOf(rules: Pick<ModelRules, 'inputs' | 'schema'>): TabularInput | null {
  return rules.schema.input === null ? null : tabularInput(rules.inputs)
}
