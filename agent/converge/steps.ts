import type { AssignedBeside } from '../../shared/protocol/assignment.ts'
import type { ConvergenceState, SlotContent } from '../../shared/protocol/reported.ts'

/** What a slot is filled with: the bundle, and the version that the console knows it by. */
export type BundleContent = Pick<SlotContent, 'digest' | 'model' | 'version'>

/** A slot that is being filled: each deployment has both, and works on them independently. */
export type Slot = 'candidate' | 'beside'

/** What a second bundle shall do. */
export type Casting = Pick<AssignedBeside, 'role' | 'percent' | 'cpuShare' | 'samplesPerWindow'>

/** Every step of the convergence, with what it needs. */
export interface StepArgs {
  /** Make the runtime serve what the journal says is active. */
  serve: { set: 'active' }
  /** Roles and rules of serving changed, the bundles did not. */
  tune: { set: 'active' }
  /** A deployment that the order no longer has. */
  forget: { deployment: string }
  /** The wanted bundle runs already: whatever else was begun or failed is over. */
  settle: { deployment: string }
  /** The order names the last good bundle: it takes its place again, without fetch and probe. */
  restore: { deployment: string }
  /** Make the wanted bundle the candidate; `state` says how far it is known to be. */
  begin: { deployment: string; content: BundleContent; state: ConvergenceState }
  /** Take up a second bundle. */
  join: { deployment: string; content: BundleContent; state: ConvergenceState; casting: Casting }
  /** The second bundle is to do something else. */
  recast: { deployment: string; casting: Casting }
  /** The second bundle is no longer wanted. */
  part: { deployment: string }
  /** Manifest and artifacts, verified. */
  fetch: { deployment: string; slot: Slot }
  /** The bounded walker over the model file. */
  preflight: { deployment: string; slot: Slot }
  /** Everything that the probe reads is there and of a known form. */
  stage: { deployment: string; slot: Slot }
  /** Load, golden set and warm-up in a generation of its own; then that generation serves. */
  probe: { deployment: string; slot: Slot }
}

export type StepName = keyof StepArgs
/** One step as data. */
export type Step = { [Name in StepName]: { do: Name } & StepArgs[Name] }[StepName]
/** What does each step; a step without an executor does not compile. */
export type Executors = { [Name in StepName]: (args: StepArgs[Name], signal: AbortSignal) => Promise<void> }

/** Runs a step with its executor. */
export function execute(executors: Executors, step: Step, signal: AbortSignal): Promise<void> {
  // Each name has its own arguments, which the type of the table cannot say for a name that is not known.
  const run = executors[step.do] as (args: Step, signal: AbortSignal) => Promise<void>
  return run(step, signal)
}

/** Name under which a failed `serve` waits; no deployment can be called so. */
export const SERVE = '*'

/** What a step works on, as a key: a failure makes only that wait. */
export function subjectOf(step: Step): string {
  if (!('deployment' in step)) return SERVE
  return ('slot' in step && step.slot === 'beside') || step.do === 'join' || step.do === 'recast' || step.do === 'part'
    ? besideKey(step.deployment)
    : step.deployment
}

/** Key of the second bundle of a deployment; no deployment can be called so. */
export function besideKey(deployment: string): string {
  return `${deployment}/beside`
}
