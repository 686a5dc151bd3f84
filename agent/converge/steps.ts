import type { SlotContent } from '../../shared/protocol/reported.ts'

/** What a slot is filled with: the bundle, and the version that the console knows it by. */
export type BundleContent = Pick<SlotContent, 'digest' | 'model' | 'version'>

/** Every step of the convergence, with what it needs. */
export interface StepArgs {
  /** Make the runtime serve what the journal says is active. */
  serve: { set: 'active' }
  /** A deployment that the order no longer has. */
  forget: { deployment: string }
  /** The wanted bundle runs already: whatever else was begun or failed is over. */
  settle: { deployment: string }
  /** Make the wanted bundle the candidate. */
  begin: { deployment: string; content: BundleContent }
  /** Manifest and artifacts of the candidate, verified. */
  fetch: { deployment: string }
  /** The bounded walker over the model file. */
  preflight: { deployment: string }
  /** Everything that the probe reads is there and of a known form. */
  stage: { deployment: string }
  /** Load, golden set and warm-up in a generation of its own; then it becomes active. */
  probe: { deployment: string }
}

export type StepName = keyof StepArgs
/** One step as data. */
export type Step = { [Name in StepName]: { do: Name } & StepArgs[Name] }[StepName]
/** What does each step; a step without an executor does not compile. */
export type Executors = { [Name in StepName]: (args: StepArgs[Name], signal: AbortSignal) => Promise<void> }

/** Runs a step with its executor. */
export function execute(executors: Executors, step: Step, signal: AbortSignal): Promise<void> {
  switch (step.do) {
    case 'serve':
      return executors.serve(step, signal)
    case 'forget':
      return executors.forget(step, signal)
    case 'settle':
      return executors.settle(step, signal)
    case 'begin':
      return executors.begin(step, signal)
    case 'fetch':
      return executors.fetch(step, signal)
    case 'preflight':
      return executors.preflight(step, signal)
    case 'stage':
      return executors.stage(step, signal)
    case 'probe':
      return executors.probe(step, signal)
  }
}
