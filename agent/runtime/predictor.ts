import type { Clock } from '../../shared/domain/clock.ts'
import { Problem, type ProblemReport, problemFrom } from '../../shared/domain/problem.ts'
import { checkInputs } from '../../shared/inference/check-inputs.ts'
import { readOutcomes, type RowOutcome } from '../../shared/inference/outcome.ts'
import { preprocess } from '../../shared/inference/preprocess.ts'
import { batchRows, type Tensor } from '../../shared/inference/tensor.ts'
import type { ClientIds } from './client-ids.ts'
import type { CarriedPrediction, RuntimeDeployment } from './messages.ts'
import { makePredictionId, recordId, subjectTag } from './prediction-id.ts'
import type { SampleCandidate, Sampler } from './sampler.ts'
import type { LoadedModel } from './session.ts'
import type { Subject, Windows } from './window.ts'

/** A deployment as a generation has it; `model` is null if it could not be loaded, and `problem` says why. */
export interface Served {
  deployment: RuntimeDeployment
  subject: Subject
  tag: Buffer
  model: LoadedModel | null
  problem: ProblemReport | null
}

/** A request as the protocol gave it: tensors made, nothing checked against the model yet. */
export interface InferRequest {
  /** The id that the client chose, or null. */
  id: string | null
  inputs: Tensor[]
  /** Names of the outputs that are wanted; null: all. */
  outputs: string[] | null
}

/** What goes back to the client. */
export interface InferAnswer {
  id: string
  outputs: Tensor[]
  parameters: Record<string, string | number | boolean> | null
}

/** What a predictor works with. */
export interface PredictorParts {
  clock: Clock
  windows: Windows
  sampler: Sampler
  clientIds: ClientIds
  tokenKey: string
  /** The first nonce, 32 random bits: generations must not repeat each other's ids. */
  firstNonce: number
  maxRows: number
  /** Told of every prediction under an id that the client chose. */
  onClientId(prediction: CarriedPrediction): void
}

/** Makes a served deployment from what loading it gave. */
export function servedFrom(deployment: RuntimeDeployment, model: LoadedModel | null, problem: ProblemReport | null): Served {
  const { model: modelName, version } = deployment.manifest
  const subject = { deployment: deployment.deployment, digest: deployment.digest, model: modelName, version }
  return { deployment, subject, tag: subjectTag(deployment.deployment, deployment.digest), model, problem }
}

/** Answers inference requests: check, preprocess, run, read the outcome, count, sample, make the id. */
export class Predictor {
  readonly #parts: PredictorParts
  #nonce: number

  constructor(parts: PredictorParts) {
    this.#parts = parts
    this.#nonce = parts.firstNonce
  }

  /**
   * One request. The caller counts failures, which may come before the request has a form (`countFailure`).
   * @throws Problem `inference.bad-input`, `inference.failed`, `runtime.not-ready`
   */
  async predict(served: Served, request: InferRequest): Promise<InferAnswer> {
    const { clock, windows } = this.#parts
    const startedAt = clock.monotonic()
    const { manifest } = served.deployment
    if (served.model === null) throw notReady(served)
    checkInputs(manifest.inputs, request.inputs, this.#parts.maxRows)
    const wanted = wantedOutputs(
      manifest.outputs.map((output) => output.name),
      request.outputs,
    )
    const outputs = await served.model.run(preprocess(manifest, request.inputs))
    const outcomes = readOutcomes(manifest, outputs)
    const rows = outcomes?.length ?? batchRows(request.inputs[0]!.shape)
    const predictedAt = clock.now()
    const ids = this.#identify(served, request.id, { predictedAt, rows, outcomes: outcomes ?? [] })
    const answer = {
      id: ids.id,
      outputs: wanted.map((name) => outputs.find((output) => output.name === name)!),
      parameters: parametersOf(outcomes),
    }
    windows.count(served.subject, { ok: true, rows, latencyMs: clock.monotonic() - startedAt })
    this.#sample(served, ids, { predictedAt, inputs: request.inputs, outputs })
    return answer
  }

  /** Counts a request that was not answered with a prediction. */
  countFailure(served: Served, problem: Problem): void {
    this.#parts.windows.count(served.subject, { ok: false, code: problem.code })
  }

  /** @returns the id that the client is told, and the token: they differ where the client chose the id */
  #identify(
    served: Served,
    clientId: string | null,
    of: { predictedAt: number; rows: number; outcomes: RowOutcome[] },
  ): { id: string; token: string } {
    this.#nonce = (this.#nonce + 1) >>> 0
    const token = makePredictionId(this.#parts.tokenKey, served.tag, of, this.#nonce)
    if (clientId === null) return { id: token, token }
    const prediction = { deployment: served.subject.deployment, id: clientId, token }
    this.#parts.clientIds.add(prediction)
    this.#parts.onClientId(prediction)
    return { id: clientId, token }
  }

  #sample(served: Served, { id, token }: { id: string; token: string }, exchange: Omit<SampleCandidate, 'id'>): void {
    const { sampler, windows } = this.#parts
    if (!sampler.isOff && !sampler.offer(served.subject, { ...exchange, id: recordId(id, token) })) windows.countTooLarge(served.subject)
  }
}

/** Why a deployment does not answer. */
export function notReady(served: Served): Problem {
  const cause = served.problem === null ? undefined : problemFrom(served.problem)
  const why = served.problem === null ? '' : ` ${served.problem.message}`
  return new Problem('runtime.not-ready', `The model of ${served.subject.deployment} is not loaded.${why}`, { cause })
}

function wantedOutputs(names: readonly string[], wanted: readonly string[] | null): readonly string[] {
  if (wanted === null) return names
  const unknown = wanted.find((name) => !names.includes(name))
  if (unknown === undefined) return wanted
  const known = names.map((name) => `"${name}"`).join(', ')
  throw new Problem('inference.bad-input', `The model has no output "${unknown.slice(0, 100)}"; its outputs are ${known}.`)
}

/** A single class is told in words too, so that a person or a PLC needs no table of labels; a single value at the same place. */
function parametersOf(outcomes: readonly RowOutcome[] | null): InferAnswer['parameters'] {
  const only = outcomes?.length === 1 ? outcomes[0] : undefined
  if (only === undefined) return null
  if (only.kind === 'value') return { value: only.value }
  return only.confidence === null ? { label: only.label } : { label: only.label, confidence: only.confidence }
}
