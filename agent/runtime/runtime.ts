import type { Socket } from 'node:net'
import type { Clock } from '../../shared/domain/clock.ts'
import type { RuntimeConfig } from '../../shared/protocol/assignment.ts'
import { Asks } from './asks.ts'
import { ClientIds } from './client-ids.ts'
import { load, tune, type Loaded } from './load.ts'
import type { CarriedPrediction, FromRuntime, LoadMessage, ToRuntime } from './messages.ts'
import { RecordFlow } from './record-flow.ts'
import { RecordOutbox } from './record-outbox.ts'
import { sampleRates } from './sampler.ts'

/** What a runtime needs from the process it runs in. */
export interface RuntimeHost {
  post(message: FromRuntime): void
  clock: Clock
  /** Uniform in [0, 1). */
  random(): number
  usage(): { rssBytes: number; cpuMicros: number }
}

/** The runtime of one generation, as its process drives it. */
export interface Runtime {
  receive(message: ToRuntime, socket: Socket | undefined): void
  /** Ends orderly, as after a `drain` message. */
  drain(graceMs: number): void
  stop(): void
}

const HEARTBEAT_MS = 1000

/** Starts the runtime of one generation. */
export function startRuntime(host: RuntimeHost): Runtime {
  return new Generation(host)
}

/**
 * Loads what the `load` message names, answers on the connections it is given, and hands out records.
 *
 * INVARIANTS
 * 1. `#loaded` is set once, before the message `loaded` is posted; connections come only after that.
 * 2. A connection is answered with `accepted` at once: from then on it is lost if this process dies.
 * 3. After `drain`, `drained` is posted exactly once, when no connection is left and every record is stored or handed back.
 */
class Generation implements Runtime {
  readonly #host: RuntimeHost
  readonly #outbox: RecordOutbox
  readonly #asks: Asks
  readonly #clientIds = new ClientIds()
  readonly #heartbeat: NodeJS.Timeout
  #loaded: { parts: Loaded; flow: RecordFlow } | null = null
  #isDraining = false
  /** Loaded, and not the serving one: it may come back. */
  #isParked = false

  constructor(host: RuntimeHost) {
    this.#host = host
    this.#outbox = new RecordOutbox((message) => host.post(message))
    this.#asks = new Asks((message) => host.post(message))
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS)
  }

  receive(message: ToRuntime, socket: Socket | undefined): void {
    const parts = this.#loaded?.parts
    switch (message.type) {
      case 'load':
        return void this.#load(message)
      case 'connection':
        this.#host.post({ type: 'accepted', key: message.key })
        if (socket !== undefined) parts?.http.accept(socket)
        return
      case 'serve':
        return this.#serve()
      case 'park':
        return this.#park(message.graceMs)
      case 'configure':
        return this.#configure(message.config)
      case 'tune':
        return parts === undefined ? undefined : tune(parts, message.deployments)
      case 'infer':
        return void this.#infer(message)
      case 'told':
        return this.#asks.told(message.id, message)
      case 'carried':
        return this.#clientIds.carryOver(message.predictions)
      case 'drain':
        return this.drain(message.graceMs)
      case 'stored':
        return this.#outbox.stored(message.id, message.problem)
    }
  }

  drain(graceMs: number): void {
    void this.#drain(graceMs)
  }

  stop(): void {
    clearInterval(this.#heartbeat)
    this.#loaded?.flow.stop()
    this.#loaded?.parts.board.stop()
  }

  async #load(message: LoadMessage): Promise<void> {
    const parts = await load(message, {
      host: this.#host,
      outbox: this.#outbox,
      asks: this.#asks,
      clientIds: this.#clientIds,
      onClientId: (prediction) => this.#onClientId(prediction),
      isReplaced: () => this.#isDraining || this.#isParked,
    })
    this.#loaded = { parts, flow: new RecordFlow(this.#host.clock, this.#outbox, parts) }
    if (!this.#isDraining) this.#loaded.flow.start()
    this.#host.post({ type: 'loaded' })
  }

  #serve(): void {
    this.#isParked = false
    this.#loaded?.parts.http.resume()
    this.#loaded?.parts.windows.cover(true)
  }

  #park(graceMs: number): void {
    if (this.#loaded === null || this.#isDraining) return
    const { windows, http } = this.#loaded.parts
    this.#isParked = true
    windows.cover(false)
    this.#host.post({ type: 'carried', predictions: this.#clientIds.all() })
    http.park(graceMs)
  }

  #configure(config: RuntimeConfig): void {
    if (this.#loaded === null) return
    const { parts } = this.#loaded
    parts.config = config
    parts.windows.setLength(config.windowSeconds)
    parts.shadows.windows.setLength(config.windowSeconds)
    parts.masks.setRules(config.masks, config.privacy)
    parts.distributions.setRules({ seconds: config.distributionSeconds, masks: config.masks })
    parts.sampler.setRates(sampleRates(config))
  }

  async #infer({ id, deployment, request }: Extract<ToRuntime, { type: 'infer' }>): Promise<void> {
    const answer = await this.#loaded?.parts.router.infer({ deployment, request })
    if (answer !== undefined) this.#host.post({ type: 'inferred', id, ...answer })
    else {
      const body = { error: notReadyYet, code: 'runtime.not-ready' }
      this.#host.post({ type: 'inferred', id, status: 503, body })
    }
  }

  async #drain(graceMs: number): Promise<void> {
    // A second drain comes when the agent stops meanwhile: only the grace is shorter then.
    if (this.#isDraining) return void this.#loaded?.parts.http.drain(graceMs)
    this.#isDraining = true
    if (this.#loaded === null) return this.#host.post({ type: 'drained', unsent: [] })
    const { parts, flow } = this.#loaded
    flow.stop()
    parts.windows.cover(false)
    this.#host.post({ type: 'carried', predictions: this.#clientIds.all() })
    // A generation that serves nothing has no answer worth waiting for: its idle connections end at once.
    await parts.http.drain(parts.served.length === 0 ? 0 : graceMs)
    parts.shadows.runner.stop()
    this.#host.post({ type: 'drained', unsent: await flow.finish() })
  }

  #onClientId(prediction: CarriedPrediction): void {
    if (this.#isDraining || this.#isParked) this.#host.post({ type: 'carried', predictions: [prediction] })
  }

  #beat(): void {
    const parts = this.#loaded?.parts
    const vitals = parts?.served.map((served) => served.vital.state(served.subject)) ?? []
    const state = { openConnections: parts?.http.openConnections() ?? 0, inFlight: parts?.router.inFlight() ?? 0 }
    this.#host.post({ type: 'heartbeat', ...this.#host.usage(), ...state, vitals })
  }
}

const notReadyYet = 'The models are not loaded yet.'
