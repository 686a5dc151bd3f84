import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem, reportOf, problemFrom } from '../../../shared/domain/problem.ts'
import type { KnownBundle, ServeLimits } from '../messages.ts'
import type { ClientIds } from '../client-ids.ts'
import { notReady, type Predictor, type Served } from '../predictor.ts'
import type { RecordOutbox } from '../record-outbox.ts'
import { answerJson, answerProblem } from './answer.ts'
import { resolveFeedback } from './feedback.ts'
import { guardRequest } from './guard.ts'
import { inferResponse, modelMetadata, parseInferRequest } from './open-inference.ts'
import { parseJson, readBody, type BodyBudget } from './read-json.ts'
import { methods, routeOf, type Route } from './routes.ts'

/** What the local API answers from. */
export interface RouterParts {
  served: readonly Served[]
  /** By hex of `subjectTag`: what feedback may be about. */
  known: ReadonlyMap<string, KnownBundle>
  predictor: Predictor
  outbox: RecordOutbox
  clientIds: ClientIds
  tokenKey: string
  agentVersion: string
  isLoopbackOnly: boolean
  limits: ServeLimits
  /** True once another generation has taken over. */
  isReplaced(): boolean
  now(): number
}

/** Body of feedback, bytes: 500 entries of 64 labels fit. */
const MAX_FEEDBACK_BYTES = 1024 * 1024

/** The local API: the Open Inference Protocol v2, feedback, health. */
export interface Router {
  /** Answers one request; never throws. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Inference requests that are being worked on. */
  inFlight(): number
}

/** Builds the local API of one generation. */
export function createRouter(parts: RouterParts): Router {
  const load: Load = { inFlight: 0, budget: { heldBytes: 0, maxBytes: parts.limits.maxBufferedBytes } }
  return {
    inFlight: () => load.inFlight,
    async answer(request, response) {
      try {
        guardRequest(request, parts.isLoopbackOnly)
        const route = routeOf(request.url ?? '/')
        if (route === null) throw new Problem('inference.not-found', `There is no ${(request.url ?? '').slice(0, 200)} here.`)
        const allowed: readonly string[] = methods[route.name]
        if (!allowed.includes(request.method ?? '')) {
          response.setHeader('Allow', allowed.join(', '))
          answerJson(response, 405, { error: `${request.method} is not possible here; ${allowed.join(' or ')} is.`, code: 'usage' })
          return
        }
        await answerRoute(route, { request, response, parts, load })
      } catch (error) {
        answerProblem(response, parts.isReplaced() ? asReplaced(error) : error)
      }
    },
  }
}

/** What a replaced generation does not have, the one after it may: the client must ask again, on a connection of its own. */
function asReplaced(error: unknown): unknown {
  if (!(error instanceof Problem) || error.code !== 'inference.not-found') return error
  return new Problem('runtime.not-ready', 'The models were just replaced; send the request again.')
}

interface Load {
  inFlight: number
  budget: BodyBudget
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  parts: RouterParts
  load: Load
}

async function answerRoute(route: Route, exchange: Exchange): Promise<void> {
  const { response, parts } = exchange
  const isReady = parts.served.every((served) => served.model !== null)
  switch (route.name) {
    case 'server':
      return answerJson(response, 200, { name: 'muster-agent', version: parts.agentVersion, extensions: [] })
    case 'live':
      return answerJson(response, 200, { live: true })
    case 'ready':
      // The REST text of the protocol calls the key `live`, its gRPC form `ready`: clients look for either.
      return answerJson(response, isReady ? 200 : 503, { live: true, ready: isReady })
    case 'models':
      return answerJson(response, 200, { models: parts.served.map((served) => served.subject.deployment) })
    case 'model':
      return answerJson(response, 200, modelMetadata(route.model, findServed(parts.served, route)))
    case 'modelReady': {
      const served = findServed(parts.served, route)
      if (served.model !== null) return answerJson(response, 200, { name: route.model, ready: true })
      return answerJson(response, 503, { name: route.model, ready: false, error: notReady(served).message, code: 'runtime.not-ready' })
    }
    case 'infer':
      return infer(route.model, findServed(parts.served, route), exchange)
    case 'feedback':
      return feedback(route.model, exchange)
  }
}

