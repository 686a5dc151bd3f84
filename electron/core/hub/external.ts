import { randomBytes } from 'node:crypto'
import { rootCertificates, type SecureVersion } from 'node:tls'
import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { consoleFilters } from '../../../shared/protocol/topics.ts'
import type { Log } from '../log.ts'
import type { Broker, BrokerEvents, PublishOptions } from './broker.ts'
import type { HubTls } from './messages.ts'

const CONNECT_TIMEOUT_MS = 5000
/** Delay before the next attempt, doubled after each, ms. */
const BACKOFF = { first: 500, most: 15_000 } as const
/** QoS 0 is what blocks travel with: they wait while so many bytes wait already, so that acks and desired state pass them. */
const BLOCKS_WAIT_BYTES = 256 * 1024
const KEEPALIVE_S = 30

export interface ExternalBrokerOptions {
  fleet: string
  /** mqtt://, mqtts://, ws:// or wss:// */
  url: string
  username: string | null
  password: string | null
  /** Certificate of the console and authority of the fleet, where the broker was configured for them. */
  tls?: HubTls | null
  log: Log
  events: BrokerEvents
}

/** Makes the connection to a broker that others run (MQTT 3.1.1). */
export function createExternalBroker(options: ExternalBrokerOptions): Broker {
  return new MqttBroker(options)
}

/**
 * INVARIANTS
 * 1. One client per connection: nothing of an older connection is ever sent again by the library, so an old desired state cannot
 *    overwrite a newer one. Who published is told of the failure and publishes again from fleet.db.
 * 2. `#client` is set only while connected and subscribed to every console filter; only then is the state `running`.
 * 3. At most one attempt or timer for the next one exists; none after `stop`.
 */
class MqttBroker implements Broker {
  readonly #options: ExternalBrokerOptions
  readonly #pending = new Set<(problem: Problem) => void>()
  #client: MqttClient | null = null
  #attempt: MqttClient | null = null
  #timer: NodeJS.Timeout | null = null
  #delayMs: number = BACKOFF.first
  #isStopping = false
  #tls: HubTls | null
  /** The address as it may be shown: without a password. */
  readonly #shownUrl: string

  constructor(options: ExternalBrokerOptions) {
    this.#options = options
    this.#tls = options.tls ?? null
    this.#shownUrl = options.url.replace(/\/\/[^@/]*@/, '//')
  }

