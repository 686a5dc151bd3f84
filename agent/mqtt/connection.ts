import type { MqttClient } from 'mqtt'
import type { Clock } from '../../shared/domain/clock.ts'
import { messageOf, Problem, reportOf, type ProblemReport } from '../../shared/domain/problem.ts'
import type { Log } from '../log.ts'
import { dial, type DialOptions } from './dial.ts'

/**
 * INVARIANTS
 * 1. At most one MQTT client lives at a time; the next is dialled only after the one before is gone.
 * 2. `onState(true)` is said only after every filter was subscribed: whoever speaks then can hear the answer.
 * 3. A message is handed to one client only. What was not taken by it is rejected, never queued for the next: the callers
 *    (spool, reported, want) know better what is still worth saying.
 */
export interface Connection {
  readonly connected: boolean
  /** Since when the present state holds, epoch ms, and why it is not connected. */
  readonly state: { connected: boolean; since: number; problem: ProblemReport | null }
  /** Resolves when the broker has taken it. @throws Problem `broker.unreachable` */
  publish(topic: string, payload: string | Buffer, options: { qos: 0 | 1; retain: boolean }): Promise<void>
  /** Adds a filter for this and all later connections. @throws Problem `broker.refused` if the broker refuses it */
  subscribe(filter: string): Promise<void>
  unsubscribe(filter: string): Promise<void>
  onMessage(handler: (topic: string, payload: Buffer) => void): () => void
  onState(handler: (connected: boolean) => void): () => void
  /** Publishes the farewell, if connected, and ends. */
  stop(farewell: { topic: string; payload: Buffer } | null): Promise<void>
  /** Ends the connection that is there; the next one asks for its way anew. */
  redial(): void
}

export interface ConnectionOptions {
  /** Each attempt asks anew: the way to the broker, and the certificate, may be others than before. */
  dial(): Omit<DialOptions, 'timeoutMs' | 'signal'>
  /** The last way that was given led to the broker, or did not. */
  onDialled?(isThere: boolean): void
  /** Subscribed on every connect; a connection on which one of them is refused is of no use. */
  filters: readonly string[]
  clock: Clock
  /** From 0 to 1, for the spread of reconnects: a fleet must not come back in step. */
  random(): number
  log: Log
}

const CONNECT_TIMEOUT_MS = 10_000
const BACKOFF_MS = { first: 500, most: 30_000 } as const
/** A connection that held so long was a good one: the next failure begins with a short wait again. */
const STEADY_MS = 1000
const FAREWELL_MS = 1000

/** Keeps one connection to the broker, for ever, until stopped. */
export function startConnection(options: ConnectionOptions): Connection {
  const connection = new KeptConnection(options)
  connection.start()
  return connection
}

/** Wait before the `attempt`-th retry (from 0), ms: exponential, between half and the whole of the step, at most 30 s. */
export function reconnectDelayMs(attempt: number, random: number): number {
  const step = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** Math.min(attempt, 16))
  return step / 2 + (step / 2) * random
}

