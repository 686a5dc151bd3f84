import type { Baseline } from '../../shared/domain/bundle.ts'
import { Problem, problemFrom, type ProblemReport } from '../../shared/domain/problem.ts'
import { answerSpecs, requestSpecs } from '../../shared/inference/pipeline.ts'
import type { Tolerance } from '../../shared/inference/golden.ts'
import type { ServingRules } from '../../shared/protocol/assignment.ts'
import type { CountedSubject } from './distribution-windows.ts'
import type { RuntimeDeployment, RuntimeRole } from './messages.ts'
import { PredictionCache } from './prediction-cache.ts'
import { subjectTag } from './prediction-id.ts'
import type { LoadedModel } from './session.ts'
import { VitalCounter } from './vitals.ts'
import type { Subject } from './window.ts'

/** A bundle as a generation has it; `model` is null if it could not be loaded, and `problem` says why. */
export interface Served {
  deployment: RuntimeDeployment
  subject: Subject
  /** What its values are counted for. */
  counted: CountedSubject
  tag: Buffer
  model: LoadedModel | null
  problem: ProblemReport | null
  /** As the last `load` or `tune` said. */
  role: RuntimeRole
  serving: ServingRules
  vital: VitalCounter
  /** null: no cache. */
  cache: PredictionCache | null
  /** Requests that wait for the model. */
  waiting: number
  /** How long a run takes, lately, ms; null before the first. */
  typicalMs: number | null
  /** What the golden set allows; the default where there is none. */
  tolerance: Tolerance
  /** Names of the outputs that a client can ask for. */
  outputNames: readonly string[]
  /** True if every input and output has a variable first dimension, so that requests can be joined. */
  isBatchable: boolean
}

/** How far two values may differ and still agree, where no golden set says it. */
export const defaultTolerance: Tolerance = { absolute: 1e-4, relative: 1e-3 }

/** Makes a served bundle from what loading it gave. */
export function servedFrom(
  deployment: RuntimeDeployment,
  loaded: { model: LoadedModel | null; problem: ProblemReport | null; tolerance: Tolerance | null; baseline: Baseline | null },
): Served {
  const { manifest } = deployment
  const { model, version } = manifest
  const subject = { deployment: deployment.deployment, digest: deployment.digest, model, version }
  const served: Served = {
    deployment,
    subject,
    counted: { subject, manifest, baseline: loaded.baseline },
    tag: subjectTag(deployment.deployment, deployment.digest),
    model: loaded.model,
    problem: loaded.problem,
    role: deployment.role,
    serving: deployment.serving,
    vital: new VitalCounter(),
    cache: null,
    waiting: 0,
    typicalMs: null,
    tolerance: loaded.tolerance ?? defaultTolerance,
    outputNames: answerSpecs(manifest).map((output) => output.name),
    isBatchable: [...requestSpecs(manifest), ...manifest.inputs, ...manifest.outputs].every((spec) => spec.shape[0] === -1),
  }
  tuneServed(served, deployment)
  return served
}

/** Takes over rules of serving and the share of a split or shadow. */
export function tuneServed(served: Served, rules: Pick<RuntimeDeployment, 'role' | 'serving'>): void {
  served.role = rules.role
  served.serving = rules.serving
  const { cacheEntries } = rules.serving
  if (cacheEntries === 0) served.cache = null
  else if (served.cache === null) served.cache = new PredictionCache(cacheEntries)
  else served.cache.resize(cacheEntries)
}

/** Why a deployment does not answer. */
export function notReady(served: Served): Problem {
  const cause = served.problem === null ? undefined : problemFrom(served.problem)
  const why = served.problem === null ? '' : ` ${served.problem.message}`
  return new Problem('runtime.not-ready', `The model of ${served.subject.deployment} is not loaded.${why}`, { cause })
}
