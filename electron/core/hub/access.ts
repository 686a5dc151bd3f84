import { createHash, timingSafeEqual } from 'node:crypto'
import { enrolRequestId, GUEST_PREFIX } from '../../../shared/protocol/enrolment.ts'
import { MAX_INFER_BYTES } from '../../../shared/protocol/infer.ts'
import { deviceFilters, sharedBlockFilter, topicOf, topicRoot, trustFilters } from '../../../shared/protocol/topics.ts'
import type { HubDevice } from './messages.ts'

/**
 * Who a connection speaks for: a device, or a guest that may only ask to become one. `by` is what let the device in: the serial number of its
 * certificate, or the hash of its secret.
 */
export type Identity = { kind: 'device'; device: string; by: string } | { kind: 'guest'; request: string }

/** What a TLS connection has proven of its client; the chain and the times of the certificate were checked. */
export interface PeerCertificate {
  commonName: string
  /** Hex, lower case. */
  serial: string
  /** Epoch ms. */
  notAfter: number
}

/** How a connection came in. */
export type Transport = { kind: 'plain' } | { kind: 'tls'; certificate: PeerCertificate | null }

/** What a CONNECT packet says, as far as access depends on it. */
export interface ConnectRequest {
  clientId: string
  username: string | undefined
  password: Uint8Array | undefined
  transport: Transport
  /** Seconds. */
  keepalive: number
  will: { topic: string; payload: Uint8Array; qos: number } | null
}

/** Return codes of CONNACK (MQTT 3.1.1 §3.2.2.3): 2 identifier rejected, 4 bad user name or password, 5 not authorized. */
export type Admission = { identity: Identity } | Refused
interface Refused {
  code: 2 | 4 | 5
  reason: string
}

/** A publish that may go on, with the retain flag it may have; or the reason why not. */
export type PublishVerdict = { retain: boolean } | { refused: string }

/** The bounds of the door, each far above what an agent needs. */
export const accessLimits = {
  /** Presence and wills are retained per device, so their size is memory of the broker. */
  presenceBytes: 4 * 1024,
  enrolmentBytes: 4 * 1024,
  /** A dead connection is noticed within 1.5 times this; 0 (never) is refused. */
  keepaliveSeconds: { min: 10, max: 300 },
} as const

/** What follows `…/infer/`: a deployment, with `/result` in the answer of a device. */
const DEPLOYMENT = /^[a-z0-9-]{1,64}$/
const ANSWER = /^[a-z0-9-]{1,64}\/result$/
const GUEST_NAME = 'enrol'

/** Decides who may connect, publish, subscribe and receive. It holds the devices and codes as the core told them; it has no effects. */
export interface Access {
  /** @returns devices that are known already and whose connections must be looked at again: see `stillAdmits`. */
  upsert(devices: readonly HubDevice[]): string[]
  remove(devices: readonly string[]): void
  setCodes(codes: readonly string[]): void
  knows(device: string): boolean
  /** It may connect, is told nothing and is not listened to. */
  isQuarantined(device: string): boolean
  /** False if what let a connection in does not any more: its certificate was taken back or has expired, its secret is another one. */
  stillAdmits(identity: Identity, now: number): boolean
  isAssigned(device: string, bundle: string): boolean
  admit(request: ConnectRequest): Admission
  mayPublish(identity: Identity, packet: { topic: string; qos: number; retain: boolean; sizeBytes: number }): PublishVerdict
  /** Filters are compared as exact strings: no device ever chooses a wildcard. */
  maySubscribe(identity: Identity, filter: string): boolean
  /** The second lock, asked for every message that leaves for a connection. */
  mayReceive(identity: Identity, topic: string): boolean
}

export interface AccessOptions {
  fleet: string
  devices: readonly HubDevice[]
  codes: readonly string[]
  /** True if one of the bundles holds the artifact, or is it. */
  mayFetch(bundles: readonly string[], artifact: string): boolean
}

