import { createPrivateKey, randomBytes, sign } from 'node:crypto'
import type { Clock } from '../../shared/domain/clock.ts'
import { messageOf } from '../../shared/domain/problem.ts'
import { certificateAnswer, certificateRequestText, type CertificateRequestMessage } from '../../shared/protocol/certificate.ts'
import { decodeMessage } from '../../shared/protocol/decode.ts'
import { payloadTypes, preAuthEncoding, type Envelope } from '../../shared/protocol/envelope.ts'
import { WIRE_VERSION } from '../../shared/protocol/message.ts'
import { topicOf, topics } from '../../shared/protocol/topics.ts'
import type { Log } from '../log.ts'
import type { Connection } from '../mqtt/connection.ts'
import { waysOf, type Way } from '../mqtt/ways.ts'
import { openEnvelope, type TrustedKey } from '../trust/verify.ts'
import {
  certificateSummary,
  checkCredential,
  lifeOf,
  readCredentials,
  serialOf,
  writeCredentials,
  type Credential,
  type Credentials,
} from './credentials.ts'
import { certificateRequest, makeDeviceKey, makeSigningKey, rawPublicKey } from './device-key.ts'
import { writeIdentity, type Identity } from '../identity.ts'

/** How often it is looked whether a certificate is due; a console that gave no answer is asked again at the next look. */
const LOOK_MS = 3_600_000
/** How long an answer may take. */
const PATIENCE_MS = 30_000

/**
 * What a device shows to its broker: the way there, its certificate, and how it comes to the next one.
 *
 * INVARIANTS
 * 1. The old certificate stays until a connection with the new one has worked; on a connection that needs none, the newest is kept.
 * 2. Keys are made here and never leave. An answer counts if an assignment key of the fleet signed it, it is for this device, names the
 *    request that is open, and its certificate fits the key of that request.
 * 3. The signing key is on the disk before the console first hears of it: another one would not be believed afterwards.
 */
export interface Passport {
  /** The way for the next attempt. */
  way(): Way
  /** The last way led to the broker, or did not. */
  dialled(isThere: boolean): void
  /** Asks for a certificate over this connection whenever one is due. */
  start(connection: Connection, keys: () => readonly TrustedKey[]): void
  /** The console has answered. */
  answer(envelope: Envelope): void
  /** The certificate that counts; `null`: none yet. */
  summary(): ReturnType<typeof certificateSummary>
  stop(): void
}

export interface PassportOptions {
  directory: string
  identity: Identity
  clock: Clock
  log: Log
}

/** Opens the passport of a directory. @throws Problem `store.corrupt` */
export function openPassport(options: PassportOptions): Passport {
  return new KeptPassport(options)
}

/** One in so many attempts of a device without TLS goes another way: a broker that is away for a while is found again as fast as before. */
const ELSEWHERE = 6

/** Which of the ways comes after so many failures. */
function placeOf(failures: number, ways: readonly Way[]): number {
  if (ways[0]?.uses !== null) return failures % ways.length
  const isElsewhere = ways.length > 1 && failures % ELSEWHERE === ELSEWHERE - 1
  return isElsewhere ? 1 + (Math.floor(failures / ELSEWHERE) % (ways.length - 1)) : 0
}

class KeptPassport implements Passport {
  readonly #options: PassportOptions
  #identity: Identity
  #held: Credentials | null
  #failures = 0
  #tried: Way | null = null
  #connection: Connection | null = null
  #keys: () => readonly TrustedKey[] = () => []
  /** The request that is open, with the key that was made for it. */
  #open: { request: string; key: string; askedAt: number } | null = null
  #timer: NodeJS.Timeout | null = null

  constructor(options: PassportOptions) {
    this.#options = options
    this.#identity = options.identity
    this.#held = readCredentials(options.directory)
  }

