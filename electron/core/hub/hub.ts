import type { Clock } from '../../../shared/domain/clock.ts'
import { messageOf, Problem, reportOf } from '../../../shared/domain/problem.ts'
import { blockWantMessage } from '../../../shared/protocol/block.ts'
import { decodeMessage } from '../../../shared/protocol/decode.ts'
import { parseTopic, topicOf, topics } from '../../../shared/protocol/topics.ts'
import { startIngest, type Ingest } from '../ingest/ingest.ts'
import type { Log } from '../log.ts'
import { openCatalog } from '../transfer/catalog.ts'
import { startTransferServer, type TransferServer } from '../transfer/server.ts'
import { accessLimits, createAccess, type Access } from './access.ts'
import type { Broker, BrokerEvents } from './broker.ts'
import { openCloneWatch, type CloneWatch } from './clone-watch.ts'
import { createBroker } from './create-broker.ts'
import { startForward, type Forward } from './forward.ts'
import { openInferenceDesk, type InferenceDesk } from './inference-desk.ts'
import type { ForwardedMessage, FromHub, HubOptions, ToHub } from './messages.ts'
import { openPresenceBook } from './presence-book.ts'
import { openRefusalBook, type RefusalBook } from './refusals.ts'
import { startThrottle } from './throttle.ts'

/** ms between two reports of counters, and of transfers. */
const REPORT_MS = { ingest: 250, transfers: 500 } as const

export interface HubParts {
  options: HubOptions
  clock: Clock
  log: Log
  /** Sends to the core; resolves when the channel took it. */
  send(message: FromHub): Promise<void>
  /** A part is gone for good: the hub must end, the core starts another one. */
  onFatal(problem: Problem): void
}

/** The hub: what devices say goes to the store or to the core, what the core says goes to the devices. */
export interface Hub {
  readonly url: string
  /** Where agents on this machine reach the broker. */
  readonly localUrl: string
  handle(message: Exclude<ToHub, { type: 'start' | 'stop' }>): void
  /** Commits and acknowledges what was received, hands the rest to the core, then closes the broker. */
  stop(): Promise<void>
}

/**
 * Builds the parts of the hub and starts them.
 * @throws Problem `port.in-use`, `input.invalid`, and those of the store
 */
export async function startHub(parts: HubParts): Promise<Hub> {
  const hub = new RunningHub(parts)
  await hub.start()
  return hub
}

/**
 * INVARIANTS
 * 1. The sender of a message is the id in its topic. The embedded broker lets a device publish on its own topics only; a payload that
 *    names another sender is dropped by whoever reads it.
 * 2. A device that is removed is unknown to `access` before its connection is cut: nothing of it is taken afterwards.
 * 3. At the stop nothing new is taken first, then telemetry is committed and acknowledged, and the broker closes last.
 */
