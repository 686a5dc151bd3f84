import type { Clock } from '../../shared/domain/clock.ts'
import { Problem } from '../../shared/domain/problem.ts'
import type { RowOutcome } from '../../shared/inference/outcome.ts'
import type { Findings } from '../../shared/inference/pipeline.ts'
import type { Tensor } from '../../shared/inference/tensor.ts'
import type { ClientIds } from './client-ids.ts'
import { compute, type Passage, type Runner } from './compute.ts'
import { freeTurn, type Turn } from './deadline/board.ts'
import type { DistributionWindows } from './distribution-windows.ts'
import type { CarriedPrediction } from './messages.ts'
import type { Metrics } from './metrics.ts'
import { inputKey, type Result } from './prediction-cache.ts'
import { recordId, type PredictionIds } from './prediction-id.ts'
import { lateProblem } from './run-lane.ts'
import { lowestConfidence, type Sampler } from './sampler.ts'
import { notReady, type Served } from './served.ts'
import type { Windows } from './window.ts'

/** A request as the protocol gave it: tensors made, nothing checked against the model yet. */
export interface InferRequest {
  /** The id that the client chose, or null. */
  id: string | null
  inputs: Tensor[]
  /** Names of the outputs that are wanted; null: all. */
  outputs: readonly string[] | null
  /** Whom the client says that it is about. */
  about?: string | null
}

/** What goes back to the client. */
export interface InferAnswer {
  id: string
  outputs: Tensor[]
  parameters: Record<string, string | number | boolean> | null
  /** What a shadow is compared with. */
  seen: Seen
}

/** One answered inference, as a shadow and a sample see it: inputs as the client sent them. */
export interface Seen {
  /** As records carry it: see `recordId`. */
  recordId(): string
  predictedAt: number
  inputs: readonly Tensor[]
  about: string | null
  result: Result
  /** What the model took, ms; null: the cache answered, or it ran joined with others, which a shadow never does. */
  aloneMs: number | null
}

/** A result on its way to an answer; without a run if the cache had it. */
interface Made {
  passage: Passage
  result: Result
  run: { runMs: number; isJoined: boolean } | null
}

/** What a predictor works with. */
export interface PredictorParts {
  clock: Clock
  windows: Windows
  distributions: DistributionWindows
  sampler: Sampler
  clientIds: ClientIds
  ids: PredictionIds
  runner: Runner
  metrics: Metrics
  maxRows: number
  /** Told of every prediction under an id that the client chose. */
  onClientId(prediction: CarriedPrediction): void
}

/** Answers inference requests: pipeline and model, or the cache; then count, sample, make the id. */
export class Predictor {
  readonly #parts: PredictorParts

  constructor(parts: PredictorParts) {
    this.#parts = parts
  }

  /** Begins a request to a bundle: its deadline counts from here. */
  begin(served: Served, timeoutMs: number | null = null, turn: Turn = freeTurn): Passage {
    const startedAt = this.#parts.clock.monotonic()
    const { deadlineMs } = served.serving
    const until = startedAt + (timeoutMs === null ? deadlineMs : Math.min(timeoutMs, deadlineMs))
    turn.wait(until)
    return { startedAt, until, findings: new Map(), claim: () => turn.claim() }
  }

