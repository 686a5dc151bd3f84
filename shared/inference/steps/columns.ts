import type { Manifest } from '../../domain/bundle.ts'
import type { ColumnPreprocessing, ColumnStep, Validation } from '../../domain/pipeline.ts'
import type { Findings } from '../findings.ts'
import { quoted, refuseStep } from '../refuse.ts'
import type { Tensor } from '../tensor.ts'
import { compileAssemble, type Assembly } from './assemble.ts'
import { compileCast } from './cast.ts'
import { compileClip } from './clip.ts'
import type { ColumnKind, CompiledStep, StepGiven } from './column.ts'
import { compileFillMissing } from './fill-missing.ts'
import { compileLog } from './log.ts'
import { compileOneHot } from './one-hot.ts'
import { compileRawColumns } from './raw-columns.ts'
import { compileScale } from './scale.ts'
import { compileSelect } from './select.ts'

/** Preprocessing of form 2 over columns, ready to run. */
export interface ColumnPlan {
  /** From the request to the inputs of the model, in their order. @throws Problem `inference.bad-input` */
  run(tensors: readonly Tensor[], findings: Findings): Tensor[]
}

/** @throws Problem `bundle.pipeline-invalid` naming the step or column that does not fit */
export function compileColumns(
  preprocessing: ColumnPreprocessing,
  of: { inputs: Manifest['inputs']; schema: Manifest['schema']; validation: Validation | undefined },
): ColumnPlan {
  const reader = compileRawColumns(preprocessing, of)
  let before: ColumnKind[] = preprocessing.columns.map(({ name, type, categories = null }) => ({ name, type, categories }))
  const stages: (CompiledStep | Assembly)[] = preprocessing.steps.map((step, i) => {
    const given: StepGiven = { before, place: `preprocessing step ${i + 1} '${step.step}'`, validation: of.validation }
    if (step.step === 'assemble') return compileAssemble(step, given, of.inputs)
    const compiled = compileStep(step, given)
    before = compiled.after
    return compiled
  })
  const filled = stages.flatMap((stage) => ('input' in stage ? [stage.input] : []))
  const twice = filled.find((name, i) => filled.indexOf(name) !== i)
  if (twice !== undefined) refuseStep("preprocessing step 'assemble'", `input "${twice}" is filled twice.`)
  const empty = of.inputs.filter(({ name }) => !filled.includes(name)).map(({ name }) => name)
  if (empty.length > 0) refuseStep('preprocessing', `no assemble step fills ${quoted(empty)} of the model.`)
  return {
    run(tensors, findings) {
      let columns = reader.read(tensors, findings)
      const made = new Map<string, Tensor>()
      for (const stage of stages) {
        if ('input' in stage) made.set(stage.input, stage.run(columns, findings))
        else columns = stage.run(columns, findings)
      }
      return of.inputs.map(({ name }) => made.get(name)!)
    },
  }
}

function compileStep(step: Exclude<ColumnStep, { step: 'assemble' }>, given: StepGiven): CompiledStep {
  switch (step.step) {
    case 'select':
      return compileSelect(step, given)
    case 'cast':
      return compileCast(step, given)
    case 'fill-missing':
      return compileFillMissing(step, given)
    case 'clip':
      return compileClip(step, given)
    case 'scale':
      return compileScale(step, given)
    case 'log':
      return compileLog(step, given)
    case 'one-hot':
      return compileOneHot(step, given)
  }
}
