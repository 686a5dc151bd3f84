import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem, problemFrom } from '../../../shared/domain/problem.ts'
import { expose } from '../../../shared/metrics/expose.ts'
import type { RuntimeConfig } from '../../../shared/protocol/assignment.ts'
import type { Asks } from '../asks.ts'
import type { ClientIds } from '../client-ids.ts'
import { freeTurn, type Turn } from '../deadline/board.ts'
import type { Masks } from '../masking/masks.ts'
import type { KnownBundle, ServeLimits } from '../messages.ts'
import type { Metrics } from '../metrics.ts'
import { findPlace, findVersion, unknownModel, type Place } from '../places.ts'
import type { Predictor } from '../predictor.ts'
import type { RecordOutbox } from '../record-outbox.ts'
import { notReady, type Served } from '../served.ts'
import type { ShadowRunner } from '../shadow.ts'
import { answerBody, answerJson, answerProblem } from './answer.ts'
import { answerControl } from './control.ts'
import { agentFamilies } from './exposition.ts'
import { resolveFeedback } from './feedback.ts'
import { guardRequest } from './guard.ts'
import { answerInfer, answerMessage, type Load } from './infer.ts'
import { extensions, modelMetadata } from './metadata.ts'
import { parseJson, readBody } from './read-json.ts'
import { methods, routeOf, type Route } from './routes.ts'

/** What the local API answers from. */
export interface RouterParts {
  served: readonly Served[]
  places: readonly Place[]
  /** By hex of `subjectTag`: what feedback may be about. */
  known: ReadonlyMap<string, KnownBundle>
  predictor: Predictor
  shadows: Pick<ShadowRunner, 'offer'>
  metrics: Metrics
  outbox: RecordOutbox
  asks: Pick<Asks, 'ask'>
  clientIds: ClientIds
  masks: Masks
  tokenKey: string
  agentVersion: string
  isLoopbackOnly: boolean
  limits: ServeLimits
  config(): RuntimeConfig
  usage(): { rssBytes: number; cpuMicros: number }
  openConnections(): number
  /** True once another generation has taken over. */
  isReplaced(): boolean
  now(): number
}

/** Body of feedback, bytes: 500 entries of 64 labels fit. */
const MAX_FEEDBACK_BYTES = 1024 * 1024

/** The local API: the Open Inference Protocol v2, feedback, health, metrics, and what applications ask of the agent. */
export interface Router {
  /** Answers one request; never throws. */
  answer(request: IncomingMessage, response: ServerResponse, turn?: Turn): Promise<void>
  /** Answers an inference that came as a message; never throws. */
  infer(message: { deployment: string; request: unknown }): Promise<{ status: number; body: object }>
  /** Inference requests that are being worked on. */
  inFlight(): number
}

/** Builds the local API of one generation. */
export function createRouter(parts: RouterParts): Router {
  const load: Load = { inFlight: 0, budget: { heldBytes: 0, maxBytes: parts.limits.maxBufferedBytes } }
  const startedAt = parts.now()
  const inferParts = { ...parts, maxBodyBytes: parts.limits.maxBodyBytes, maxInFlight: parts.limits.maxInFlight }
  return {
    inFlight: () => load.inFlight,
    infer: (message) => answerMessage(inferParts, load, message),
    async answer(request, response, turn = freeTurn) {
      try {
        guardRequest(request, parts.isLoopbackOnly)
        const route = routeOf(request.url ?? '/')
        if (route === null) throw new Problem('inference.not-found', `There is no ${(request.url ?? '').slice(0, 200)} here.`)
        const allowed: readonly string[] = methods[route.name]
        if (!allowed.includes(request.method ?? '')) {
          response.setHeader('Allow', allowed.join(', '))
          answerJson(response, 405, { error: `${request.method} is not possible here; ${allowed.join(' or ')} is.`, code: 'usage' })
        } else if (route.name === 'infer') await answerInfer(inferParts, load, { asked: route, request, response, turn })
        else await answerRoute(route, { request, response, parts, load, startedAt })
      } catch (error) {
        if (turn.claim()) answerProblem(response, parts.isReplaced() ? asReplaced(error) : error)
        else response.destroy()
      }
    },
  }
}

/** What a replaced generation does not have, the one after it may: the client must ask again, on a connection of its own. */
function asReplaced(error: unknown): unknown {
  if (!(error instanceof Problem) || error.code !== 'inference.not-found') return error
  return new Problem('runtime.not-ready', 'The models were just replaced; send the request again.')
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  parts: RouterParts
  load: Load
  startedAt: number
}

async function answerRoute(route: Exclude<Route, { name: 'infer' }>, exchange: Exchange): Promise<void> {
  const { request, response, parts, load } = exchange
  switch (route.name) {
    case 'server':
      return answerJson(response, 200, { name: 'muster-agent', version: parts.agentVersion, extensions })
    case 'live':
      return answerJson(response, 200, { live: true })
    case 'ready': {
      const isReady = parts.places.every((place) => place.active.model !== null)
      // The REST text of the protocol calls the key `live`, its gRPC form `ready`: clients look for either.
      return answerJson(response, isReady ? 200 : 503, { live: true, ready: isReady })
    }
    case 'models':
      return answerJson(response, 200, { models: parts.places.map((place) => place.name) })
    case 'model':
    case 'modelReady':
      return answerModel(route, response, parts)
    case 'feedback':
      return feedback(route.model, exchange)
    case 'metrics':
      return answerBody(response, scraped(exchange))
    case 'lock':
    case 'revert':
    case 'status':
    case 'config':
      return answerControl(route, { request, response, budget: load.budget }, parts)
  }
}

function answerModel(route: Extract<Route, { name: 'model' | 'modelReady' }>, response: ServerResponse, parts: RouterParts): void {
  const place = findPlace(parts.places, route.model)
  const served = findVersion(place, route)
  if (route.name === 'model') answerJson(response, 200, modelMetadata(route.model, place, served))
  else if (served.model !== null) answerJson(response, 200, { name: route.model, ready: true })
  else answerJson(response, 503, { name: route.model, ready: false, error: notReady(served).message, code: 'runtime.not-ready' })
}

function scraped({ request, parts, load, startedAt }: Exchange): ReturnType<typeof expose> {
  const { agentVersion, served } = parts
  const state = { openConnections: parts.openConnections(), inFlight: load.inFlight, usage: parts.usage() }
  return expose(agentFamilies({ agentVersion, served, bundles: parts.metrics.all(), startedAt, ...state }), request.headers.accept)
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
    masks: parts.masks,
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
  if (ofModel.size === 0) throw unknownModel(parts.places, name)
  return [...ofModel]
}
