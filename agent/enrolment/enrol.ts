import { createHash, createHmac, randomBytes, randomInt, timingSafeEqual, type X509Certificate } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MqttClient } from 'mqtt'
import type { Clock } from '../../shared/domain/clock.ts'
import { deviceId, fleetId, slug } from '../../shared/domain/ids.ts'
import { Problem, problemFrom } from '../../shared/domain/problem.ts'
import { musterVersion } from '../../shared/domain/version.ts'
import { firstIssue } from '../../shared/protocol/decode.ts'
import {
  ENROL_ACCOUNT,
  ENROL_ACCOUNTS,
  enrolAccount,
  enrolRequestKeysText,
  enrolRequestProofText,
  enrolResultKeysText,
  enrolResultProofText,
  enrolResultRootText,
  GUEST_PREFIX,
  parseEnrolmentCode,
  type EnrolmentCode,
  type EnrolRequestMessage,
  type EnrolResultMessage,
} from '../../shared/protocol/enrolment.ts'
import { WIRE_VERSION } from '../../shared/protocol/message.ts'
import { checkCredential, type Credentials } from '../identity/credentials.ts'
import { certificateRequest, fingerprintOf, makeDeviceKey, makeSigningKey, rawPublicKey } from '../identity/device-key.ts'
import type { Identity } from '../identity.ts'
import { parseBrokerUrl, type BrokerAddress } from '../mqtt/broker-url.ts'
import { dial } from '../mqtt/dial.ts'
import { ask } from './ask.ts'
import { brokerTrust, type ShownBroker } from './broker-trust.ts'

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
  /** Until a person has compared the fingerprint, where the fleet asks for that, ms. */
  confirmTimeoutMs: number
  /** The console waits for a person: the fingerprint must be shown. */
  onWaiting(fingerprint: string): void
}

/** What an enrolment ends with: who the agent is, and its keys. */
export interface Enrolled {
  identity: Identity
  credentials: Credentials
  /** SHA-256 of the public key of the device, hex. */
  fingerprint: string
}

/** Pause before the guest connection is made anew while a person has not decided; it ends every minute. */
const AGAIN_MS = 1000

/**
 * Joins a fleet with a one-time code: makes the keys and the secret of the device here, proves the code without showing it, and checks that the
 * answer was made by somebody who knows it. Where the fleet asks for it, a person compares the fingerprint of the key first.
 * @throws Problem `usage`, `broker.unreachable`, `broker.refused`, `enrolment.*`, `certificate.*`, `console.unreachable` (no answer in time)
 */
export async function enrol(options: EnrolOptions): Promise<Enrolled> {
  const code = parseEnrolmentCode(options.code)
  if (code === null) throw new Problem('enrolment.code-invalid', 'The code is not of the form FLEET.ID.SECRET.')
  const broker = parseBrokerUrl(options.brokerUrl)
  const own = { key: makeDeviceKey(), signingKey: makeSigningKey(), secret: randomBytes(32).toString('base64url') }
  const request = makeRequest(code, { ...own, device: chooseDevice(options.device), now: options.clock.now() })
  const fingerprint = fingerprintOf(own.key)
  const { answer, shown } = await decision(options, { code, broker, request, fingerprint })
  if (!answer.ok) throw problemFrom(answer.error)
  checkAnswer(code, answer)
  return { ...taken(answer, { ...own, broker, shown, now: options.clock.now() }), fingerprint }
}

/** How often a guest of a shared account may be pushed out by another one before it gives up. */
const PUSHED_OUT_TIMES = 5

/** Asks until somebody has decided; each guest connection lasts a minute at most. */
async function decision(
  options: EnrolOptions,
  at: { code: EnrolmentCode; broker: BrokerAddress; request: EnrolRequestMessage; fingerprint: string },
): Promise<{ answer: EnrolResultMessage; shown: ShownBroker | null }> {
  const { code, broker, request } = at
  let deadline: number | null = null
  let left = broker.username === ENROL_ACCOUNT ? PUSHED_OUT_TIMES : 0
  for (;;) {
    const guest = { code, request: request.request, timeoutMs: options.connectTimeoutMs }
    const { client, shown } = await connectGuest(broker, guest)
    try {
      const answer = await ask(client, {
        ...{ fleet: code.fleet, request, timeoutMs: options.answerTimeoutMs, isWaiting: deadline !== null, mayEnd: left > 0 },
        onWaiting() {
          if (deadline === null) options.onWaiting(at.fingerprint)
          deadline ??= options.clock.monotonic() + options.confirmTimeoutMs
        },
      })
      if (answer !== null) return { answer, shown }
      left -= 1
    } finally {
      client.end(true)
    }
    if (deadline !== null && options.clock.monotonic() > deadline)
      throw new Problem('enrolment.waiting', 'Nobody has confirmed this device in time.')
    await sleep(AGAIN_MS)
  }
}

