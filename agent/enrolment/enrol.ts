import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { hostname } from 'node:os'
import type { MqttClient } from 'mqtt'
import type { Clock } from '../../shared/domain/clock.ts'
import { deviceId, fleetId, slug } from '../../shared/domain/ids.ts'
import { messageOf, Problem, problemFrom } from '../../shared/domain/problem.ts'
import { musterVersion } from '../../shared/domain/version.ts'
import { decodeMessage, firstIssue } from '../../shared/protocol/decode.ts'
import {
  enrolRequestProofText,
  enrolResultMessage,
  enrolResultProofText,
  parseEnrolmentCode,
  type EnrolmentCode,
  type EnrolRequestMessage,
  type EnrolResultMessage,
} from '../../shared/protocol/enrolment.ts'
import { WIRE_VERSION } from '../../shared/protocol/message.ts'
import { topicOf, topics } from '../../shared/protocol/topics.ts'
import type { Identity } from '../identity.ts'
import { parseBrokerUrl, type BrokerAddress } from '../mqtt/broker-url.ts'
import { dial } from '../mqtt/dial.ts'

interface EnrolOptions {
  brokerUrl: string
  code: string
  /** Wanted device id; null: made from the name of the host. */
  device: string | null
  clock: Clock
  /** Until CONNACK, ms. */
  connectTimeoutMs: number
  /** Until the console answers, ms. */
  answerTimeoutMs: number
}

/** The request is sent again so often: the console may have just come up. Repeating it is harmless, the answer is kept there. */
const REPEAT_MS = 3000

/**
 * Joins a fleet with a one-time code: makes the secret of the device here, proves the code without showing it, and checks that the answer
 * was made by somebody who knows it.
 * @throws Problem `usage`, `broker.unreachable`, `broker.refused`, `enrolment.*`, `console.unreachable` (no answer in time)
 */
export async function enrol(options: EnrolOptions): Promise<Identity> {
  const code = parseEnrolmentCode(options.code)
  if (code === null) throw new Problem('enrolment.code-invalid', 'The code is not of the form FLEET.ID.SECRET.')
  const broker = parseBrokerUrl(options.brokerUrl)
  const secret = randomBytes(32).toString('base64url')
  const request = makeRequest(code, { device: chooseDevice(options.device), secret, now: options.clock.now() })
  const client = await connectGuest(broker, { code, request: request.request, timeoutMs: options.connectTimeoutMs })
  try {
    const answer = await ask(client, { code, request, timeoutMs: options.answerTimeoutMs })
    if (!answer.ok) throw problemFrom(answer.error)
    checkAnswer(code, answer)
    return {
      v: 1,
      fleet: answer.fleet,
      device: answer.device,
      brokerUrl: broker.url,
      username: broker.username ?? answer.device,
      secret: broker.username === null ? secret : (broker.password ?? ''),
      trust: answer.trust,
      enrolledAt: options.clock.now(),
    }
  } finally {
    client.end(true)
  }
}

function chooseDevice(wanted: string | null) {
  const parsed = deviceId.safeParse(wanted ?? slug(hostname(), `device-${randomBytes(4).toString('hex')}`))
  if (parsed.success) return parsed.data
  throw new Problem('usage', `'${wanted ?? ''}': ${firstIssue(parsed.error)}`)
}

function makeRequest(
  code: EnrolmentCode,
  own: { device: EnrolRequestMessage['device']; secret: string; now: number },
): EnrolRequestMessage {
  const core = {
    request: randomBytes(12).toString('hex'),
    codeId: code.id,
    device: own.device,
    secretHash: createHash('sha256').update(own.secret).digest('hex'),
  }
  return { v: WIRE_VERSION, sentAt: own.now, ...core, agentVersion: musterVersion, proof: hmac(code, enrolRequestProofText(core)) }
}

/** As a guest of the embedded broker, or with the user of an external one. */
async function connectGuest(
  broker: BrokerAddress,
  guest: { code: EnrolmentCode; request: string; timeoutMs: number },
): Promise<MqttClient> {
  const login =
    broker.username === null
      ? { username: 'enrol', password: guest.code.id }
      : { username: broker.username, password: broker.password ?? '' }
  try {
    return await dial({ url: broker.url, clientId: `enrol-${guest.request}`, ...login, timeoutMs: guest.timeoutMs })
  } catch (error) {
    // The embedded broker knows which codes are open: it lets no other guest in.
    if (broker.username === null && error instanceof Problem && error.code === 'broker.refused') {
      throw new Problem(
        'enrolment.code-invalid',
        `The broker at ${broker.url} does not know this code; it was used, has expired, or is of another fleet.`,
        { cause: error },
      )
    }
    throw error
  }
}

async function ask(
  client: MqttClient,
  at: { code: EnrolmentCode; request: EnrolRequestMessage; timeoutMs: number },
): Promise<EnrolResultMessage> {
  const level = { request: at.request.request }
  const resultTopic = topicOf(at.code.fleet, 'enrolResult', level)
  const requestTopic = topicOf(at.code.fleet, 'enrolRequest', level)
  const ended = new AbortController()
  const send = (): void => void client.publish(requestTopic, JSON.stringify(at.request), { qos: topics.enrolRequest.qos })
  const timer = setInterval(send, REPEAT_MS)
  try {
    const closed = new Promise<never>((_, reject) => {
      client.once('close', () =>
        reject(new Problem('enrolment.code-invalid', 'The broker closed the connection; the code was not accepted.')),
      )
    })
    const silent = new Promise<never>((_, reject) => {
      const late = setTimeout(
        () =>
          reject(
            new Problem(
              'console.unreachable',
              `No console of fleet '${at.code.fleet}' answered within ${Math.round(at.timeoutMs / 1000)} s.`,
            ),
          ),
        at.timeoutMs,
      )
      ended.signal.addEventListener('abort', () => clearTimeout(late))
    })
    const answered = new Promise<EnrolResultMessage>((resolve) => {
      client.on('message', (topic, payload) => {
        const answer = topic === resultTopic ? readAnswer(payload, level.request) : null
        if (answer !== null) resolve(answer)
      })
    })
    // Whoever loses the race below must not become an unhandled rejection.
    closed.catch(() => undefined)
    const subscribed = client.subscribeAsync(resultTopic, { qos: 1 }).then(send, (error: unknown) => {
      throw new Problem('broker.refused', `The broker refuses the answer to the enrolment: ${messageOf(error)}`, { cause: error })
    })
    return await Promise.race([answered, closed, silent, subscribed.then(() => answered)])
  } finally {
    clearInterval(timer)
    ended.abort()
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

function checkAnswer(code: EnrolmentCode, answer: Extract<EnrolResultMessage, { ok: true }>): void {
  const expected = Buffer.from(hmac(code, enrolResultProofText(answer)), 'hex')
  const isProven = timingSafeEqual(expected, Buffer.from(answer.proof, 'hex'))
  if (!isProven || answer.fleet !== fleetId.parse(code.fleet)) {
    throw new Problem('enrolment.untrusted-answer', 'The answer to the enrolment was not made with this code.')
  }
}

function hmac(code: EnrolmentCode, text: string): string {
  return createHmac('sha256', code.secret).update(text).digest('hex')
}