class RunningHub implements Hub {
  url = ''
  localUrl = ''
  readonly #parts: HubParts
  readonly #access: Access
  readonly #broker: Broker
  readonly #forward: Forward
  readonly #desk: InferenceDesk
  readonly #book = openPresenceBook()
  readonly #clones: CloneWatch
  readonly #refusals: RefusalBook
  readonly #reportIngest = startThrottle(REPORT_MS.ingest, () => this.#send({ type: 'ingest', counters: this.#ingest!.counters() }))
  readonly #reportTransfers = startThrottle(REPORT_MS.transfers, () =>
    this.#send({ type: 'transfers', transfers: this.#transfers!.snapshot() }),
  )
  /** Devices per bundle, for the audience of a transfer. */
  #assigned = new Map<string, Set<string>>()
  #ingest: Ingest | null = null
  #transfers: TransferServer | null = null
  #isStopping = false

  constructor(parts: HubParts) {
    this.#parts = parts
    const { options, clock, log } = parts
    const catalog = openCatalog(options.artifactDirectory)
    this.#access = createAccess({
      ...{ fleet: options.fleet, devices: options.devices, codes: options.enrolmentCodes },
      mayFetch: (bundles, artifact) => catalog.mayFetch(bundles, artifact),
    })
    const events: BrokerEvents = {
      onMessage: (topic, payload) => this.#onMessage(topic, payload),
      onDeviceGone: (device) => this.#onDeviceGone(device),
      onState: (state, problem) => this.#send({ type: 'broker', state, problem }),
      onRefused: (refused) => this.#refusals.note(refused),
      onTakeover: (device, ends) => this.#noteClone(device, this.#clones.noteTakeover(device, ends)),
      onAdmitted: (device, by) => this.#onAdmitted(device, by),
    }
    const { fleet } = options
    this.#clones = openCloneWatch(clock)
    this.#refusals = openRefusalBook({ clock, send: (refusals) => this.#send({ type: 'refusals', refusals }) })
    this.#broker = createBroker(options, { access: this.#access, clock, log, events })
    this.#forward = startForward({ send: (messages) => parts.send({ type: 'messages', messages }) })
    this.#desk = openInferenceDesk({
      ...{ fleet, clock, log },
      isOnline: (device) => this.#access.knows(device) && this.#book.isOnline(device),
      publish: (topic, payload) => this.#broker.publish(topic, payload, { qos: topics.infer.qos, retain: topics.infer.retain }),
      answer: (id, answer) => this.#send({ type: 'answered', id, answer }),
    })
  }

  async start(): Promise<void> {
    const { options, clock, log, onFatal } = this.#parts
    for (const { device, bundles } of options.devices) this.#noteAssigned(device, bundles)
    this.#ingest = await startIngest({
      ...{ file: options.telemetryFile, clock, log, onFatal, retention: options.retention ?? {} },
      publishAck: (device, spool, through) => this.#publishAck(device, spool, through),
      onErased: (id, answer) => this.#send({ type: 'erased', id, answer }),
      onChange: () => this.#reportIngest.note(),
    })
    this.#transfers = startTransferServer({
      ...{ fleet: options.fleet, artifactDirectory: options.artifactDirectory, clock, limitBytesPerSecond: options.limitBytesPerSecond },
      publish: (topic, payload) => this.#broker.publish(topic, payload, { qos: topics.sharedBlock.qos, retain: topics.sharedBlock.retain }),
      backlogBytes: (devices) => this.#broker.backlogBytes(devices),
      isAssigned: (device, bundle) => this.#access.isAssigned(device, bundle),
      audience: (bundle) => this.#audience(bundle),
      onChange: () => this.#reportTransfers.note(),
      refuse: (device, problem) => log('warn', 'a request for blocks was refused', { device, code: problem.code, reason: problem.message }),
    })
    try {
      const { url, localUrl } = await this.#broker.start()
      this.url = url
      this.localUrl = localUrl
    } catch (error) {
      await this.#transfers.stop()
      await this.#ingest.stop()
      throw error
    }
  }

  handle(message: Exclude<ToHub, { type: 'start' | 'stop' }>): void {
    switch (message.type) {
      case 'devices':
        this.#updateDevices(message.upsert, message.remove)
        return
      case 'enrolmentCodes':
        this.#access.setCodes(message.codes)
        return
      case 'limit':
        this.#transfers?.setLimit(message.bytesPerSecond)
        return
      case 'retention':
        this.#ingest?.setRetention(message.days)
        return
      case 'erase':
        this.#ingest?.erase(message.id, message.erased)
        return
      case 'ask':
        this.#desk.ask(message.id, message.ask)
        return
      case 'tls':
        this.#broker.setTls(message.tls)
        return
      case 'carried':
        this.#ingest?.takeCarried(message.device, message.payload, (batch) => this.#send({ type: 'carried', id: message.id, ...batch }))
        return
      case 'publish':
        if (this.#isHeldBack(message.topic, message.payload)) {
          this.#send({ type: 'published', id: message.id, problem: null })
          return
        }
        this.#broker.publish(message.topic, message.payload, { qos: message.qos, retain: message.retain }).then(
          () => this.#send({ type: 'published', id: message.id, problem: null }),
          (error: unknown) => this.#send({ type: 'published', id: message.id, problem: reportOf(error) }),
        )
        return
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    this.#desk.stop()
    await this.#transfers?.stop()
    await this.#ingest?.stop()
    this.#reportIngest.flush()
    this.#reportTransfers.flush()
    this.#reportIngest.stop()
    this.#reportTransfers.stop()
    this.#refusals.flush()
    await this.#forward.flush()
    await this.#broker.stop()
  }

  #updateDevices(upsert: HubOptions['devices'], remove: string[]): void {
    const changed = this.#access.upsert(upsert)
    for (const { device, bundles } of upsert) this.#noteAssigned(device, bundles)
    for (const device of changed) this.#broker.recheck(device)
    this.#access.remove(remove)
    for (const device of remove) {
      this.#noteAssigned(device, [])
      if (this.#broker.disconnect(device)) this.#send({ type: 'cut', device, at: this.#parts.clock.now() })
      this.#transfers?.deviceGone(device)
      this.#book.forget(device)
      this.#clones.forget(device)
      // Empty retained messages take back what the broker would tell of the device, and to it, for ever.
      this.#publishPresence(device, new Uint8Array())
      this.#clearDesired(device)
    }
  }

  #noteAssigned(device: string, bundles: readonly string[]): void {
    for (const devices of this.#assigned.values()) devices.delete(device)
    for (const bundle of bundles) {
      const devices = this.#assigned.get(bundle) ?? new Set()
      this.#assigned.set(bundle, devices.add(device))
    }
    for (const [bundle, devices] of this.#assigned) if (devices.size === 0) this.#assigned.delete(bundle)
  }

  #audience(bundle: string): number {
    let online = 0
    for (const device of this.#assigned.get(bundle) ?? []) if (this.#book.isOnline(device)) online += 1
    return online
  }

  #onMessage(topic: string, payload: Uint8Array): void {
    if (this.#isStopping || payload.length === 0) return
    const parsed = parseTopic(this.#parts.options.fleet, topic)
    if (parsed === null) return
    const device = parsed.parameters['device'] ?? ''
    // Behind an external broker anybody who may publish there can name a device that was never enrolled, or was removed.
    if (parsed.name !== 'enrolRequest' && !this.#access.knows(device)) return
    // What a device in quarantine says is not acknowledged: its spool keeps the records until it is released.
    // Its certificate may end meanwhile, so it may ask for the next one.
    const isAlways = parsed.name === 'presence' || parsed.name === 'certificateRequest'
    if (!isAlways && this.#access.isQuarantined(device)) return
    switch (parsed.name) {
      case 'telemetry':
        this.#ingest?.take(device, payload)
        return
      case 'blockWant':
        this.#want(device, payload)
        return
      case 'presence':
        this.#onPresence(device, textOf(payload))
        return
      case 'reported':
        this.#forwardMessage('reported', device, textOf(payload))
        return
      case 'inferResult':
        this.#desk.result({ device, deployment: parsed.parameters['deployment'] ?? '' }, payload)
        return
      case 'certificateRequest':
        this.#forwardMessage('certificateRequest', device, textOf(payload))
        return
      case 'enrolRequest':
        if (payload.length <= accessLimits.enrolmentBytes)
          this.#forwardMessage('enrolRequest', parsed.parameters['request'] ?? '', textOf(payload))
        return
      case 'trustWant':
        this.#forwardMessage('trustWant', device, textOf(payload))
        return
      // These the console sends itself.
      case 'trustTimestamp':
      case 'trustAnswer':
      case 'desired':
      case 'halt':
      case 'checkpoint':
      case 'telemetryAck':
      case 'infer':
      case 'deviceBlock':
      case 'sharedBlock':
      case 'enrolResult':
      case 'certificateResult':
        return
    }
  }

  #onAdmitted(device: string, by: string): void {
    // A serial number has 32 digits, the hash of a secret 64.
    if (by.length < 64) this.#send({ type: 'certificateUsed', device, serial: by, at: this.#parts.clock.now() })
  }

  #noteClone(device: string, why: string | null): void {
    if (why === null) return
    this.#parts.log('warn', 'two machines seem to use one identity', { device, why })
    this.#send({ type: 'clone', device, why, at: this.#parts.clock.now() })
  }

  /**
   * True for what is meant for a device in quarantine, which is told of certificates only, and everything when it is released; and for one that was
   * revoked or removed: an external broker may have it still, and what is retained there is taken back by an empty message.
   */
  #isHeldBack(topic: string, payload: Uint8Array): boolean {
    const parsed = parseTopic(this.#parts.options.fleet, topic)
    const device = parsed?.parameters['device']
    if (parsed === null || device === undefined) return false
    if (!this.#access.knows(device)) return payload.length > 0
    return parsed.name !== 'certificateResult' && this.#access.isQuarantined(device)
  }

  #onPresence(device: string, json: string): void {
    if (this.#book.note(device, json)) this.#transfers?.deviceGone(device)
    const boot = this.#book.bootOf(device)
    if (boot !== null && this.#book.isOnline(device)) this.#noteClone(device, this.#clones.noteBoot(device, boot))
    this.#forwardMessage('presence', device, json)
  }

  #forwardMessage(name: ForwardedMessage['name'], sender: string, json: string): void {
    const isTaken = this.#forward.add({ name, sender, json, receivedAt: this.#parts.clock.now() })
    if (!isTaken) this.#parts.log('warn', 'the core is too slow; a message was dropped and will be sent again', { name, sender })
  }

  #want(device: string, payload: Uint8Array): void {
    try {
      const message = decodeMessage(blockWantMessage, textOf(payload), 'block request')
      if (message.device !== device) throw new Problem('message.malformed', `${device} asked for blocks in the name of ${message.device}.`)
      this.#transfers?.want(device, message)
    } catch (error) {
      this.#parts.log('warn', 'a request for blocks was refused', { device, reason: messageOf(error) })
    }
  }

  /** The connection ended. If the device did not say so itself, by a note or its last will, the hub does. */
  #onDeviceGone(device: string): void {
    this.#transfers?.deviceGone(device)
    const note = this.#book.offlineNote(device, this.#parts.clock.now())
    if (note !== null) this.#publishPresence(device, Buffer.from(JSON.stringify(note)))
  }

  #publishPresence(device: string, payload: Uint8Array): void {
    const { qos, retain } = topics.presence
    this.#broker
      .publish(topicOf(this.#parts.options.fleet, 'presence', { device }), payload, { qos, retain })
      .catch((error: unknown) =>
        this.#parts.log('warn', 'the presence of a device could not be published', { device, reason: messageOf(error) }),
      )
  }

  #clearDesired(device: string): void {
    const { qos } = topics.desired
    const topic = topicOf(this.#parts.options.fleet, 'desired', { device })
    this.#broker
      .publish(topic, new Uint8Array(), { qos, retain: true })
      .catch((error: unknown) =>
        this.#parts.log('warn', 'the order of a device could not be taken back', { device, reason: messageOf(error) }),
      )
  }

  #publishAck(device: string, spool: string, through: number): Promise<void> {
    const { qos, retain } = topics.telemetryAck
    const message = { v: 1, sentAt: this.#parts.clock.now(), spool, through }
    const topic = topicOf(this.#parts.options.fleet, 'telemetryAck', { device })
    return this.#broker.publish(topic, Buffer.from(JSON.stringify(message)), { qos, retain })
  }

  #send(message: FromHub): void {
    this.#parts.send(message).catch(() => undefined)
  }
}

function textOf(payload: Uint8Array): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8')
}