  /**
   * One request. The caller counts failures, which may come before the request has a form (`countFailure`).
   * @throws Problem `inference.bad-input`, `inference.failed`, `inference.overloaded`, `inference.deadline-exceeded`, `runtime.not-ready`
   */
  async predict(served: Served, request: InferRequest, passage: Passage): Promise<InferAnswer> {
    if (served.model === null) throw notReady(served)
    if (request.outputs !== null) checkWanted(served.outputNames, request.outputs)
    const key = served.cache === null ? null : inputKey(request.inputs)
    const kept = key === null ? null : served.cache!.find(key)
    if (kept !== null) return this.#answer(served, request, { passage, result: kept, run: null })
    const { result, ...run } = await compute(served, request.inputs, { passage, ...this.#parts })
    if (key !== null) served.cache?.keep(key, result)
    return this.#answer(served, request, { passage, result, run })
  }

  /** Counts a request that was not answered with a prediction. */
  countFailure(served: Served, problem: Problem, findings?: Findings): void {
    const { windows, metrics } = this.#parts
    windows.count(served.subject, findings === undefined ? { ok: false, code: problem.code } : { ok: false, code: problem.code, findings })
    served.vital.failed(problem.code)
    metrics.failed(served, problem.code)
  }

  #answer(served: Served, request: InferRequest, made: Made): InferAnswer {
    const { clock, windows, distributions, sampler, metrics } = this.#parts
    const { result, run, passage } = made
    const runMs = run?.runMs ?? null
    if (!passage.claim()) throw lateProblem(served)
    const predictedAt = clock.now()
    const token = this.#parts.ids.make(served.tag, { predictedAt, rows: result.rows, outcomes: result.outcomes ?? [] })
    if (request.id !== null) this.#remember(served, request.id, token)
    const id = request.id ?? token
    const seen = {
      recordId: () => recordId(id, token),
      predictedAt,
      inputs: request.inputs,
      about: request.about ?? null,
      result,
      aloneMs: run?.isJoined === false ? run.runMs : null,
    }
    const answer = { id, outputs: wantedOutputs(result.outputs, request.outputs), parameters: parametersOf(result), seen }
    const latencyMs = clock.monotonic() - passage.startedAt
    const { rows, isFinite, findings } = result
    windows.count(served.subject, { ok: true, rows, latencyMs, isFinite, findings, runMs: runMs ?? 0, isCacheHit: runMs === null })
    if (runMs !== null) served.vital.answered(runMs, isFinite)
    metrics.answered(served, { latencyMs, isCacheHit: runMs === null, isFinite })
    const isOutlier = distributions.count(served.counted, request.inputs, result, { now: predictedAt, isAsked: sampler.wantsOutliers })
    if (!sampler.isOff) this.#sample(served, seen, isOutlier)
    return answer
  }

  #sample({ subject, deployment }: Served, seen: Seen, isOutlier: boolean): void {
    const { sampler, windows } = this.#parts
    const { predictedAt, inputs, about, result } = seen
    const candidate = {
      ...{ id: seen.recordId(), predictedAt, manifest: deployment.manifest, inputs, about, outputs: result.outputs },
      ...{ confidence: lowestConfidence(result.outcomes), isOutlier },
    }
    if (!sampler.offer(subject, candidate)) windows.countTooLarge(subject)
  }

  #remember(served: Served, id: string, token: string): void {
    const prediction = { deployment: served.subject.deployment, id, token }
    this.#parts.clientIds.add(prediction)
    this.#parts.onClientId(prediction)
  }
}

function checkWanted(names: readonly string[], wanted: readonly string[]): void {
  const unknown = wanted.find((name) => !names.includes(name))
  if (unknown === undefined) return
  const known = names.map((name) => `"${name}"`).join(', ')
  throw new Problem('inference.bad-input', `The model has no output "${unknown.slice(0, 100)}"; its outputs are ${known}.`)
}

function wantedOutputs(outputs: readonly Tensor[], wanted: readonly string[] | null): Tensor[] {
  if (wanted === null) return [...outputs]
  return wanted.map((name) => outputs.find((output) => output.name === name)!)
}

/** A single class is told in words too, so that a person or a PLC needs no table of labels; a single value at the same place. */
function parametersOf({ outcomes, findings }: Result): InferAnswer['parameters'] {
  const flags = findings.size === 0 ? '' : flagsOf(findings)
  const only = outcomes?.length === 1 ? outcomeParameters(outcomes[0]!) : null
  if (flags === '') return only
  return { ...only, flags }
}

function outcomeParameters(only: RowOutcome): NonNullable<InferAnswer['parameters']> {
  if (only.kind === 'value') return { value: only.value }
  return only.confidence === null ? { label: only.label } : { label: only.label, confidence: only.confidence }
}

/** The findings that a rule says to flag, as a list in one text: parameters of the protocol hold no lists. */
function flagsOf(findings: ReadonlyMap<string, number>): string {
  return [...findings.keys()].filter((finding) => finding.endsWith('.flag')).join(',')
}
