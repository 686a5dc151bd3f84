import type { Manifest, TensorSpec } from '../domain/bundle.ts'
import { Problem } from '../domain/problem.ts'
import { checkInputs } from './check-inputs.ts'
import { countFinding, type Findings } from './findings.ts'
import { compilePipeline, type PipelinePlan } from './plan.ts'
import { batchRows, isFiniteTensor, type Tensor } from './tensor.ts'

export type { Findings } from './findings.ts'
export { answerSpecs, requestSpecs } from './request-specs.ts'
export { isFiniteTensor } from './tensor.ts'

/** What the pipeline of a bundle reads of its manifest. */
export type PipelineRules = Pick<Manifest, 'inputs' | 'outputs' | 'schema' | 'preprocessing' | 'task' | 'labels' | 'outcome'> & {
  postprocessing?: Manifest['postprocessing']
  validation?: Manifest['validation']
}

/** Plans by manifest: a manifest never changes, and lives as long as it is served. */
const plans = new WeakMap<PipelineRules, PipelinePlan>()

function planOf(manifest: PipelineRules): PipelinePlan {
  const known = plans.get(manifest)
  if (known !== undefined) return known
  const made = compilePipeline(manifest)
  plans.set(manifest, made)
  return made
}

/**
 * Checks that steps and rules fit the model and each other.
 * @throws Problem `bundle.pipeline-invalid` naming the step, column or rule
 */
export function checkPipeline(manifest: PipelineRules): void {
  planOf(manifest)
}

/**
 * From a request to the inputs of the model: check of form, validation, preprocessing. The same on console and device; the given tensors
 * are never changed, and go on as they are where no step changes them.
 * @returns the inputs of the model and the rows of the request
 * @throws Problem `inference.bad-input`; `bundle.pipeline-invalid` if a step does not fit the model
 */
export function prepareInputs(
  manifest: PipelineRules,
  tensors: readonly Tensor[],
  at: { maxRows: number; findings: Findings },
): { inputs: Tensor[]; rows: number } {
  const plan = planOf(manifest)
  const given = plan.adapt(tensors)
  try {
    checkInputs(plan.request, given, at.maxRows)
  } catch (error) {
    if (isOfOtherType(plan.request, given)) countFinding(at.findings, 'input.type', 'reject')
    throw error
  }
  return { inputs: plan.prepare(given, at.findings), rows: batchRows(given[0]!.shape) }
}

function isOfOtherType(specs: readonly TensorSpec[], tensors: readonly Tensor[]): boolean {
  return tensors.some((tensor) => specs.some((spec) => spec.name === tensor.name && spec.datatype !== tensor.datatype))
}

/**
 * From the outputs of the model to those of the answer: postprocessing and validation.
 * @returns every output of `answerSpecs`, and whether all numbers of the model are finite
 * @throws Problem `inference.failed` where a rule says reject
 */
export function finishOutputs(
  manifest: PipelineRules,
  outputs: readonly Tensor[],
  at: { findings: Findings },
): { outputs: Tensor[]; isFinite: boolean } {
  const plan = planOf(manifest)
  let isFinite = true
  for (const output of outputs) {
    if (isFiniteTensor(output)) continue
    isFinite = false
    const { policy, throws } = plan.notFinite(output.name)
    countFinding(at.findings, 'output.not-finite', policy)
    if (throws) throw new Problem('inference.failed', `Output "${output.name}" has a number that is not finite.`)
  }
  const made = [...outputs]
  for (const step of plan.steps) made.push(...step.run(sourceOf(made, step.from)))
  for (const judge of plan.judges) judge(made, at.findings)
  return { outputs: made, isFinite }
}

function sourceOf(outputs: readonly Tensor[], name: string): Tensor {
  const source = outputs.find((output) => output.name === name)
  if (source === undefined) throw new Problem('inference.failed', `The model gave no output "${name}".`)
  return source
}