async function infer(name: string, served: Served, { request, response, parts, load }: Exchange): Promise<void> {
  if (load.inFlight >= parts.limits.maxInFlight) {
    const problem = new Problem('inference.overloaded', `${load.inFlight} requests are being worked on; this one was not taken.`)
    parts.predictor.countFailure(served, problem)
    throw problem
  }
  load.inFlight += 1
  try {
    const { body, release } = await readBody(request, parts.limits.maxBodyBytes, load.budget)
    try {
      if (request.headers['inference-header-content-length'] !== undefined) {
        throw new Problem('inference.bad-input', 'The binary tensor extension is not offered; send the tensors as JSON.')
      }
      const answer = await parts.predictor.predict(served, parseInferRequest(parseJson(body)))
      answerJson(response, 200, inferResponse(name, served, answer))
    } finally {
      release()
    }
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem('internal', reportOf(error).message, { cause: error })
    // A client that went away before its request was complete has asked for nothing.
    if (problem.code !== 'cancelled') parts.predictor.countFailure(served, problem)
    throw problem
  } finally {
    load.inFlight -= 1
  }
}

async function feedback(model: string | null, { request, response, parts, load }: Exchange): Promise<void> {
  const { body, release } = await readBody(request, MAX_FEEDBACK_BYTES, load.budget)
  release()
  const deployments = model === null ? allDeployments(parts) : deploymentsNamed(parts, model)
  const resolved = resolveFeedback(parseJson(body), {
    tokenKey: parts.tokenKey,
    known: parts.known,
    tokenOf: (deployment, id) => parts.clientIds.find(deployment, id),
    deployments,
    now: parts.now(),
  })
  const problem = await parts.outbox.send(resolved.records)
  if (problem !== null) throw problemFrom(problem)
  answerJson(response, 200, { stored: resolved.stored })
}

function allDeployments(parts: RouterParts): string[] {
  return [...new Set([...parts.known.values()].map((bundle) => bundle.deployment))]
}

/** Feedback also reaches deployments that serve no model any more. */
function deploymentsNamed(parts: RouterParts, name: string): string[] {
  const all = allDeployments(parts)
  if (all.includes(name)) return [name]
  const ofModel = new Set([...parts.known.values()].filter((bundle) => bundle.model === name).map((bundle) => bundle.deployment))
  if (ofModel.size === 0) throw unknownModel(parts.served, name)
  return [...ofModel]
}

/**
 * The deployment of a name: the name of the deployment itself, or of the model if only one deployment has it.
 * @throws Problem `inference.not-found`
 */
export function findServed(served: readonly Served[], asked: { model: string; version: string | null }): Served {
  const byModel = served.filter((one) => one.subject.model === asked.model)
  const found = served.find((one) => one.subject.deployment === asked.model) ?? (byModel.length === 1 ? byModel[0] : undefined)
  if (found === undefined && byModel.length > 1) {
    const names = byModel.map((one) => one.subject.deployment).join(', ')
    throw new Problem('inference.not-found', `Several deployments run model ${asked.model}; ask for one of ${names}.`)
  }
  if (found === undefined) throw unknownModel(served, asked.model)
  if (asked.version !== null && asked.version !== found.subject.version) {
    throw new Problem(
      'inference.not-found',
      `${asked.model} runs version ${found.subject.version}; ${asked.version.slice(0, 100)} is not loaded.`,
    )
  }
  return found
}

function unknownModel(served: readonly Served[], name: string): Problem {
  const names = served.map((one) => one.subject.deployment).join(', ')
  return new Problem(
    'inference.not-found',
    `There is no model "${name.slice(0, 100)}" here; ${names === '' ? 'none is deployed' : `there is ${names}`}.`,
  )
}
