import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem, reportOf } from '../../../shared/domain/problem.ts'
import { problems } from '../../../shared/domain/problems.ts'
import type { Turn } from '../deadline/board.ts'
import { chooseByKey, findPlace, findVersion, type Place } from '../places.ts'
import type { Passage } from '../compute.ts'
import type { InferAnswer, Predictor } from '../predictor.ts'
import type { Served } from '../served.ts'
import type { ShadowRunner } from '../shadow.ts'
import { parseInferRequest, type WireRequest } from './infer-request.ts'
import { answerInference, inferResponse } from './infer-response.ts'
import { readBody, type BodyBudget } from './read-json.ts'
import { readInference } from './read-inference.ts'

/** What answering inference works with. */
export interface InferParts {
  places: readonly Place[]
  predictor: Predictor
  shadows: Pick<ShadowRunner, 'offer'>
  maxBodyBytes: number
  maxInFlight: number
}

/** Requests that are being worked on, and bytes of their bodies. */
export interface Load {
  inFlight: number
  budget: BodyBudget
}

/** One inference request over HTTP. */
export interface InferExchange {
  asked: { model: string; version: string | null }
  request: IncomingMessage
  response: ServerResponse
  turn: Turn
}

/** A request that has its answer, or a problem that is already counted. */
interface Answered {
  served: Served
  wire: WireRequest
  answer: InferAnswer
}

/**
 * Answers one request, and offers it to the shadow once the answer has left.
 * @throws Problem what is wrong with it; already counted
 */
export async function answerInfer(parts: InferParts, load: Load, exchange: InferExchange): Promise<void> {
  const { request, response, turn, asked } = exchange
  const place = findPlace(parts.places, asked.model)
  const versioned = findVersion(place, asked)
  const made = await counted(parts, load, versioned, async (attempt) => {
    turn.read()
    const { body, release } = await readBody(request, parts.maxBodyBytes, load.budget)
    try {
      const wire = readInference(body, request.headers, versioned)
      const served = asked.version === null ? chosen(place, wire, request.headers['x-muster-key']) : versioned
      attempt.served = served
      attempt.passage = parts.predictor.begin(served, wire.timeoutMs, turn)
      return { served, wire, answer: await parts.predictor.predict(served, wire, attempt.passage) }
    } finally {
      release()
    }
  })
  answerInference(response, { name: asked.model, ...made, isBinary: (name) => made.wire.isBinary(name) })
  parts.shadows.offer(place, made.served, made.answer.seen)
}

/** Answers a request that came as a message: status and body as HTTP would have them. Never throws. */
export async function answerMessage(
  parts: InferParts,
  load: Load,
  message: { deployment: string; request: unknown },
): Promise<{ status: number; body: object }> {
  try {
    const place = findPlace(parts.places, message.deployment)
    const { served, answer } = await counted(parts, load, place.active, async (attempt) => {
      const wire = parseInferRequest(message.request)
      attempt.served = chosen(place, wire, undefined)
      attempt.passage = parts.predictor.begin(attempt.served, wire.timeoutMs)
      return { served: attempt.served, wire, answer: await parts.predictor.predict(attempt.served, wire, attempt.passage) }
    })
    const body = inferResponse(message.deployment, served, answer)
    setImmediate(() => parts.shadows.offer(place, served, answer.seen))
    return { status: 200, body }
  } catch (error) {
    const { code, message: text } = reportOf(error)
    return { status: error instanceof Problem ? problems[error.code].http : problems.internal.http, body: { error: text, code } }
  }
}

/** Who is asked, and how far it came: a failure is counted for that bundle. */
interface Attempt {
  served: Served
  passage: Passage | null
}

async function counted(parts: InferParts, load: Load, first: Served, work: (attempt: Attempt) => Promise<Answered>): Promise<Answered> {
  const attempt: Attempt = { served: first, passage: null }
  if (load.inFlight >= parts.maxInFlight) {
    const problem = new Problem('inference.overloaded', `${load.inFlight} requests are being worked on; this one was not taken.`)
    parts.predictor.countFailure(first, problem)
    throw problem
  }
  load.inFlight += 1
  try {
    return await work(attempt)
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem('internal', reportOf(error).message, { cause: error })
    // A client that went away before its request was complete has asked for nothing.
    if (problem.code !== 'cancelled') parts.predictor.countFailure(attempt.served, problem, attempt.passage?.findings)
    throw problem
  } finally {
    load.inFlight -= 1
  }
}

/** The bundle of a split that a request belongs to: by its key, the header, its id, or by chance. */
function chosen(place: Place, wire: WireRequest, header: string | string[] | undefined): Served {
  return chooseByKey(place, () => wire.key ?? (typeof header === 'string' && header !== '' ? header : null) ?? wire.id ?? randomUUID())
}
