import { createServer, type Server, type Socket } from 'node:net'
import { Aedes, type AedesPublishPacket, type Client, type ConnectPacket, type PublishPacket } from 'aedes'
import type { Clock } from '../../../shared/domain/clock.ts'
import { errorCodeOf, messageOf, Problem } from '../../../shared/domain/problem.ts'
import { consoleFilters } from '../../../shared/protocol/topics.ts'
import type { Log } from '../log.ts'
import { accessLimits, type Access, type Identity } from './access.ts'
import type { Broker, BrokerEvents, PublishOptions } from './broker.ts'
import { doorLimits, openDoor, type Door, type DoorLimits, type Visitor } from './door.ts'
import { FrameGuard, guardLimits, type GuardLimits } from './frame-guard.ts'

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

/** One connection from its accepted CONNECT on. */
interface Session {
  identity: Identity
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
  readonly #server: Server
  readonly #guards = new Set<FrameGuard>()
  readonly #visitors = new WeakMap<FrameGuard, Visitor>()
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
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, (socket) => this.#onSocket(socket))
  }

  get connections(): number {
    return this.#door.count
  }

  async start(): Promise<{ url: string }> {
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
        if (!isAllowed) this.#noteRefused(session?.identity ?? null, `subscribe to ${subscription.topic.slice(0, 256)}`)
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
      if (error.message !== 'connection closed') this.#noteRefused(this.#sessionOf.get(client)?.identity ?? null, error.message)
    })
    this.#aedes.on('connectionError', (_client, error) => this.#noteRefused(null, error.message))
    for (const filter of consoleFilters(fleet)) await this.#subscribe(this.#aedes, filter, events)
    const url = await this.#listen()
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS)
    return { url }
  }

  publish(topic: string, payload: Uint8Array, { qos, retain }: PublishOptions): Promise<void> {
    const aedes = this.#aedes
    if (aedes === null || aedes.closed) return Promise.reject(new Problem('broker.unreachable', 'The embedded broker does not run.'))
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    return new Promise((resolve, reject) => {
      aedes.publish({ cmd: 'publish', topic, payload: bytes, qos, retain, dup: false }, (error) => {
        if (error) reject(new Problem('internal', `The embedded broker did not take ${topic}: ${error.message}`, { cause: error }))
        else resolve()
      })
    })
  }

  backlogBytes(devices: readonly string[]): number {
    let most = 0
    for (const device of devices) most = Math.max(most, this.#sessions.get(device)?.guard.backlogBytes ?? 0)
    return most
  }

  disconnect(device: string): void {
    this.#sessions.get(device)?.guard.destroy()
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    if (this.#sweeper !== null) clearInterval(this.#sweeper)
    const closed = new Promise<void>((resolve) => {
      if (this.#server.listening) this.#server.close(() => resolve())
      else resolve()
    })
    for (const guard of this.#guards) guard.destroy()
    const aedes = this.#aedes
    if (aedes !== null) await new Promise<void>((resolve) => aedes.close(resolve))
    await closed
  }

  #listen(): Promise<string> {
    const { host, port } = this.#options
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) => {
        const cause = errorCodeOf(error) === 'EADDRINUSE' ? 'it is in use' : messageOf(error)
        reject(new Problem('port.in-use', `The broker cannot listen on ${host}:${port}: ${cause}.`, { cause: error }))
      })
      this.#server.listen({ host, port }, () => {
        this.#server.on('error', (error) =>
          this.#options.log('error', 'the listener of the broker reports an error', { reason: messageOf(error) }),
        )
        const address = this.#server.address()
        const bound = typeof address === 'object' && address !== null ? address.port : port
        resolve(`mqtt://${host.includes(':') ? `[${host}]` : host}:${bound}`)
      })
    })
  }

  #subscribe(aedes: Aedes, filter: string, events: BrokerEvents): Promise<void> {
    const deliver = (packet: AedesPublishPacket, done: () => void): void => {
      if (!this.#isStopping)
        events.onMessage(packet.topic, typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload)
      done()
    }
    return new Promise((resolve) => aedes.subscribe(filter, deliver, resolve))
  }

  #onSocket(socket: Socket): void {
    let guard: FrameGuard | null = null
    const visitor: Visitor = { address: socket.remoteAddress ?? '', evict: () => guard?.destroy() }
    if (this.#isStopping || !this.#door.enter(visitor)) {
      socket.on('error', () => undefined)
      socket.destroy()
      return
    }
    const made = new FrameGuard({
      socket,
      limits: this.#guardLimits,
      clock: this.#options.clock,
      onConnect: (opened) => {
        const client = this.#aedes!.handle(opened)
        this.#guardOf.set(client, opened)
      },
      onRefused: (reason) => this.#noteRefused(null, reason, visitor.address),
    })
    guard = made
    this.#guards.add(made)
    this.#visitors.set(made, visitor)
    made.once('close', () => {
      this.#guards.delete(made)
      this.#guests.delete(made)
      this.#door.leave(visitor)
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
    const admission = this.#options.access.admit({ clientId, username, password, keepalive, will })
    if (!('identity' in admission)) {
      done(Object.assign(new Error(admission.reason), { returnCode: admission.code }), false)
      return
    }
    const session = {
      identity: admission.identity,
      guard,
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
    const visitor = this.#visitors.get(session.guard)
    if (visitor !== undefined) this.#door.accepted(visitor)
    if (session.identity.kind === 'guest') this.#makeRoomForGuest(session.guard)
    if (older === undefined) return
    this.takeovers += 1
    this.#options.log('warn', 'a newer connection took over a client id', { client: clientId, takeovers: this.takeovers })
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
  }

  #noteRefused(identity: Identity | null, reason: string, address?: string): void {
    const who = identity === null ? (address ?? 'a connection') : clientIdOf(identity)
    this.#options.log('warn', 'the broker refused', { who, reason })
  }
}

function clientIdOf(identity: Identity): string {
  return identity.kind === 'device' ? identity.device : `enrol-${identity.request}`
}
