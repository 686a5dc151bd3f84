import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { Problem } from '../../../shared/domain/problem.ts'
import type { RuntimeConfig } from '../../../shared/protocol/assignment.ts'
import type { Asks, Told } from '../asks.ts'
import type { LocalAsk } from '../messages.ts'
import { answerJson } from './answer.ts'
import { parseJson, readBody, type BodyBudget } from './read-json.ts'
import type { ControlRoute } from './routes.ts'

/** What applications on the device ask of the agent. */
export interface ControlParts {
  asks: Pick<Asks, 'ask'>
  config(): RuntimeConfig
  now(): number
}

const MAX_BODY_BYTES = 16 * 1024
const reason = z.string().trim().min(1).max(500)
const lockBody = z.strictObject({ reason, until: z.int().nonnegative().optional(), seconds: z.number().positive().max(86_400).optional() })
const revertBody = z.strictObject({ reason })

/**
 * Answers `/v1`: the lock of an application, revert, status, configuration and feature flags.
 * @throws Problem `lock.invalid`, `inference.bad-input`, `runtime.not-ready` if the agent does not answer
 */
export async function answerControl(
  route: ControlRoute,
  exchange: { request: IncomingMessage; response: ServerResponse; budget: BodyBudget },
  parts: ControlParts,
): Promise<void> {
  const { response } = exchange
  if (route.name === 'config') {
    const { flags, ...config } = parts.config()
    return answerJson(response, 200, { flags, config })
  }
  const ask = await askOf(route, exchange, parts)
  const told = await parts.asks.ask(ask)
  if (route.name === 'lock' && ask.kind === 'status') return answerLock(response, told)
  answerJson(response, told.status, told.body)
}

/** The status of the agent says what the lock is. */
function answerLock(response: ServerResponse, told: Told): void {
  const lock: unknown = Reflect.get(told.body, 'lock')
  if (told.status !== 200) answerJson(response, told.status, told.body)
  else answerJson(response, 200, { lock: lock ?? null })
}

async function askOf(
  route: Exclude<ControlRoute, { name: 'config' }>,
  { request, budget }: { request: IncomingMessage; budget: BodyBudget },
  { now }: ControlParts,
): Promise<LocalAsk> {
  if (route.name === 'status' || request.method === 'GET' || request.method === 'HEAD') return { kind: 'status' }
  if (request.method === 'DELETE') return { kind: 'unlock' }
  const { body, release } = await readBody(request, MAX_BODY_BYTES, budget)
  release()
  const given = parseJson(body)
  if (route.name === 'revert') {
    const parsed = revertBody.safeParse(given)
    if (!parsed.success) throw new Problem('inference.bad-input', 'A revert is {"reason": "why"}, of at most 500 characters.')
    return { kind: 'revert', deployment: route.deployment, reason: parsed.data.reason }
  }
  const parsed = lockBody.safeParse(given)
  const { until, seconds } = parsed.data ?? {}
  if (!parsed.success || (until === undefined) === (seconds === undefined)) {
    throw new Problem('lock.invalid', 'A lock is {"reason": "why", "until": epoch ms} or {"reason": "why", "seconds": how long}.')
  }
  return { kind: 'lock', lock: { reason: parsed.data.reason, until: until ?? Math.round(now() + seconds! * 1000) } }
}