class KeptConnection implements Connection {
  state: Connection['state']
  readonly #options: ConnectionOptions
  readonly #messageHandlers = new Set<(topic: string, payload: Buffer) => void>()
  readonly #stateHandlers = new Set<(connected: boolean) => void>()
  readonly #extraFilters = new Set<string>()
  readonly #stopped = new AbortController()
  #client: MqttClient | null = null
  #attempt = 0
  #url = ''
  #timer: NodeJS.Timeout | null = null

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.state = { connected: false, since: options.clock.now(), problem: null }
  }

  get connected(): boolean {
    return this.state.connected
  }

  start(): void {
    // `#open` ends in a state in every case; it does not reject.
    void this.#open()
  }

  publish(topic: string, payload: string | Buffer, options: { qos: 0 | 1; retain: boolean }): Promise<void> {
    const client = this.#client
    if (client === null || !this.connected)
      return Promise.reject(new Problem('broker.unreachable', 'There is no connection to the broker.'))
    return new Promise((resolve, reject) => {
      const onClose = (): void => reject(new Problem('broker.unreachable', 'The connection ended before the broker took the message.'))
      client.once('close', onClose)
      client.publish(topic, payload, options, (error) => {
        client.off('close', onClose)
        if (error === undefined || error === null) resolve()
        else reject(new Problem('broker.unreachable', messageOf(error), { cause: error }))
      })
    })
  }

  async subscribe(filter: string): Promise<void> {
    this.#extraFilters.add(filter)
    if (this.#client === null || !this.connected) return
    const refused = await subscribeAll(this.#client, [filter])
    if (refused.length === 0) return
    this.#extraFilters.delete(filter)
    throw new Problem('broker.refused', `The broker refuses to deliver ${filter}.`)
  }

  async unsubscribe(filter: string): Promise<void> {
    this.#extraFilters.delete(filter)
    const client = this.#client
    if (client === null || !this.connected) return
    // If the connection ends here, its subscriptions end with it.
    await client.unsubscribeAsync(filter).catch(() => undefined)
  }

  onMessage(handler: (topic: string, payload: Buffer) => void): () => void {
    this.#messageHandlers.add(handler)
    return () => this.#messageHandlers.delete(handler)
  }

  onState(handler: (connected: boolean) => void): () => void {
    this.#stateHandlers.add(handler)
    return () => this.#stateHandlers.delete(handler)
  }

  async stop(farewell: { topic: string; payload: Buffer } | null): Promise<void> {
    const client = this.#client
    if (client !== null && this.connected && farewell !== null) {
      const said = this.publish(farewell.topic, farewell.payload, { qos: 1, retain: true }).catch(() => undefined)
      await Promise.race([said, new Promise((resolve) => setTimeout(resolve, FAREWELL_MS).unref())])
    }
    this.#stopped.abort()
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (client === null) return
    const ended = new Promise<void>((resolve) => client.end(false, () => resolve()))
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, FAREWELL_MS).unref())])
    client.end(true)
  }

  redial(): void {
    this.#attempt = 0
    this.#client?.end(true)
  }

  async #open(): Promise<void> {
    const { log, filters } = this.#options
    let client: MqttClient | null = null
    const way = this.#options.dial()
    this.#url = way.url
    try {
      client = await dial({ ...way, timeoutMs: CONNECT_TIMEOUT_MS, signal: this.#stopped.signal })
      this.#client = client
      const opened = client
      const closed = new Promise<void>((resolve) => opened.once('close', () => resolve()))
      client.on('message', (topic, payload) => this.#receive(topic, payload))
      await this.#subscribe(client, filters, closed)
      const since = this.#options.clock.monotonic()
      this.#options.onDialled?.(true)
      this.#setState(true, null)
      await closed
      if (this.#options.clock.monotonic() - since >= STEADY_MS) this.#attempt = 0
      this.#setState(false, new Problem('broker.unreachable', `The connection to ${way.url} ended.`))
    } catch (error) {
      client?.end(true)
      if (!this.#stopped.signal.aborted) this.#options.onDialled?.(false)
      this.#setState(false, error)
    }
    this.#client = null
    if (this.#stopped.signal.aborted) return
    const delayMs = reconnectDelayMs(this.#attempt, this.#options.random())
    this.#attempt += 1
    log('debug', 'The broker is tried again.', { delayMs: Math.round(delayMs), attempt: this.#attempt })
    this.#timer = setTimeout(() => void this.#open(), delayMs)
  }

  async #subscribe(client: MqttClient, filters: readonly string[], closed: Promise<void>): Promise<void> {
    const lost = closed.then(() => {
      throw new Problem('broker.unreachable', 'The connection ended while subscribing.')
    })
    // The loser of the race must not become an unhandled rejection.
    lost.catch(() => undefined)
    const refused = await Promise.race([subscribeAll(client, filters), lost])
    if (refused.length > 0) throw new Problem('broker.refused', `The broker refuses to deliver ${refused.join(', ')}.`)
    if (this.#extraFilters.size === 0) return
    const refusedExtra = await Promise.race([subscribeAll(client, [...this.#extraFilters]), lost])
    for (const filter of refusedExtra) this.#options.log('warn', 'The broker refuses a filter.', { filter })
  }

  #receive(topic: string, payload: Buffer): void {
    for (const handler of this.#messageHandlers) {
      try {
        handler(topic, payload)
      } catch (error) {
        // One bad message must not end the connection, nor keep the next from being heard.
        this.#options.log('error', 'A message could not be handled.', { topic, problem: error })
      }
    }
  }

  #setState(connected: boolean, thrown: unknown): void {
    const { clock, log } = this.#options
    const changed = this.state.connected !== connected
    const problem = thrown === null ? null : reportOf(thrown)
    const isNews = changed || problem?.message !== this.state.problem?.message
    this.state = { connected, since: changed ? clock.now() : this.state.since, problem }
    if (isNews && !this.#stopped.signal.aborted) {
      if (connected) log('info', 'Connected to the broker.', { url: this.#url })
      else log('warn', 'Not connected to the broker.', { problem: thrown })
    }
    if (changed) for (const handler of this.#stateHandlers) handler(connected)
  }
}

/** Subscribes with QoS 1. @returns the filters that the broker refused */
function subscribeAll(client: MqttClient, filters: readonly string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    client.subscribe([...filters], { qos: 1 }, (error, _granted, packet) => {
      // mqtt.js calls one refused filter an error of all; the packet says which one it was.
      if (packet !== undefined) resolve(filters.filter((_, i) => packet.granted[i] === 128))
      else if (error === null) resolve([])
      else reject(new Problem('broker.refused', `Subscribing failed: ${messageOf(error)}`, { cause: error }))
    })
  })
}
