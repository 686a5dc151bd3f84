import { readOutcomes } from '../../shared/inference/outcome.ts'
import { finishOutputs, prepareInputs, type Findings } from '../../shared/inference/pipeline.ts'
import type { Tensor } from '../../shared/inference/tensor.ts'
import type { Result } from './prediction-cache.ts'
import type { Run } from './run-lane.ts'
import type { Served } from './served.ts'

/** One request on its way: until when it is worth something (ms, monotonic), and what its validation has found so far. */
export interface Passage {
  startedAt: number
  until: number
  findings: Findings
  /** False if the client was told meanwhile that it is too late; true reserves the right to answer. */
  claim(): boolean
}

/** What runs models: the lane, or what joins requests in front of it. */
export interface Runner {
  run(served: Served, of: { inputs: readonly Tensor[]; rows: number; until: number }): Promise<Run>
}

/**
 * Pipeline and model of one bundle, and nothing of what makes a prediction of it: also what a shadow does.
 * @throws Problem as the pipeline and the runner say
 */
export async function compute(
  served: Served,
  tensors: readonly Tensor[],
  at: { passage: Passage; runner: Runner; maxRows: number },
): Promise<{ result: Result; runMs: number; isJoined: boolean }> {
  const { manifest } = served.deployment
  const { findings, until } = at.passage
  const { inputs, rows } = prepareInputs(manifest, tensors, { maxRows: at.maxRows, findings })
  const run = await at.runner.run(served, { inputs, rows, until })
  const { outputs, isFinite } = finishOutputs(manifest, run.outputs, { findings })
  const outcomes = readOutcomes(manifest, outputs)
  return {
    result: { outputs, outcomes, rows: outcomes?.length ?? rows, isFinite, findings },
    runMs: run.runMs,
    isJoined: run.isJoined === true,
  }
}
