import type { TensorSpec } from '../domain/bundle.ts'
import type { Policy } from '../domain/pipeline.ts'
import type { Findings } from './findings.ts'
import type { CompiledOutput } from './outputs/compiled.ts'
import { compileJudges, type OutputJudge } from './outputs/judge.ts'
import { compileOutput } from './outputs/steps.ts'
import { compilePictures } from './picture/pictures.ts'
import type { PipelineRules } from './pipeline.ts'
import { quoted, refuseStep } from './refuse.ts'
import { madeSpecs, requestSpecs } from './request-specs.ts'
import { compileColumns } from './steps/columns.ts'
import { compileFeatures, takesFeatures } from './steps/features.ts'
import type { Tensor } from './tensor.ts'

/** The pipeline of a bundle, checked against its model and ready to run. */
export interface PipelinePlan {
  request: readonly TensorSpec[]
  /** Brings a request into the form of `request`, where another one is allowed. */
  adapt(tensors: readonly Tensor[]): readonly Tensor[]
  /** @throws Problem `inference.bad-input` */
  prepare(tensors: readonly Tensor[], findings: Findings): Tensor[]
  steps: readonly CompiledOutput[]
  judges: readonly OutputJudge[]
  /** What a number that is not finite in an output of the model means. */
  notFinite(output: string): { policy: Policy; throws: boolean }
}

/** @throws Problem `bundle.pipeline-invalid` naming the step, column or rule that does not fit */
export function compilePipeline(manifest: PipelineRules): PipelinePlan {
  const { steps, specs } = compileSteps(manifest)
  return {
    request: requestSpecs(manifest),
    ...compileInputs(manifest),
    steps,
    judges: compileJudges(
      { task: manifest.task, labels: manifest.labels, outcome: manifest.outcome, validation: manifest.validation },
      specs,
    ),
    notFinite: compileNotFinite(manifest),
  }
}

function compileInputs(manifest: PipelineRules): Pick<PipelinePlan, 'adapt' | 'prepare'> {
  const { preprocessing, inputs, schema, validation } = manifest
  const asItIs = (tensors: readonly Tensor[]): readonly Tensor[] => tensors
  if (preprocessing.v === 1) {
    const input = inputs.find((spec) => takesFeatures(spec, schema))
    if (input === undefined && preprocessing.steps.length > 0 && schema.input !== null)
      refuseStep('preprocessing', 'it needs a model with an input of floating numbers of shape [rows, features].')
    const plan = compileFeatures(preprocessing, { input, schema, validation })
    return {
      adapt: asItIs,
      prepare: (tensors, findings) => tensors.map((tensor) => (tensor.name === input?.name ? plan.run(tensor, findings) : tensor)),
    }
  }
  if (preprocessing.kind === 'picture') {
    const plan = compilePictures(preprocessing, { inputs })
    return { adapt: asItIs, prepare: (tensors, findings) => plan.run(tensors, findings) }
  }
  const plan = compileColumns(preprocessing, { inputs, schema, validation })
  return { adapt: (tensors) => tensors.map(asColumn), prepare: (tensors, findings) => plan.run(tensors, findings) }
}

/** A column may come as [rows] as well as [rows, 1]. */
function asColumn(tensor: Tensor): Tensor {
  return tensor.shape.length === 1 ? { ...tensor, shape: [tensor.shape[0]!, 1] } : tensor
}

function compileSteps({ outputs, labels, postprocessing }: PipelineRules): { steps: CompiledOutput[]; specs: TensorSpec[] } {
  const specs: TensorSpec[] = [...outputs]
  const steps = (postprocessing?.steps ?? []).map((step, i) => {
    const place = `postprocessing step ${i + 1} '${step.step}'`
    const from = specs.find((spec) => spec.name === step.from)
    if (from === undefined)
      return refuseStep(place, `there is no output "${step.from.slice(0, 64)}" here; there are ${quoted(specs.map((one) => one.name))}.`)
    const compiled = compileOutput(step, { from, place, labels })
    for (const made of madeSpecs(step, from)) {
      if (specs.some((spec) => spec.name === made.name)) refuseStep(place, `there is an output "${made.name.slice(0, 64)}" already.`)
      specs.push(made)
    }
    return compiled
  })
  return { steps, specs }
}

/**
 * By default an answer is refused whose prediction is read, or made, from a number that is not finite. Where the prediction is read from
 * the output itself, reading it says so, and says in which row.
 */
function compileNotFinite({ validation, outcome, postprocessing }: PipelineRules): PipelinePlan['notFinite'] {
  const stated = validation?.output?.['not-finite']
  const read = [outcome.label, outcome.probabilities, outcome.value].filter((name) => name !== null)
  const needed = new Set(read)
  for (const step of (postprocessing?.steps ?? []).toReversed()) {
    const made = step.step === 'top-k' ? [step.values, step.indices] : [step.to]
    if (made.some((name) => needed.has(name))) needed.add(step.from)
  }
  return (output) => {
    if (stated !== undefined) return { policy: stated, throws: stated === 'reject' }
    const isNeeded = needed.has(output)
    return { policy: isNeeded ? 'reject' : 'pass', throws: isNeeded && !read.includes(output) }
  }
}