  way(): Way {
    const ways = waysOf(this.#identity, this.#held)
    this.#tried = ways[placeOf(this.#failures, ways)]!
    return this.#tried
  }

  dialled(isThere: boolean): void {
    const way = this.#tried
    if (!isThere || way === null) {
      this.#failures += 1
      return
    }
    this.#failures = 0
    if (way.uses !== null) this.#worked(way, way.uses)
  }

  start(connection: Connection, keys: () => readonly TrustedKey[]): void {
    this.#connection = connection
    this.#keys = keys
    const { fleet, device } = this.#identity
    // A broker whose rules are from before certificates refuses this one: the device goes on as it came in.
    connection
      .subscribe(topicOf(fleet, 'certificateResult', { device }))
      .catch((error: unknown) => this.#options.log('warn', 'Answers about certificates are not heard.', { problem: error }))
    connection.onState((connected) => {
      if (connected) this.#askIfDue()
    })
    this.#timer = setInterval(() => this.#askIfDue(), LOOK_MS)
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
  }

  summary(): ReturnType<Passport['summary']> {
    return certificateSummary(this.#held, this.#identity)
  }

  answer(envelope: Envelope): void {
    const bytes = openEnvelope(envelope, payloadTypes.certificate, this.#keys())
    if (bytes === null) {
      this.#options.log('warn', 'An answer about a certificate was not signed by this fleet.', {})
      return
    }
    const answer = decodeMessage(certificateAnswer, bytes.toString('utf8'), 'answer about a certificate')
    if (answer.device !== this.#identity.device) return
    if (answer.kind === 'renew') {
      this.#ask()
      return
    }
    if (answer.request !== this.#open?.request) return
    if (answer.kind === 'issued') this.#take({ key: this.#open.key, certificate: answer.certificate, ca: answer.ca })
    else this.#options.log('warn', 'The console gave no certificate.', { code: answer.error.code, reason: answer.error.message })
    this.#open = null
  }

  #askIfDue(): void {
    // One that came and was not used yet counts until it is due itself: a broker that went back to loopback never asks for it.
    const newest = this.#held?.next ?? this.#held?.current ?? null
    if (newest === null || this.#options.clock.now() >= lifeOf(newest).renewAt) this.#ask()
  }

  #ask(): void {
    const connection = this.#connection
    const now = this.#options.clock.monotonic()
    // An answer is under way: to ask again would make it one to another question.
    if (connection === null || !connection.connected || (this.#open !== null && now - this.#open.askedAt < PATIENCE_MS)) return
    const held = this.#withSigningKey()
    if (held === null) return
    const { fleet, device } = this.#identity
    const key = makeDeviceKey()
    this.#open = { request: randomBytes(12).toString('hex'), key, askedAt: now }
    const asked = {
      ...{ device, request: this.#open.request, csr: certificateRequest(key, device), signingKey: rawPublicKey(held.signingKey) },
      holds: [held.next, held.current].flatMap((one) => (one === null ? [] : [serialOf(one)])),
    }
    const signed = preAuthEncoding(payloadTypes.certificateRequest, certificateRequestText(asked))
    const proof = sign(null, signed, createPrivateKey(held.signingKey)).toString('base64')
    const message: CertificateRequestMessage = { v: WIRE_VERSION, sentAt: this.#options.clock.now(), ...asked, proof }
    // If the connection ends here, the next one asks again.
    connection
      .publish(topicOf(fleet, 'certificateRequest', { device }), JSON.stringify(message), topics.certificateRequest)
      .catch(() => undefined)
  }

  /** The keys of the device, with a signing key that is on the disk; `null`: it could not be written, and nothing is asked. */
  #withSigningKey(): Credentials | null {
    if (this.#held !== null) return this.#held
    this.#store(() => this.#keep({ v: 1, signingKey: makeSigningKey(), current: null, next: null }))
    return this.#held
  }

  #take(next: Credential): void {
    try {
      checkCredential(next, this.#identity.device)
      const held = this.#held
      if (held === null) return
      const isUsed = this.#identity.tls !== undefined
      this.#keep(isUsed ? { ...held, next } : { ...held, current: next, next: null })
      this.#options.log('info', 'A certificate came.', { notAfter: lifeOf(next).notAfter })
      if (isUsed) this.#connection?.redial()
    } catch (error) {
      this.#options.log('error', 'A certificate came and is not kept.', { reason: messageOf(error) })
    }
  }

  /** A connection with this certificate is there: it is the current one, and the way to it is the way from now on. */
  #worked(way: Way, uses: Credential): void {
    const held = this.#held
    if (held === null) return
    if (held.next !== null && held.next.certificate === uses.certificate)
      this.#store(() => this.#keep({ ...held, current: uses, next: null }))
    if (this.#identity.tls !== undefined && this.#identity.brokerUrl === way.url) return
    const { brokerUrl, tls } = this.#identity
    this.#identity = {
      ...this.#identity,
      brokerUrl: way.url,
      tls: { trustsSystem: false },
      ...(tls === undefined ? { plainUrl: brokerUrl } : {}),
    }
    this.#store(() => writeIdentity(this.#options.directory, this.#identity))
  }

  #keep(credentials: Credentials): void {
    writeCredentials(this.#options.directory, credentials)
    this.#held = credentials
  }

  /** A full disk does not end a connection that works: what it rests on is on the disk already, and is tidied up another time. */
  #store(write: () => void): void {
    try {
      write()
    } catch (error) {
      this.#options.log('error', 'The credentials could not be written.', { reason: messageOf(error) })
    }
  }
}