  async start(): Promise<{ url: string; localUrl: string }> {
    const url = this.#shownUrl
    if (!/^(mqtts?|wss?):\/\/[^/]+/.test(url) || !URL.canParse(this.#options.url))
      throw new Problem('input.invalid', `The broker address ${url} is not of the form mqtt://host:port.`)
    await this.#open()
    return { url, localUrl: url }
  }

  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<void> {
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    return options.qos === 0 ? this.#publishWhenFree(topic, bytes, options) : this.#publishNow(topic, bytes, options)
  }

  backlogBytes(): number {
    return this.#client?.stream.writableLength ?? 0
  }

  disconnect(): boolean {
    // The external broker decides who is connected.
    return false
  }

  recheck(): void {
    // The external broker decides who is connected; its revocation list is made by `muster broker mosquitto-config`.
  }

  setTls(tls: HubTls): void {
    this.#tls = tls
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#attempt?.end(true)
    const client = this.#client
    this.#client = null
    this.#failPending('The console stops.')
    if (client !== null) await client.endAsync()
  }

  async #publishWhenFree(topic: string, payload: Buffer, options: PublishOptions): Promise<void> {
    const client = this.#client
    while (client !== null && client === this.#client && client.stream.writableLength > BLOCKS_WAIT_BYTES) await drained(client)
    await this.#publishNow(topic, payload, options)
  }

  #publishNow(topic: string, payload: Buffer, { qos, retain }: PublishOptions): Promise<void> {
    const client = this.#client
    return new Promise((resolve, reject) => {
      if (client === null) {
        reject(new Problem('broker.unreachable', `The broker at ${this.#shownUrl} is not reachable.`))
        return
      }
      const fail = (problem: Problem): void => {
        this.#pending.delete(fail)
        reject(problem)
      }
      this.#pending.add(fail)
      client.publish(topic, payload, { qos, retain }, (error) => {
        if (!this.#pending.delete(fail)) return
        if (error) reject(new Problem('broker.unreachable', `The broker did not take ${topic}: ${messageOf(error)}`, { cause: error }))
        else resolve()
      })
    })
  }

  /** One attempt; resolves when it is known how it ended. */
  #open(): Promise<void> {
    const client = connect(this.#options.url, this.#clientOptions())
    this.#attempt = client
    return new Promise((resolve) => {
      let problem: Problem | null = null
      client.on('error', (error) => {
        problem = connectProblem(this.#shownUrl, error)
      })
      client.on('connect', () => {
        this.#subscribe(client).then(
          () => {
            this.#becomeReady(client)
            resolve()
          },
          (error: unknown) => {
            problem = error instanceof Problem ? error : connectProblem(this.#shownUrl, error)
            client.end(true)
          },
        )
      })
      client.on('message', (topic, payload) => {
        if (!this.#isStopping) this.#options.events.onMessage(topic, payload)
      })
      client.once('close', () => {
        client.end(true)
        this.#closed(client, problem)
        resolve()
      })
    })
  }

  #clientOptions(): IClientOptions {
    const { username, password } = this.#options
    return {
      ...tlsOptions(this.#tls),
      protocolVersion: 4,
      clean: true,
      clientId: `muster-console-${randomBytes(6).toString('hex')}`,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      keepalive: KEEPALIVE_S,
      queueQoSZero: false,
      ...(username === null ? {} : { username }),
      ...(password === null ? {} : { password }),
    }
  }

  async #subscribe(client: MqttClient): Promise<void> {
    const filters = consoleFilters(this.#options.fleet)
    for (const filter of filters) {
      try {
        const [granted] = await client.subscribeAsync(filter, { qos: 1 })
        if (granted !== undefined && granted.qos <= 2) continue
      } catch (error) {
        // A connection that ended in between is no answer of the broker.
        if (!client.connected) throw error
      }
      throw new Problem('broker.refused', `The broker does not let the console subscribe to ${filter}.`)
    }
  }

  #becomeReady(client: MqttClient): void {
    this.#attempt = null
    if (this.#isStopping || !client.connected) return
    this.#client = client
    this.#delayMs = BACKOFF.first
    this.#options.events.onState('running', null)
  }

  #closed(client: MqttClient, problem: Problem | null): void {
    if (this.#attempt === client) this.#attempt = null
    const wasReady = this.#client === client
    if (wasReady) this.#client = null
    if (this.#isStopping) return
    const cause = problem ?? new Problem('broker.unreachable', `The connection to the broker at ${this.#shownUrl} ended.`)
    this.#failPending(cause.message)
    this.#options.events.onState('unreachable', cause.toReport())
    this.#options.log('warn', 'the broker is not reachable', { code: cause.code, reason: cause.message, retryInMs: this.#delayMs })
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.#open()
    }, this.#delayMs)
    this.#delayMs = Math.min(this.#delayMs * 2, BACKOFF.most)
  }

  #failPending(reason: string): void {
    for (const fail of this.#pending) fail(new Problem('broker.unreachable', reason))
  }
}

/** Resolves when the connection has room again, or is gone. */
function drained(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      client.stream.removeListener('drain', done)
      client.removeListener('close', done)
      resolve()
    }
    client.stream.once('drain', done)
    client.once('close', done)
  })
}

/** Why a connection failed. CONNACK codes 4 and 5 say that the broker does not want us; everything else is a way that does not lead there. */
export function connectProblem(url: string, error: unknown): Problem {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  if (code === 4 || code === 5)
    return new Problem('broker.refused', `The broker at ${url} refuses the user name or password of the console.`, { cause: error })
  return new Problem('broker.unreachable', `The broker at ${url} is not reachable: ${reasonOf(error)}`, { cause: error })
}

/** Errors of Node that stand for several attempts (IPv6, then IPv4) carry their reasons within. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ')
  return messageOf(error)
}

/** For a broker that knows the console by its certificate; others are checked against the authorities of the system. */
export function tlsOptions(tls: HubTls | null): IClientOptions & { minVersion?: SecureVersion } {
  return tls === null ? {} : { key: tls.key, cert: tls.certificate, ca: [tls.ca, ...rootCertificates], minVersion: 'TLSv1.2' }
}
