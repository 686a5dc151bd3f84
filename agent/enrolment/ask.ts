import type { MqttClient } from 'mqtt'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import { decodeMessage } from '../../shared/protocol/decode.ts'
import {
  enrolResultMessage,
  WAITING_FOR_PERSON,
  type EnrolRequestMessage,
  type EnrolResultMessage,
} from '../../shared/protocol/enrolment.ts'
import { topicOf, topics } from '../../shared/protocol/topics.ts'

/** The request is sent again so often: the console may have just come up. Repeating it is harmless, the answer is kept there. */
const REPEAT_MS = 3000

export interface AskOptions {
  fleet: string
  request: EnrolRequestMessage
  /** Until the console says anything, ms. */
  timeoutMs: number
  /** The console has said before that a person must decide. */
  isWaiting: boolean
  /** The connection may end without a word: the same request is made over another one. */
  mayEnd: boolean
  /** It says so now. */
  onWaiting(): void
}

/**
 * Sends the request until there is a decision.
 * @returns the answer; `null` if the connection ended while a person has not decided yet, or where it may end
 * @throws Problem `console.unreachable` (no answer in time), `broker.refused`, `enrolment.code-invalid`
 */
export async function ask(client: MqttClient, options: AskOptions): Promise<EnrolResultMessage | null> {
  const level = { request: options.request.request }
  const resultTopic = topicOf(options.fleet, 'enrolResult', level)
  const requestTopic = topicOf(options.fleet, 'enrolRequest', level)
  let isWaiting = options.isWaiting
  const send = (): void => void client.publish(requestTopic, JSON.stringify(options.request), { qos: topics.enrolRequest.qos })
  const timer = setInterval(send, REPEAT_MS)
  let late: NodeJS.Timeout | undefined
  try {
    const ended = new Promise<null>((resolve, reject) => {
      client.once('close', () => {
        if (isWaiting || options.mayEnd) resolve(null)
        else reject(new Problem('enrolment.code-invalid', 'The broker closed the connection; the code was not accepted.'))
      })
    })
    const silent = new Promise<never>((_, reject) => {
      const seconds = Math.round(options.timeoutMs / 1000)
      late = setTimeout(() => {
        if (!isWaiting) reject(new Problem('console.unreachable', `No console of fleet '${options.fleet}' answered within ${seconds} s.`))
      }, options.timeoutMs)
    })
    const answered = new Promise<EnrolResultMessage>((resolve) => {
      client.on('message', (topic, payload) => {
        const answer = topic === resultTopic ? readAnswer(payload, level.request) : null
        if (answer === null) return
        if (answer.ok || answer.error.code !== WAITING_FOR_PERSON) {
          resolve(answer)
          return
        }
        isWaiting = true
        options.onWaiting()
      })
    })
    // Whoever loses the race below must not become an unhandled rejection.
    ended.catch(() => undefined)
    const subscribed = client.subscribeAsync(resultTopic, { qos: 1 }).then(send, (error: unknown) => {
      throw new Problem('broker.refused', `The broker refuses the answer to the enrolment: ${messageOf(error)}`, { cause: error })
    })
    return await Promise.race([answered, ended, silent, subscribed.then(() => answered)])
  } finally {
    clearInterval(timer)
    clearTimeout(late)
  }
}

/** The answer to this request; `null` for anything else that comes on the topic: on a shared broker others may write there. */
function readAnswer(payload: Buffer, request: string): EnrolResultMessage | null {
  try {
    const answer = decodeMessage(enrolResultMessage, payload.toString('utf8'), 'answer to the enrolment')
    return answer.request === request ? answer : null
  } catch {
    return null
  }
}
