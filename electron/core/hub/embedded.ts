import { Aedes, type AedesPublishPacket, type Client, type ConnectPacket, type PublishPacket } from 'aedes'
import type { Clock } from '../../../shared/domain/clock.ts'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { consoleFilters } from '../../../shared/protocol/topics.ts'
import type { Log } from '../log.ts'
import { accessLimits, type Access, type Identity } from './access.ts'
import type { Broker, BrokerEvents, PublishOptions } from './broker.ts'
import { doorLimits, openDoor, type Door, type DoorLimits } from './door.ts'
import { FrameGuard, guardLimits, TIME_IS_OVER, type GuardLimits } from './frame-guard.ts'
import { createListeners, type Arrival, type Listeners } from './listeners.ts'
import type { EmbeddedTls, HubTls } from './messages.ts'
import type { Refused } from './refusals.ts'

/** Largest packets that are read from a device and from a guest: payload, topic and a few bytes. */
const PACKET_BYTES = { device: 256 * 1024 + 1024, guest: accessLimits.enrolmentBytes + 512 } as const
/** An enrolment takes seconds. */
const GUEST_LIFETIME_MS = 60_000
/** Guests at a time: the public part of one code must not be enough to take the connections of all devices. */
const MOST_GUESTS = 256
const SWEEP_MS = 500
/** The deepest topic is a block for one device: muster/1/<fleet>/device/<id>/block/<sha256>/<n>. */
const TOPIC_LEVELS = 8

export interface EmbeddedBrokerOptions {
  fleet: string
  host: string
  /** 0: any free port. */
  port: number
  /** Left out or null: without TLS. */
  tls?: (HubTls & Pick<EmbeddedTls, 'localPort'>) | null
  access: Access
  clock: Clock
  log: Log
  events: BrokerEvents
  limits?: { guard?: Partial<GuardLimits>; door?: Partial<DoorLimits>; guestLifetimeMs?: number; guests?: number }
}

/** The embedded broker tells a little more than `Broker` asks for. */
export interface EmbeddedBroker extends Broker {
  /** How often a newer connection pushed an older one of the same client id out. */
  readonly takeovers: number
  readonly connections: number
}

/** Makes the broker that lives within the hub (aedes behind a frame guard). */
export function createEmbeddedBroker(options: EmbeddedBrokerOptions): EmbeddedBroker {
  return new AedesBroker(options)
}

/** What aedes is made of, as far as it is used here: both are its documented parts, which its types leave out. */
interface AedesInside {
  mq: { emit(packet: PublishPacket, done: () => void): void }
  persistence: { storeRetained(packet: PublishPacket): Promise<void> }
}

/** One connection from its accepted CONNECT on. */
interface Session {
  identity: Identity
  /** When what let it in ends, epoch ms. */
  notAfter: number
  address: string
  guard: FrameGuard
  will: AdmittedWill | null
}

/** A last will that passed the rules of access. */
interface AdmittedWill {
  topic: string
  payload: Buffer
  qos: 0 | 1
  retain: boolean
}

/**
 * INVARIANTS
 * 1. `#sessions` has the newest accepted connection of each client id. Only that one may publish, its last will included: an older
 *    connection that is pushed out never says that the device is offline. Wills are kept here: aedes would publish them at takeover,
 *    and forgets to report the end of a connection that began while the older one of its id was closing.
 * 2. Every CONNECT was admitted by `access`, every publish and every subscription filter is checked on its own, and once more when a
 *    message leaves for a device.
 * 3. Sessions are clean: nothing is queued for a device that is away. Desired state is retained and re-sent from fleet.db.
 * 4. After `stop` began nothing is handed to the hub: a console that ends does not make its devices look offline.
 */
class AedesBroker implements EmbeddedBroker {
  takeovers = 0
  readonly #options: EmbeddedBrokerOptions
  readonly #guardLimits: GuardLimits
  readonly #door: Door
  readonly #listeners: Listeners
  readonly #guards = new Set<FrameGuard>()
  readonly #arrivals = new WeakMap<FrameGuard, Arrival>()
  readonly #guardOf = new WeakMap<Client, FrameGuard>()
  readonly #connects = new WeakMap<Client, ConnectPacket & { lastWill: ConnectPacket['will'] }>()
  readonly #sessionOf = new WeakMap<Client, Session>()
  readonly #sessionByGuard = new WeakMap<FrameGuard, Session>()
  readonly #sessions = new Map<string, Session>()
  /** Connections of guests, oldest first. */
  readonly #guests = new Set<FrameGuard>()
  #aedes: Aedes | null = null
  #sweeper: NodeJS.Timeout | null = null
  #isStopping = false

