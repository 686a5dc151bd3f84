import type { TensorSpec } from '../../shared/domain/bundle.ts'
import { Problem } from '../../shared/domain/problem.ts'
import { readOutcomes, type RowOutcome } from '../../shared/inference/outcome.ts'
import { answerSpecs, finishOutputs, prepareInputs, requestSpecs, type Findings } from '../../shared/inference/pipeline.ts'
import { tensorFromPlain, type Tensor } from '../../shared/inference/tensor.ts'
import { loadModel, type LoadedModel } from '../runtime/session.ts'
import { findModel, type ModelSource } from './source.ts'

export type { RowOutcome } from '../../shared/inference/outcome.ts'
export { Problem } from '../../shared/domain/problem.ts'
export { plainData, type Tensor } from '../../shared/inference/tensor.ts'
export type { ModelSource } from './source.ts'

/** Values of an input: nested lists as its shape is, or one flat list, row by row. */
export type InputValues = readonly unknown[] | ArrayLike<number | bigint>

/** What a model answered. */
export interface Prediction {
  /** Every output of the bundle, those that postprocessing makes among them. */
  outputs: Tensor[]
  /** What the outputs say, row by row; null where the bundle declares no outcome. */
  outcomes: RowOutcome[] | null
  /** What the validation found: values by `<stage>.<cause>.<policy>`. */
  findings: Record<string, number>
  /** True if all numbers of the model are finite. */
  isFinite: boolean
}

/** A model in this process. */
export interface OpenModel {
  readonly metadata: {
    model: string
    version: string
    task: 'classification' | 'regression' | 'other'
    labels: readonly string[]
    inputs: readonly TensorSpec[]
    outputs: readonly TensorSpec[]
  }
  /**
   * Answers rows: values by name of the input, or tensors.
   * @throws Problem `inference.bad-input`, `inference.failed`; `cancelled` after `close`
   */
  predict(inputs: Readonly<Record<string, InputValues>> | readonly Tensor[]): Promise<Prediction>
  /** Lets the model go. onnxruntime gives its memory back when the process ends. */
  close(): void
}

/** Rows of one call. */
const MAX_ROWS = 16_384

/**
 * Opens a model for use within the calling process: preflight, the pipeline of the bundle and onnxruntime, without an agent and without
 * a hop. It runs where it is called, without the limits of a generation: a model that crashes or never ends takes the caller with it.
 * Use it for models that you trust; ask a running agent for all others.
 * @throws Problem `model.*`, `bundle.*`, `probe.load-failed`, `inference.not-found`, `store.corrupt`
 */
export async function openModel(source: ModelSource): Promise<OpenModel> {
  const { path, file, rules, name } = findModel(source)
  let model: LoadedModel | null = await loadModel(file, path)
  const inputs = requestSpecs(rules)
  const { task, labels } = rules
  return {
    metadata: { ...name, task, labels, inputs, outputs: answerSpecs(rules) },
    async predict(given) {
      if (model === null) throw new Problem('cancelled', 'The model was closed.')
      const findings: Findings = new Map()
      const tensors = isTensors(given) ? given : Object.entries(given).map(([input, values]) => tensorOf(inputs, input, values))
      const prepared = prepareInputs(rules, tensors, { maxRows: MAX_ROWS, findings })
      const { outputs, isFinite } = finishOutputs(rules, await model.run(prepared.inputs), { findings })
      return { outputs, isFinite, outcomes: readOutcomes(rules, outputs), findings: Object.fromEntries(findings) }
    },
    close() {
      model = null
    },
  }
}

function isTensors(given: Readonly<Record<string, InputValues>> | readonly Tensor[]): given is readonly Tensor[] {
  return Array.isArray(given)
}

function tensorOf(specs: readonly TensorSpec[], name: string, values: InputValues): Tensor {
  const spec = specs.find((one) => one.name === name)
  if (spec === undefined)
    throw new Problem(
      'inference.bad-input',
      `The model has no input "${name}"; its inputs are ${specs.map((one) => `"${one.name}"`).join(', ')}.`,
    )
  const list = Array.from<unknown>(values as ArrayLike<unknown>)
  return tensorFromPlain(name, spec.datatype, shapeOf(spec, list), list)
}

/** The shape of nested lists is theirs; a flat list fills the one size that the input leaves open. */
function shapeOf(spec: TensorSpec, list: readonly unknown[]): number[] {
  if (list.some(Array.isArray)) {
    const shape: number[] = []
    for (let level: unknown = list; Array.isArray(level); level = level[0]) shape.push(level.length)
    return shape
  }
  const open = spec.shape.filter((size) => size === -1).length
  const rest = spec.shape.reduce((product, size) => (size === -1 ? product : product * size), 1)
  if (open !== 1 || list.length % rest !== 0) return spec.shape.map((size) => (size === -1 ? 1 : size))
  return spec.shape.map((size) => (size === -1 ? list.length / rest : size))
}
