import type { Clock } from '../../shared/domain/clock.ts'
import { messageOf, Problem, reportOf } from '../../shared/domain/problem.ts'
import { problems } from '../../shared/domain/problems.ts'
import { MAX_INFER_BYTES, type InferRequestMessage } from '../../shared/protocol/infer.ts'
import { WIRE_VERSION } from '../../shared/protocol/message.ts'
import type { Log } from '../log.ts'

/** Status and body as the local HTTP API would have them. */
export interface LocalAnswer {
  status: number
  body: object
}

/** Answers inference that comes as messages. */
export interface MessageInference {
  take(deployment: string, message: InferRequestMessage): void
}

interface MessageInferenceOptions {
  device: string
  clock: Clock
  log: Log
  /** Asks the serving generation. */
  infer(deployment: string, request: unknown): Promise<LocalAnswer>
  /** Publishes an answer; it fails if there is no connection, and then nobody waits any more. */
  publish(deployment: string, json: string): Promise<void>
  /** Most requests at a time; default 16. */
  most?: number
}

const MOST_AT_A_TIME = 16
/**
 * How long a request counts is told as the time between two moments of the clock of who asks, so a device whose clock is wrong answers
 * too. Only what is older than this by the clock of the device was kept somewhere on the way, and is dropped.
 */
const STALE_MS = 600_000

/**
 * Starts to answer.
 *
 * INVARIANTS
 * 1. A request gets one answer, or none if its time is over: an answer that nobody waits for costs bytes.
 * 2. At most `most` requests are with the runtime; more are refused as overloaded, they never queue here.
 */
export function startMessageInference(options: MessageInferenceOptions): MessageInference {
  const { device, clock, log, infer, publish, most = MOST_AT_A_TIME } = options
  let running = 0

  const say = async (deployment: string, id: string, { status, body }: LocalAnswer): Promise<void> => {
    const answer = (of: LocalAnswer): string =>
      JSON.stringify({ v: WIRE_VERSION, sentAt: clock.now(), device, deployment, id, status: of.status, response: of.body })
    let json = answer({ status, body })
    const bytes = Buffer.byteLength(json)
    if (bytes > MAX_INFER_BYTES) {
      const hint = 'Ask for fewer rows or outputs, or use the HTTP API of the device.'
      json = answer(answerOf(new Problem('input.too-large', `The answer has ${bytes} bytes; a message takes ${MAX_INFER_BYTES}. ${hint}`)))
    }
    await publish(deployment, json).catch((error: unknown) => log('debug', 'An answer could not be sent.', { reason: messageOf(error) }))
  }
  const work = async (deployment: string, message: InferRequestMessage, waitMs: number): Promise<void> => {
    const startedAt = clock.monotonic()
    running += 1
    let answer: LocalAnswer
    try {
      answer = await infer(deployment, message.request)
    } catch (error) {
      answer = answerOf(error)
    } finally {
      running -= 1
    }
    if (clock.monotonic() - startedAt <= waitMs) await say(deployment, message.id, answer)
    else log('debug', 'An answer came too late and is not sent.', { deployment })
  }
  return {
    take(deployment, message) {
      const { sentAt, expiresAt, id } = message
      const waitMs = expiresAt === null ? Number.POSITIVE_INFINITY : expiresAt - sentAt
      if (waitMs <= 0 || (expiresAt !== null && clock.now() - expiresAt > STALE_MS)) {
        log('debug', 'A request that nobody waits for any more is dropped.', { deployment })
      } else if (running >= most) {
        const problem = new Problem('inference.overloaded', `${running} requests are being worked on; this one was not taken.`)
        void say(deployment, id, answerOf(problem))
      } else void work(deployment, message, waitMs)
    },
  }
}

/** A failure as the local API would answer it. */
function answerOf(error: unknown): LocalAnswer {
  const { code, message } = reportOf(error)
  return { status: error instanceof Problem ? problems[error.code].http : problems.internal.http, body: { error: message, code } }
}
