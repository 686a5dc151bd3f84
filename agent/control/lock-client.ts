import { connect } from 'node:net'
import { errorCodeOf, messageOf, Problem, problemFrom } from '../../shared/domain/problem.ts'
import { z } from 'zod'
import type { LocalAsk } from '../runtime/messages.ts'
import type { CarryAsk } from '../usb/desk.ts'
import { socketPath } from './socket.ts'

const MAX_ANSWER_BYTES = 64 * 1024
const ANSWER_MS = 10_000

const told = z.union([
  z.object({ error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }) }),
  z.object({ done: z.looseObject({}) }),
])

/**
 * Asks the running agent of a directory to do something.
 * @throws Problem `agent.unreachable` if none runs or answers, or what it refused the ask with
 */
export function askAgent(directory: string, ask: LocalAsk | CarryAsk): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath(directory))
    let text = ''
    const fail = (why: string): void => {
      socket.destroy()
      reject(new Problem('agent.unreachable', `The agent of ${directory} does not answer: ${why}.`))
    }
    socket.setEncoding('utf8').setTimeout(ANSWER_MS, () => fail(`nothing came within ${ANSWER_MS / 1000} s`))
    socket.on('error', (error) => {
      const isAbsent = ['ENOENT', 'ECONNREFUSED'].includes(errorCodeOf(error) ?? '')
      if (isAbsent) reject(new Problem('agent.unreachable', `No agent runs in ${directory}.`))
      else fail(messageOf(error))
    })
    socket.on('data', (part: string) => {
      text += part
      if (text.length > MAX_ANSWER_BYTES) fail('the answer is too long')
    })
    socket.on('end', () => {
      const answer = told.safeParse(parsed(text))
      if (!answer.success) fail('its answer cannot be read')
      else if ('error' in answer.data) reject(problemOf(answer.data.error))
      else resolve(answer.data.done)
    })
    socket.write(`${JSON.stringify(ask)}\n`)
  })
}

function problemOf({ code, message, hint }: { code: string; message: string; hint?: string | undefined }): Problem {
  return problemFrom(hint === undefined ? { code, message } : { code, message, hint })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