/** Makes the rules of access for a fleet. */
export function createAccess(options: AccessOptions): Access {
  return new FleetAccess(options)
}

interface KnownDevice {
  secretHash: Buffer
  /** Ends of the certificates that let it in, by serial number. */
  certificates: ReadonlyMap<string, number>
  isQuarantined: boolean
  bundles: readonly string[]
  /** Topics that it may publish on, with whether each may be retained. */
  publishes: ReadonlyMap<string, { retain: boolean; maxBytes: number }>
  filters: ReadonlySet<string>
  receives: { exact: ReadonlySet<string>; blocks: string; trust: string }
  /** The one that it receives in quarantine as well: without the next certificate it could not come when it is released. */
  certificateResult: string
  /** Begin of the topics of inference as messages; a deployment follows, and `/result` for the answer. */
  inference: string
  /** Artifacts that `mayFetch` allowed since the bundles were set: asked once, not for each block. */
  fetches: Set<string>
}

class FleetAccess implements Access {
  readonly #options: AccessOptions
  readonly #devices = new Map<string, KnownDevice>()
  readonly #sharedBlocks: string
  #codes: ReadonlySet<string>

  constructor(options: AccessOptions) {
    this.#options = options
    this.#codes = new Set(options.codes)
    this.#sharedBlocks = `${topicRoot(options.fleet)}/block/`
    this.upsert(options.devices)
  }

  upsert(devices: readonly HubDevice[]): string[] {
    const changed: string[] = []
    for (const { device, secretHash, bundles, certificates = [], isQuarantined = false } of devices) {
      const known = this.#devices.get(device)
      const now: KnownDevice = {
        ...deviceRules(this.#options.fleet, device),
        ...{ secretHash: Buffer.from(secretHash, 'hex'), bundles, isQuarantined, fetches: new Set() },
        certificates: new Map(certificates.map(({ serial, notAfter }) => [serial, notAfter])),
      }
      if (known !== undefined && hasLess(now, known)) changed.push(device)
      this.#devices.set(device, now)
    }
    return changed
  }

  remove(devices: readonly string[]): void {
    for (const device of devices) this.#devices.delete(device)
  }

  setCodes(codes: readonly string[]): void {
    this.#codes = new Set(codes)
  }

  knows(device: string): boolean {
    return this.#devices.has(device)
  }

  isQuarantined(device: string): boolean {
    return this.#devices.get(device)?.isQuarantined === true
  }

  stillAdmits(identity: Identity, now: number): boolean {
    if (identity.kind === 'guest') return true
    const known = this.#devices.get(identity.device)
    if (known === undefined) return false
    const notAfter = known.certificates.get(identity.by)
    return notAfter === undefined ? known.secretHash.toString('hex') === identity.by : notAfter > now
  }

  isAssigned(device: string, bundle: string): boolean {
    return this.#devices.get(device)?.bundles.includes(bundle) === true
  }

  admit(request: ConnectRequest): Admission {
    if (request.clientId === '') return { code: 2, reason: 'the client id is empty' }
    const { min, max } = accessLimits.keepaliveSeconds
    const admission =
      request.username === GUEST_NAME && request.clientId !== GUEST_NAME ? this.#admitGuest(request) : this.#admitDevice(request)
    if (!('identity' in admission)) return admission
    if (request.keepalive < min || request.keepalive > max) {
      return { code: 5, reason: `the keepalive is ${request.keepalive} s; ${min} to ${max} s are allowed` }
    }
    return admission
  }

  #admitDevice(request: ConnectRequest): Admission {
    const { clientId, transport } = request
    const proven = transport.kind === 'tls' ? this.#byCertificate(request, transport.certificate) : this.#bySecret(request)
    if (!('by' in proven)) return proven
    const refused = this.#refuseWill(request)
    return refused ?? { identity: { kind: 'device', device: clientId, by: proven.by } }
  }

