import type { Manifest } from '../../shared/domain/bundle.ts'
import { preprocessing, postprocessing, validation } from '../../shared/domain/pipeline.ts'
import { finishOutputs, prepareInputs, type Findings, type PipelineRules } from '../../shared/inference/pipeline.ts'
import type { Tensor } from '../../shared/inference/tensor.ts'

/** Parts of the rules of a pipeline as bundle.json has them; what is left out does nothing. */
export interface RuleParts extends Partial<Omit<PipelineRules, 'preprocessing' | 'postprocessing' | 'validation'>> {
  preprocessing?: unknown
  postprocessing?: unknown
  validation?: unknown
}

/** The rules of a pipeline, parsed like those of a bundle. */
export function pipelineRules(parts: RuleParts): PipelineRules {
  const none = { label: null, probabilities: null, value: null }
  return {
    ...{ task: 'other', labels: [], outcome: none, outputs: [], schema: { input: null, features: [], target: null } },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }],
    ...parts,
    preprocessing: preprocessing.parse(parts.preprocessing ?? { v: 1, steps: [] }),
    postprocessing: parts.postprocessing === undefined ? undefined : postprocessing.parse(parts.postprocessing),
    validation: parts.validation === undefined ? undefined : validation.parse(parts.validation),
  }
}

/** A schema over an input with the ranges of its features. */
export function rangedSchema(input: string, ranges: Record<string, [number | null, number | null]>): Manifest['schema'] {
  return { input, target: null, features: Object.entries(ranges).map(([name, [min, max]]) => ({ name, min, max })) }
}

/** What came of a request: the inputs of the model, or why it was refused; and what was found. */
export function prepared(rules: PipelineRules, tensors: readonly Tensor[]): { inputs: Tensor[] | string; found: Record<string, number> } {
  const findings: Findings = new Map()
  try {
    return { inputs: prepareInputs(rules, tensors, { maxRows: 1000, findings }).inputs, found: Object.fromEntries(findings) }
  } catch (error) {
    return { inputs: refusalOf(error, 'inference.bad-input'), found: Object.fromEntries(findings) }
  }
}

/** What came of the outputs of a model. */
export function finished(
  rules: PipelineRules,
  outputs: readonly Tensor[],
): { outputs: Tensor[] | string; isFinite: boolean | null; found: Record<string, number> } {
  const findings: Findings = new Map()
  try {
    return { ...finishOutputs(rules, outputs, { findings }), found: Object.fromEntries(findings) }
  } catch (error) {
    return { outputs: refusalOf(error, 'inference.failed'), isFinite: null, found: Object.fromEntries(findings) }
  }
}

/** The message of a problem of the expected code; anything else is thrown on. */
function refusalOf(error: unknown, code: string): string {
  if (error instanceof Error && 'code' in error && error.code === code) return error.message
  throw error
}