/** The identity and the keys that an accepting answer makes. */
function taken(
  answer: Extract<EnrolResultMessage, { ok: true }>,
  own: { key: string; signingKey: string; secret: string; broker: BrokerAddress; shown: ShownBroker | null; now: number },
): Omit<Enrolled, 'fingerprint'> {
  const { broker, shown, key } = own
  const { keys } = answer
  const current = keys === undefined ? null : { key, certificate: keys.certificate, ca: keys.ca }
  if (current !== null) checkCredential(current, answer.device)
  const brokerUrl = keys?.brokerUrl ?? broker.url
  // With an account of its own at a broker that others run, a device goes on by that account.
  const isByCertificate = brokerUrl.startsWith('mqtts:') && current !== null && (broker.username === null || keys?.brokerUrl != null)
  const trust = brokerTrust(broker.url, shown, current?.ca ?? null)
  const login =
    isByCertificate || broker.username === null
      ? { username: answer.device, secret: own.secret }
      : { username: broker.username, secret: broker.password ?? '' }
  return {
    identity: {
      ...{ v: 1, fleet: answer.fleet, device: answer.device, brokerUrl, ...login },
      ...(isByCertificate && trust !== null ? { tls: trust } : {}),
      trust: answer.trust,
      ...(answer.root === undefined ? {} : { root: answer.root.file }),
      enrolledAt: own.now,
    },
    credentials: { v: 1, signingKey: own.signingKey, current, next: null },
  }
}

function chooseDevice(wanted: string | null) {
  const parsed = deviceId.safeParse(wanted ?? slug(hostname(), `device-${randomBytes(4).toString('hex')}`))
  if (parsed.success) return parsed.data
  throw new Problem('usage', `'${wanted ?? ''}': ${firstIssue(parsed.error)}`)
}

function makeRequest(
  code: EnrolmentCode,
  own: { device: EnrolRequestMessage['device']; key: string; signingKey: string; secret: string; now: number },
): EnrolRequestMessage {
  const core = {
    request: randomBytes(12).toString('hex'),
    codeId: code.id,
    device: own.device,
    secretHash: createHash('sha256').update(own.secret).digest('hex'),
  }
  const keys = { csr: certificateRequest(own.key, own.device), signingKey: rawPublicKey(own.signingKey) }
  return {
    ...{ v: WIRE_VERSION, sentAt: own.now, ...core, agentVersion: musterVersion },
    proof: hmac(code, enrolRequestProofText(core)),
    keys: { ...keys, proof: hmac(code, enrolRequestKeysText(core, keys)) },
  }
}

/** The account of guests of the embedded broker. */
const GUEST = 'enrol'

/** Under which name, and which account, a device asks to join. */
function guestLogin(broker: BrokerAddress, guest: { code: EnrolmentCode; request: string }) {
  const clientId = `${GUEST_PREFIX}${guest.request}`
  if (broker.username === null) return { clientId, username: GUEST, password: guest.code.id }
  if (broker.username !== ENROL_ACCOUNT) return { clientId, username: broker.username, password: broker.password ?? '' }
  const account = enrolAccount(randomInt(ENROL_ACCOUNTS))
  return { clientId: account, username: account, password: broker.password ?? '' }
}

/** As a guest of the embedded broker, or with the user of an external one. */
async function connectGuest(
  broker: BrokerAddress,
  guest: { code: EnrolmentCode; request: string; timeoutMs: number },
): Promise<{ client: MqttClient; shown: ShownBroker | null }> {
  let shown: ShownBroker | null = null
  // The answer proves the broker afterwards. An account that is worth something is only shown to a broker that the system trusts.
  const isGuest = broker.username === null || broker.username === ENROL_ACCOUNT
  const inspect = (certificate: X509Certificate, isTrusted: boolean): void => void (shown = { certificate, isTrusted })
  try {
    const client = await dial({
      ...{ url: broker.url, ...guestLogin(broker, guest), timeoutMs: guest.timeoutMs },
      ...(isGuest ? { inspect } : {}),
    })
    return { client, shown }
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

function checkAnswer(code: EnrolmentCode, answer: Extract<EnrolResultMessage, { ok: true }>): void {
  const expected = Buffer.from(hmac(code, enrolResultProofText(answer)), 'hex')
  const isProven = timingSafeEqual(expected, Buffer.from(answer.proof, 'hex')) && isRootProven(code, answer) && areKeysProven(code, answer)
  if (!isProven || answer.fleet !== fleetId.parse(code.fleet)) {
    throw new Problem('enrolment.untrusted-answer', 'The answer to the enrolment was not made with this code.')
  }
}

function isRootProven(code: EnrolmentCode, answer: Extract<EnrolResultMessage, { ok: true }>): boolean {
  if (answer.root === undefined) return true
  const expected = Buffer.from(hmac(code, enrolResultRootText(answer, answer.root.file)), 'hex')
  return timingSafeEqual(expected, Buffer.from(answer.root.proof, 'hex'))
}

function areKeysProven(code: EnrolmentCode, answer: Extract<EnrolResultMessage, { ok: true }>): boolean {
  if (answer.keys === undefined) return true
  const expected = Buffer.from(hmac(code, enrolResultKeysText(answer, answer.keys)), 'hex')
  return timingSafeEqual(expected, Buffer.from(answer.keys.proof, 'hex'))
}

function hmac(code: EnrolmentCode, text: string): string {
  return createHmac('sha256', code.secret).update(text).digest('hex')
}
