import { randomUUID } from 'node:crypto'
import type { Clock } from '../../../shared/domain/clock.ts'
import { messageOf, Problem, reportOf, type ProblemReport } from '../../../shared/domain/problem.ts'
import { decodeMessage } from '../../../shared/protocol/decode.ts'
import { inferResultMessage, MAX_INFER_BYTES, type InferRequestMessage } from '../../../shared/protocol/infer.ts'
import { WIRE_VERSION } from '../../../shared/protocol/message.ts'
import { topicOf } from '../../../shared/protocol/topics.ts'
import type { Log } from '../log.ts'
import type { InferenceAnswer, InferenceAsk } from './messages.ts'

/**
 * Asks devices for inferences, and brings each answer to who asked.
 *
 * INVARIANTS
 * 1. Every ask is answered exactly once: by the device, by a problem, or because its time is over.
 * 2. An answer counts only from the device that was asked, for the deployment that was asked; anything else is dropped.
 * 3. A device that was asked for nothing costs no more than the look at its topic: nothing of its answer is parsed.
 */
export interface InferenceDesk {
  ask(id: number, ask: InferenceAsk): void
  /** A message on a topic of results. */
  result(from: { device: string; deployment: string }, payload: Uint8Array): void
  /** Answers what is open: the console ends. */
  stop(): void
}

export interface InferenceDeskOptions {
  fleet: string
  clock: Clock
  log: Log
  isOnline(device: string): boolean
  publish(topic: string, payload: Uint8Array): Promise<void>
  answer(id: number, answer: InferenceAnswer | ProblemReport): void
}

/** Asks that are open at a time, over the fleet. */
const MOST_OPEN = 256

interface OpenAsk {
  id: number
  deployment: string
  timer: NodeJS.Timeout
}

/** Opens the desk. */
export function openInferenceDesk(options: InferenceDeskOptions): InferenceDesk {
  const { fleet, clock, log, isOnline, publish } = options
  /** By device, then by the id of the request. */
  const open = new Map<string, Map<string, OpenAsk>>()
  let count = 0

  const settle = (device: string, request: string, answer: InferenceAnswer | ProblemReport): void => {
    const asks = open.get(device)
    const asked = asks?.get(request)
    if (asks === undefined || asked === undefined) return
    clearTimeout(asked.timer)
    asks.delete(request)
    if (asks.size === 0) open.delete(device)
    count -= 1
    options.answer(asked.id, answer)
  }
  const send = async (id: number, { device, deployment, request, timeoutMs }: InferenceAsk): Promise<void> => {
    if (!isOnline(device)) throw new Problem('agent.unreachable', `${device} is not connected to the broker.`)
    if (count >= MOST_OPEN) throw new Problem('inference.overloaded', `${count} questions to devices are open; this one was not asked.`)
    const name = randomUUID()
    const now = clock.now()
    const message: InferRequestMessage = { v: WIRE_VERSION, sentAt: now, id: name, expiresAt: now + timeoutMs, request }
    const payload = Buffer.from(JSON.stringify(message))
    if (payload.length > MAX_INFER_BYTES)
      throw new Problem('input.too-large', `The request has ${payload.length} bytes; a message takes ${MAX_INFER_BYTES}.`)
    const late = new Problem('agent.unreachable', `${device} did not answer within ${timeoutMs / 1000} s.`).toReport()
    const timer = setTimeout(() => settle(device, name, late), timeoutMs)
    const asks = open.get(device) ?? new Map<string, OpenAsk>()
    open.set(device, asks.set(name, { id, deployment, timer }))
    count += 1
    try {
      await publish(topicOf(fleet, 'infer', { device, deployment }), payload)
    } catch (error) {
      settle(device, name, reportOf(error))
    }
  }
  return {
    ask: (id, ask) => void send(id, ask).catch((error: unknown) => options.answer(id, reportOf(error))),
    result({ device, deployment }, payload) {
      const asks = open.get(device)
      if (asks === undefined || payload.length > MAX_INFER_BYTES) return
      try {
        const result = decodeMessage(inferResultMessage, Buffer.from(payload).toString('utf8'), 'inference result')
        if (result.device !== device || result.deployment !== deployment)
          throw new Problem('message.malformed', `${device} answered in the name of ${result.device}, ${result.deployment}.`)
        if (asks.get(result.id)?.deployment === deployment) settle(device, result.id, { status: result.status, response: result.response })
      } catch (error) {
        log('warn', 'an answer to an inference was refused', { device, deployment, reason: messageOf(error) })
      }
    },
    stop() {
      const ended = new Problem('cancelled', 'The console is stopping.').toReport()
      for (const [device, asks] of open) for (const name of [...asks.keys()]) settle(device, name, ended)
    },
  }
}