  #bySecret({ clientId, username, password }: ConnectRequest): { by: string } | Refused {
    const known = username === undefined ? undefined : this.#devices.get(username)
    // The same work for an unknown name as for a known one: the time of a refusal tells nothing about which devices exist.
    const given = createHash('sha256')
      .update(password ?? '')
      .digest()
    const matches = timingSafeEqual(given, known?.secretHash.length === given.length ? known.secretHash : Buffer.alloc(given.length))
    if (known === undefined || password === undefined || !matches) return { code: 4, reason: 'unknown device or wrong secret' }
    if (clientId !== username) return { code: 5, reason: 'the client id is not the device id' }
    return { by: given.toString('hex') }
  }

  /** Device id, client id, user name and common name are one; a password counts for nothing here. */
  #byCertificate({ clientId, username }: ConnectRequest, certificate: PeerCertificate | null): { by: string } | Refused {
    if (certificate === null) return { code: 5, reason: 'no client certificate' }
    const { commonName, serial } = certificate
    if (clientId !== commonName || username !== commonName)
      return { code: 5, reason: 'client id, user name and certificate do not name one device' }
    const known = this.#devices.get(commonName)
    if (known === undefined) return { code: 5, reason: 'the certificate names no device of this fleet' }
    if (!known.certificates.has(serial)) return { code: 5, reason: 'the certificate was revoked, or replaced' }
    return { by: serial }
  }

  #refuseWill({ clientId, will }: ConnectRequest): Refused | null {
    if (will === null) return null
    const isOwn = will.topic === topicOf(this.#options.fleet, 'presence', { device: clientId })
    if (isOwn && will.qos <= 1 && will.payload.length <= accessLimits.presenceBytes) return null
    return { code: 5, reason: `the will on ${will.topic.slice(0, 256)} is not allowed` }
  }

  #admitGuest({ clientId, password, will }: ConnectRequest): Admission {
    const request = clientId.slice(GUEST_PREFIX.length)
    const code = password === undefined ? '' : Buffer.from(password).toString('latin1')
    if (!this.#codes.has(code)) return { code: 4, reason: 'unknown or used enrolment code' }
    // A device may be called enrol-…; a guest must not be able to push it out by taking its client id.
    const isRequest = clientId.startsWith(GUEST_PREFIX) && enrolRequestId.safeParse(request).success && !this.#devices.has(clientId)
    if (!isRequest) return { code: 5, reason: 'the client id names no enrolment request' }
    if (will !== null) return { code: 5, reason: 'a guest has no last will' }
    return { identity: { kind: 'guest', request } }
  }

  mayPublish(identity: Identity, packet: { topic: string; qos: number; retain: boolean; sizeBytes: number }): PublishVerdict {
    const rule = this.#publishRule(identity, packet.topic)
    if (rule === undefined) return { refused: `publish on ${packet.topic.slice(0, 256)}` }
    if (packet.qos > 1) return { refused: 'publish with QoS 2' }
    if (packet.sizeBytes > rule.maxBytes) return { refused: `${packet.sizeBytes} bytes on ${packet.topic}` }
    return { retain: packet.retain && rule.retain }
  }

  #publishRule(identity: Identity, topic: string): { retain: boolean; maxBytes: number } | undefined {
    if (identity.kind === 'device') {
      const known = this.#devices.get(identity.device)
      const isAnswer = known !== undefined && topic.startsWith(known.inference) && ANSWER.test(topic.slice(known.inference.length))
      return isAnswer ? { retain: false, maxBytes: MAX_INFER_BYTES } : known?.publishes.get(topic)
    }
    const own = topicOf(this.#options.fleet, 'enrolRequest', { request: identity.request })
    return topic === own ? { retain: false, maxBytes: accessLimits.enrolmentBytes } : undefined
  }

  maySubscribe(identity: Identity, filter: string): boolean {
    if (identity.kind === 'guest') return filter === topicOf(this.#options.fleet, 'enrolResult', { request: identity.request })
    const known = this.#devices.get(identity.device)
    if (known === undefined) return false
    if (known.filters.has(filter)) return true
    const artifact = this.#artifactOf(filter)
    return artifact !== null && filter === sharedBlockFilter(this.#options.fleet, artifact) && this.#mayFetch(known, artifact)
  }

  mayReceive(identity: Identity, topic: string): boolean {
    if (identity.kind === 'guest') return topic === topicOf(this.#options.fleet, 'enrolResult', { request: identity.request })
    const known = this.#devices.get(identity.device)
    if (known === undefined) return false
    if (known.isQuarantined) return topic === known.certificateResult
    if (known.receives.exact.has(topic) || topic.startsWith(known.receives.blocks) || topic.startsWith(known.receives.trust)) return true
    if (topic.startsWith(known.inference)) return DEPLOYMENT.test(topic.slice(known.inference.length))
    const artifact = this.#artifactOf(topic)
    return artifact !== null && this.#mayFetch(known, artifact)
  }

  #mayFetch(known: KnownDevice, artifact: string): boolean {
    if (known.fetches.has(artifact)) return true
    if (!this.#options.mayFetch(known.bundles, artifact)) return false
    known.fetches.add(artifact)
    return true
  }

  /** The artifact of a topic or filter of shared blocks, or `null`. */
  #artifactOf(topic: string): string | null {
    if (!topic.startsWith(this.#sharedBlocks)) return null
    const artifact = topic.slice(this.#sharedBlocks.length, this.#sharedBlocks.length + 64)
    return /^[0-9a-f]{64}$/.test(artifact) && topic[this.#sharedBlocks.length + 64] === '/' ? artifact : null
  }
}

/** True if something that let the device in does not any more. */
function hasLess(now: KnownDevice, before: KnownDevice): boolean {
  return !now.secretHash.equals(before.secretHash) || [...before.certificates.keys()].some((serial) => !now.certificates.has(serial))
}

function deviceRules(
  fleet: string,
  device: string,
): Pick<KnownDevice, 'publishes' | 'filters' | 'receives' | 'certificateResult' | 'inference'> {
  const own = { device }
  const free = { retain: false, maxBytes: Number.POSITIVE_INFINITY }
  return {
    publishes: new Map([
      [topicOf(fleet, 'presence', own), { retain: true, maxBytes: accessLimits.presenceBytes }],
      [topicOf(fleet, 'reported', own), free],
      [topicOf(fleet, 'telemetry', own), free],
      [topicOf(fleet, 'blockWant', own), free],
      [topicOf(fleet, 'trustWant', own), { retain: false, maxBytes: accessLimits.enrolmentBytes }],
      [topicOf(fleet, 'certificateRequest', own), { retain: false, maxBytes: accessLimits.enrolmentBytes }],
    ]),
    filters: new Set([
      ...deviceFilters(fleet, device),
      topicOf(fleet, 'certificateResult', own),
      topicOf(fleet, 'checkpoint', {}),
      topicOf(fleet, 'halt', {}),
      ...trustFilters(fleet, device),
    ]),
    receives: {
      exact: new Set([
        topicOf(fleet, 'desired', own),
        topicOf(fleet, 'telemetryAck', own),
        topicOf(fleet, 'certificateResult', own),
        topicOf(fleet, 'checkpoint', {}),
        topicOf(fleet, 'halt', {}),
        topicOf(fleet, 'trustTimestamp', {}),
      ]),
      blocks: `${topicRoot(fleet)}/device/${device}/block/`,
      trust: `${topicRoot(fleet)}/device/${device}/trust/`,
    },
    certificateResult: topicOf(fleet, 'certificateResult', own),
    inference: `${topicRoot(fleet)}/device/${device}/infer/`,
  }
}