  constructor(options: EmbeddedBrokerOptions) {
    this.#options = options
    this.#guardLimits = { ...guardLimits, ...options.limits?.guard }
    this.#door = openDoor({ ...doorLimits, ...options.limits?.door })
    this.#listeners = createListeners({
      ...{ host: options.host, port: options.port, tls: options.tls ?? null, door: this.#door, log: options.log },
      handshakeTimeoutMs: this.#guardLimits.connectTimeoutMs,
      onArrival: (arrival) => this.#onArrival(arrival),
      onRefused: (address, reason) => this.#noteRefused({ client: null, address }, reason),
    })
  }

  get connections(): number {
    return this.#door.count
  }

  async start(): Promise<{ url: string; localUrl: string }> {
    const { fleet, events, access } = this.#options
    this.#aedes = await Aedes.createBroker({
      // Without a limit mqemitter keeps no queue: its Array.shift() takes 60 % of the CPU under load (design: performance.md).
      concurrency: 0,
      // Our guard tells a frozen peer from a slow one; aedes would end a slow link whose buffer does not run empty in time.
      drainTimeout: 0,
      connectTimeout: this.#guardLimits.connectTimeoutMs,
      maxTopicLevels: TOPIC_LEVELS,
      preConnect: (client, packet, done) => this.#preConnect(client, packet, done),
      authenticate: (client, _username, _password, done) => this.#authenticate(client, done),
      authorizePublish: (client, packet, done) => done(this.#refusePublish(client, packet)),
      authorizeSubscribe: (client, subscription, done) => {
        const session = this.#sessionOf.get(client)
        const isAllowed = session !== undefined && access.maySubscribe(session.identity, subscription.topic)
        if (!isAllowed) this.#noteRefused(this.#who(client), `subscribe to ${subscription.topic.slice(0, 256)}`)
        done(null, isAllowed ? subscription : null)
      },
      authorizeForward: (client, packet) => {
        const session = this.#sessionOf.get(client)
        return session !== undefined && access.mayReceive(session.identity, packet.topic) ? packet : null
      },
    })
    // Not before: aedes queues only 42 packets of a client whose CONNACK it counts as not sent yet, and ends the connection at the next.
    this.#aedes.on('clientReady', (client) => this.#openInput(client))
    // Without a listener an error of one connection would end the process.
    this.#aedes.on('clientError', (client, error) => {
      // After the guard ended a connection aedes reports that it cannot write to it any more; the reason was noted already.
      if (error.message !== 'connection closed') this.#noteRefused(this.#who(client), error.message)
    })
    this.#aedes.on('connectionError', (client, error) => this.#noteRefused(this.#who(client), error.message))
    for (const filter of consoleFilters(fleet)) await this.#subscribe(this.#aedes, filter, events)
    const urls = await this.#listeners.start()
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS)
    return urls
  }

  publish(topic: string, payload: Uint8Array, { qos, retain }: PublishOptions): Promise<void> {
    const aedes = this.#aedes
    if (aedes === null || aedes.closed) return Promise.reject(new Problem('broker.unreachable', 'The embedded broker does not run.'))
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    // Not by `aedes.publish`: it numbers a message before it keeps a retained one, and drops for each client what arrives with a lower number than
    // before. A retained order that an acknowledgement overtook was lost. What carries no number is not compared; exact filters never match twice.
    const { mq, persistence } = aedes as unknown as AedesInside
    const packet = { cmd: 'publish', topic, payload: bytes, qos, dup: false } as const
    const emit = (): Promise<void> => new Promise((resolve) => mq.emit({ ...packet, retain: false }, () => resolve()))
    if (!retain) return emit()
    return persistence.storeRetained({ ...packet, retain: true }).then(emit, (error: unknown) => {
      throw new Problem('internal', `The embedded broker did not take ${topic}: ${messageOf(error)}`, { cause: error })
    })
  }

  backlogBytes(devices: readonly string[]): number {
    let most = 0
    for (const device of devices) most = Math.max(most, this.#sessions.get(device)?.guard.backlogBytes ?? 0)
    return most
  }

  disconnect(device: string): boolean {
    const session = this.#sessions.get(device)
    session?.guard.destroy()
    return session !== undefined
  }

  recheck(device: string): void {
    const session = this.#sessions.get(device)
    if (session !== undefined && !this.#options.access.stillAdmits(session.identity, this.#options.clock.now())) session.guard.destroy()
  }

  setTls(tls: HubTls): void {
    this.#listeners.setTls(tls)
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    if (this.#sweeper !== null) clearInterval(this.#sweeper)
    const closed = this.#listeners.stop()
    for (const guard of this.#guards) guard.destroy()
    const aedes = this.#aedes
    if (aedes !== null) await new Promise<void>((resolve) => aedes.close(resolve))
    await closed
  }

  #subscribe(aedes: Aedes, filter: string, events: BrokerEvents): Promise<void> {
    const deliver = (packet: AedesPublishPacket, done: () => void): void => {
      if (!this.#isStopping)
        events.onMessage(packet.topic, typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload)
      done()
    }
    return new Promise((resolve) => aedes.subscribe(filter, deliver, resolve))
  }

  #onArrival(arrival: Arrival): void {
    const made = new FrameGuard({
      socket: arrival.socket,
      limits: this.#guardLimits,
      clock: this.#options.clock,
      onConnect: (opened) => {
        const client = this.#aedes!.handle(opened)
        this.#guardOf.set(client, opened)
      },
      onRefused: (reason) => this.#noteRefused(this.#whoBehind(made), reason),
    })
    this.#guards.add(made)
    this.#arrivals.set(made, arrival)
    made.once('close', () => {
      this.#guards.delete(made)
      this.#guests.delete(made)
      this.#onClosed(made)
    })
  }

  #preConnect(client: Client, packet: ConnectPacket, done: (error: Error | null, success: boolean) => void): void {
    if (packet.protocolVersion !== 4) {
      // CONNACK with code 1, unacceptable protocol version; aedes itself would serve 3.1.
      this.#guardOf.get(client)?.write(Buffer.from([0x20, 2, 0, 1]))
      done(new Error(`MQTT 3.1.1 is served, not protocol level ${packet.protocolVersion}`), false)
      return
    }
    // A session never outlives its connection, whatever the client asks for (invariant 3).
    packet.clean = true
    this.#connects.set(client, { ...packet, lastWill: packet.will })
    delete packet.will
    done(null, true)
  }

  #authenticate(client: Client, done: (error: (Error & { returnCode: number }) | null, success: boolean) => void): void {
    const packet = this.#connects.get(client)
    const guard = this.#guardOf.get(client)
    if (packet === undefined || guard === undefined || this.#isStopping) {
      done(Object.assign(new Error('no CONNECT'), { returnCode: 3 }), false)
      return
    }
    const { clientId, username, keepalive = 0, lastWill } = packet
    const will =
      lastWill === undefined
        ? null
        : { topic: lastWill.topic, payload: Buffer.from(lastWill.payload), qos: lastWill.qos ?? 0, retain: lastWill.retain ?? false }
    const password = typeof packet.password === 'string' ? Buffer.from(packet.password) : packet.password
    const { transport, address } = this.#arrivals.get(guard)!
    const admission = this.#options.access.admit({ clientId, username, password, keepalive, will, transport })
    if (!('identity' in admission)) {
      done(Object.assign(new Error(admission.reason), { returnCode: admission.code }), false)
      return
    }
    const certificate = transport.kind === 'tls' ? transport.certificate : null
    const session: Session = {
      ...{ identity: admission.identity, guard, address },
      notAfter: certificate?.notAfter ?? Number.POSITIVE_INFINITY,
      will: will === null ? null : { ...will, qos: will.qos === 0 ? (0 as const) : (1 as const) },
    }
    this.#sessionOf.set(client, session)
    this.#accept(session, clientId)
    done(null, true)
  }

  #accept(session: Session, clientId: string): void {
    const older = this.#sessions.get(clientId)
    this.#sessions.set(clientId, session)
    this.#sessionByGuard.set(session.guard, session)
    const arrival = this.#arrivals.get(session.guard)
    if (arrival !== undefined) this.#door.accepted(arrival.visitor)
    if (session.identity.kind === 'guest') this.#makeRoomForGuest(session.guard)
    else this.#options.events.onAdmitted?.(session.identity.device, session.identity.by)
    if (older === undefined) return
    this.takeovers += 1
    this.#options.log('warn', 'a newer connection took over a client id', { client: clientId, takeovers: this.takeovers })
    if (session.identity.kind === 'device')
      this.#options.events.onTakeover?.(session.identity.device, { from: older.address, to: session.address })
    older.guard.destroy()
  }

  /** The oldest goes: an enrolment takes a second, and one that is cut is tried again. */
  #makeRoomForGuest(guard: FrameGuard): void {
    const [oldest] = this.#guests
    if (oldest !== undefined && this.#guests.size >= (this.#options.limits?.guests ?? MOST_GUESTS)) {
      this.#guests.delete(oldest)
      oldest.destroy()
    }
    this.#guests.add(guard)
  }

  #openInput(client: Client): void {
    const session = this.#sessionOf.get(client)
    if (session === undefined) return
    const { kind } = session.identity
    session.guard.accept(PACKET_BYTES[kind], kind === 'guest' ? (this.#options.limits?.guestLifetimeMs ?? GUEST_LIFETIME_MS) : null)
  }

  /** The error that ends the connection, or `null`; strips the retain flag where it is not allowed. */
  #refusePublish(client: Client | null, packet: PublishPacket): Error | null {
    const session = client === null ? undefined : this.#sessionOf.get(client)
    if (session === undefined || this.#isStopping) return new Error('nobody may publish here')
    if (this.#sessions.get(clientIdOf(session.identity)) !== session) return new Error('a newer connection took over')
    const verdict = this.#options.access.mayPublish(session.identity, {
      ...{ topic: packet.topic, qos: packet.qos, retain: packet.retain },
      sizeBytes: packet.payload.length,
    })
    if ('refused' in verdict) return new Error(verdict.refused)
    packet.retain = verdict.retain
    return null
  }

  /** Says what the device left as its last will, then that it is gone; nothing if the connection was not the newest of its id. */
  #onClosed(guard: FrameGuard): void {
    const session = this.#sessionByGuard.get(guard)
    if (session === undefined) return
    const { identity, will } = session
    const clientId = clientIdOf(identity)
    if (this.#sessions.get(clientId) !== session) return
    this.#sessions.delete(clientId)
    if (identity.kind !== 'device' || this.#isStopping || !this.#options.access.knows(identity.device)) return
    const told = will === null || guard.saidGoodbye ? Promise.resolve() : this.publish(will.topic, will.payload, will)
    const tellGone = (): void => {
      if (!this.#isStopping && !this.#sessions.has(clientId)) this.#options.events.onDeviceGone(identity.device)
    }
    told.then(tellGone, tellGone)
  }

  #sweep(): void {
    for (const guard of this.#guards) guard.checkDeadlines()
    const now = this.#options.clock.now()
    for (const { identity, notAfter, guard, address } of this.#sessions.values()) {
      if (notAfter > now) continue
      this.#noteRefused({ client: clientIdOf(identity), address }, 'the client certificate has expired')
      guard.destroy()
    }
  }

  /** Who a connection is or says to be, for a refusal. */
  #who(client: Client): Omit<Refused, 'reason'> {
    const guard = this.#guardOf.get(client)
    const session = this.#sessionOf.get(client)
    if (session !== undefined || guard === undefined) return whoOf(session)
    return { client: this.#connects.get(client)?.clientId ?? null, address: this.#arrivals.get(guard)?.address ?? '' }
  }

  #whoBehind(guard: FrameGuard): Omit<Refused, 'reason'> {
    const session = this.#sessionByGuard.get(guard)
    return session === undefined ? { client: null, address: this.#arrivals.get(guard)?.address ?? '' } : whoOf(session)
  }

  #noteRefused({ client, address }: Omit<Refused, 'reason'>, reason: string): void {
    this.#options.log('warn', 'the broker refused', { who: client ?? (address === '' ? 'a connection' : address), reason })
    // A guest whose time is over has been refused nothing.
    if (reason !== TIME_IS_OVER) this.#options.events.onRefused?.({ client, address, reason })
  }
}

function whoOf(session: Session | undefined): Omit<Refused, 'reason'> {
  return session === undefined ? { client: null, address: '' } : { client: clientIdOf(session.identity), address: session.address }
}

function clientIdOf(identity: Identity): string {
  return identity.kind === 'device' ? identity.device : `enrol-${identity.request}`
}
