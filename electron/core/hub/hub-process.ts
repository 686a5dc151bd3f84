import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Retention } from '../../../shared/domain/retention.ts'
import { Problem, problemFrom, reportOf, type ProblemReport } from '../../../shared/domain/problem.ts'
import type { ErasureAnswer } from '../ingest/messages.ts'
import type { ErasedSubjects } from '../privacy/erase-rows.ts'
import type { CarriedBatch } from '../ingest/messages.ts'
import { nodeBinary } from '../node-binary.ts'
import type { HubProcessOptions } from './hub-process-options.ts'
import { noCounters, sumCounters } from './ingest-counters.ts'
import type { FromHub, HubDevice, HubTls, InferenceAnswer, InferenceAsk, IngestCounters, ToHub, TransferSnapshot } from './messages.ts'

/** How a batch was stored: how far its spool is settled, and how many records were new. */
export type StoredBatch = NonNullable<CarriedBatch['settled']>

/**
 * INVARIANTS
 * 1. At most one hub process lives at a time; a new one is forked only after the old one is gone.
 * 2. Options are made anew from fleet.db at every start of the hub, so nothing is lost with a crashed one.
 * 3. A publish or an ask that was not answered when the hub died is rejected; the outbox row of a publish stays and is sent again.
 * 4. Wanted restarts run one after the other. Each ends the hub in order (what it received is committed and acknowledged), then starts one
 *    with fresh options. One that cannot start with them stays down, with its problem, until the next restart: new settings may help, time does not.
 * 5. After `stop` nothing is forked.
 */
export interface HubProcess {
  /** Resolves when the first hub serves; rejects if it cannot (a port in use, a store that cannot be opened). */
  readonly ready: Promise<void>
  /** Where the broker listens; empty while that is not known. */
  readonly url: string
  /** Where agents on this machine reach the broker; empty while that is not known. */
  readonly localUrl: string
  readonly pid: number | null
  readonly restarts: number
  readonly broker: { state: 'starting' | 'running' | 'unreachable' | 'stopped'; problem: ProblemReport | null }
  readonly counters: IngestCounters
  readonly transfers: TransferSnapshot[]
  /** Resident memory of the process; null before it has told. */
  readonly memoryBytes: number | null
  /** Resolves when the broker has taken the message. */
  publish(message: { topic: string; payload: Uint8Array; qos: 0 | 1; retain: boolean }): Promise<void>
  /** Asks a device for an inference. @throws Problem `agent.unreachable`, `broker.unreachable`, `inference.overloaded`, `input.too-large` */
  ask(ask: InferenceAsk): Promise<InferenceAnswer>
  /** Takes people out of the telemetry, for ever. @throws Problem `broker.unreachable`, `store.*` */
  erase(erased: ErasedSubjects): Promise<Exclude<ErasureAnswer, ProblemReport>>
  /** Stores telemetry that a person carried here; resolves when it is committed. @throws Problem `message.*`, `store.*`, `broker.unreachable` */
  storeCarried(device: string, payload: Uint8Array): Promise<StoredBatch>
  updateDevices(upsert: HubDevice[], remove: string[]): void
  updateEnrolmentCodes(codes: string[]): void
  setLimit(bytesPerSecond: number | null): void
  /** Shows another certificate to those who connect from now on. */
  setTls(tls: HubTls): void
  setRetention(days: Partial<Retention>): void
  /** Ends the hub in order and starts one with fresh options. Rejects if that one cannot serve. */
  restart(): Promise<void>
  stop(): Promise<void>
}

const RESTART_DELAY_MS = 250
const STOP_GRACE_MS = 5000

/** Starts the hub and keeps it alive once it has served. No callback comes before this returns. */
export function startHubProcess(options: HubProcessOptions): HubProcess {
  return new HubKeeper(options)
}

class HubKeeper implements HubProcess {
  url = ''
  localUrl = ''
  restarts = 0
  broker: HubProcess['broker'] = { state: 'starting', problem: null }
  counters = noCounters
  transfers: TransferSnapshot[] = []
  memoryBytes: number | null = null
  readonly #options: HubProcessOptions
  readonly #waiting = new Map<number, { resolve: () => void; reject: (problem: Problem) => void }>()
  readonly #asked = new Map<number, { resolve: (answer: InferenceAnswer) => void; reject: (problem: Problem) => void }>()
  readonly #carried = new Map<number, { resolve: (stored: StoredBatch) => void; reject: (problem: Problem) => void }>()
  readonly #erasing = new Map<number, (answer: ErasureAnswer) => void>()
  #base = noCounters
  #child: ChildProcess | null = null
  #nextId = 1
  #stopping = false
  /** The end of the last wanted restart, and how many are not through. */
  #turn: Promise<void> = Promise.resolve()
  #wantedRestarts = 0
  /** The hub that is there was told to end: how its broker does is of no interest any more. */
  #isEnding = false
  #restartTimer: NodeJS.Timeout | null = null

  readonly ready: Promise<void>

  constructor(options: HubProcessOptions) {
    this.#options = options
    this.ready = this.#launch()
  }

  get pid(): number | null {
    return this.#child?.pid ?? null
  }

  async #launch(): Promise<void> {
    if (this.broker.state === 'stopped') this.broker = { state: 'starting', problem: this.broker.problem }
    const entry = import.meta.filename.endsWith('.ts') ? './main.ts' : './hub.mjs'
    const child = fork(fileURLToPath(new URL(entry, import.meta.url)), [], {
      execPath: nodeBinary(),
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: process.execArgv.filter((argument) => !argument.startsWith('--inspect')),
    })
    this.#child = child
    this.#isEnding = false
    const started = new Promise<void>((resolve, reject) => {
      child.on('message', (message: FromHub) => {
        if (message.type === 'started') resolve()
        if (message.type === 'failed') reject(problemFrom(message.problem))
        this.#receive(message)
      })
      child.on('error', (error) => reject(new Problem('internal', `The hub could not be started: ${error.message}`)))
      child.once('exit', (code, signal) => {
        reject(new Problem('internal', `The hub ended at its start (${signal ?? `exit ${String(code)}`}).`))
        this.#gone(child, signal ?? `exit ${String(code)}`)
      })
    })
    this.#send({ type: 'start', options: this.#options.options() })
    await started
  }

  publish(message: { topic: string; payload: Uint8Array; qos: 0 | 1; retain: boolean }): Promise<void> {
    const id = this.#nextId
    this.#nextId += 1
    return new Promise((resolve, reject) => {
      if (this.#child === null) {
        reject(new Problem('broker.unreachable', 'The hub is restarting.'))
        return
      }
      this.#waiting.set(id, { resolve, reject })
      this.#send({ type: 'publish', id, ...message })
    })
  }

  ask(ask: InferenceAsk): Promise<InferenceAnswer> {
    const id = this.#nextId
    this.#nextId += 1
    return new Promise((resolve, reject) => {
      if (this.#child === null) {
        reject(new Problem('broker.unreachable', 'The hub is restarting.'))
        return
      }
      this.#asked.set(id, { resolve, reject })
      this.#send({ type: 'ask', id, ask })
    })
  }

  erase(erased: ErasedSubjects): Promise<Exclude<ErasureAnswer, ProblemReport>> {
    const id = this.#nextId
    this.#nextId += 1
    return new Promise((resolve, reject) => {
      if (this.#child === null || this.url === '') {
        reject(new Problem('broker.unreachable', 'The hub does not run.'))
        return
      }
      this.#erasing.set(id, (answer) => ('code' in answer ? reject(problemFrom(answer)) : resolve(answer)))
      this.#send({ type: 'erase', id, erased })
    })
  }

  storeCarried(device: string, payload: Uint8Array): Promise<StoredBatch> {
    const id = this.#nextId
    this.#nextId += 1
    return new Promise((resolve, reject) => {
      if (this.#child === null) {
        reject(new Problem('broker.unreachable', 'The hub is restarting.'))
        return
      }
      this.#carried.set(id, { resolve, reject })
      this.#send({ type: 'carried', id, device, payload })
    })
  }

  updateDevices(upsert: HubDevice[], remove: string[]): void {
    this.#send({ type: 'devices', upsert, remove })
  }

  updateEnrolmentCodes(codes: string[]): void {
    this.#send({ type: 'enrolmentCodes', codes })
  }

  setLimit(bytesPerSecond: number | null): void {
    this.#send({ type: 'limit', bytesPerSecond })
  }

  setTls(tls: HubTls): void {
    this.#send({ type: 'tls', tls })
  }

  setRetention(days: Partial<Retention>): void {
    this.#send({ type: 'retention', days })
  }

  restart(): Promise<void> {
    if (this.#stopping) return Promise.resolve()
    this.#wantedRestarts += 1
    this.url = ''
    this.localUrl = ''
    this.broker = { state: 'starting', problem: null }
    const done = this.#turn.then(() => this.#startAnew()).finally(() => void (this.#wantedRestarts -= 1))
    this.#turn = done.catch(() => undefined)
    return done
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await this.#end()
    await this.#turn
    this.broker = { state: 'stopped', problem: this.broker.problem }
  }

  async #startAnew(): Promise<void> {
    await this.#end()
    if (this.#stopping) return
    // Also after a restart that failed before this one.
    this.broker = { state: 'starting', problem: null }
    this.#options.onBroker()
    try {
      await this.#options.prepare?.()
      await this.#launch()
    } catch (error) {
      await this.#end()
      if (!this.#stopping) this.broker = { state: 'stopped', problem: reportOf(error) }
      throw error
    } finally {
      this.#options.onBroker()
    }
  }

  async #end(): Promise<void> {
    if (this.#restartTimer !== null) clearTimeout(this.#restartTimer)
    this.#restartTimer = null
    const child = this.#child
    if (child === null) return
    this.#isEnding = true
    const exited = once(child, 'exit')
    this.#send({ type: 'stop' })
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS)
    await exited
    clearTimeout(killer)
  }

  #send(message: ToHub): void {
    if (this.#child?.connected === true) this.#child.send(message, () => undefined)
  }

  #receive(message: FromHub): void {
    switch (message.type) {
      case 'started':
        this.url = message.url
        this.localUrl = message.localUrl
        if (this.broker.state === 'starting') this.broker = { state: 'running', problem: null }
        this.#options.onReady()
        return
      case 'failed':
        this.broker = { state: 'stopped', problem: message.problem }
        return
      case 'broker':
        if (this.#isEnding) return
        this.broker = { state: message.state, problem: message.problem }
        this.#options.onBroker()
        return
      case 'messages':
        this.#options.onMessages(message.messages)
        return
      case 'published':
        this.#answer(message.id, message.problem)
        return
      case 'answered':
        this.#answerAsk(message.id, message.answer)
        return
      case 'carried':
        this.#settleCarried(message)
        return
      case 'erased':
        this.#erasing.get(message.id)?.(message.answer)
        this.#erasing.delete(message.id)
        return
      case 'refusals':
        this.#options.onRefusals(message.refusals)
        return
      case 'clone':
        this.#options.onClone(message)
        return
      case 'cut':
        this.#options.onCut(message)
        return
      case 'certificateUsed':
        this.#options.onCertificateUsed(message)
        return
      case 'ingest':
        this.counters = sumCounters(this.#base, message.counters)
        this.#options.onIngest()
        return
      case 'transfers':
        this.transfers = message.transfers
        this.#options.onTransfers()
        return
      case 'memory':
        this.memoryBytes = message.residentBytes
        return
      case 'stopped':
        return
    }
  }

  #answer(id: number, problem: ProblemReport | null): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (problem === null) waiting?.resolve()
    else waiting?.reject(problemFrom(problem))
  }

  #settleCarried({ id, settled, problem }: Extract<FromHub, { type: 'carried' }>): void {
    const carried = this.#carried.get(id)
    this.#carried.delete(id)
    if (settled !== null) carried?.resolve(settled)
    else carried?.reject(problemFrom(problem ?? new Problem('internal', 'A carried batch was not stored.').toReport()))
  }

  #answerAsk(id: number, answer: InferenceAnswer | ProblemReport): void {
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    if ('code' in answer) asked?.reject(problemFrom(answer))
    else asked?.resolve(answer)
  }

  #gone(child: ChildProcess, reason: string): void {
    if (this.#child !== child) return
    const wasServing = this.broker.state !== 'starting' && this.broker.state !== 'stopped'
    this.#child = null
    this.memoryBytes = null
    this.#base = this.counters
    // One that said why it cannot serve has stopped, until somebody starts another.
    const hasFailed = this.broker.state === 'stopped'
    this.broker = { state: this.#isHeld() || hasFailed ? 'stopped' : 'starting', problem: this.broker.problem }
    for (const [id] of this.#waiting)
      this.#answer(id, { code: 'broker.unreachable', message: 'The hub went away before the message was taken.' })
    for (const [id] of this.#asked)
      this.#answerAsk(id, { code: 'broker.unreachable', message: 'The hub went away before the device answered.' })
    for (const answer of this.#erasing.values()) answer({ code: 'broker.unreachable', message: 'The hub went away before the erasure.' })
    this.#erasing.clear()
    for (const { reject } of this.#carried.values())
      reject(new Problem('broker.unreachable', 'The hub went away before the records were stored.'))
    this.#carried.clear()
    if (this.#isHeld() || !wasServing) return
    this.#options.log('error', 'the hub went away and is started again', { reason })
    this.#options.onBroker()
    this.#scheduleRestart()
  }

  /** True while somebody else than a crash decides about the next hub. */
  #isHeld(): boolean {
    return this.#stopping || this.#wantedRestarts > 0
  }

  #scheduleRestart(): void {
    this.restarts += 1
    this.#restartTimer = setTimeout(() => {
      this.#launch().catch((error: unknown) => {
        this.#options.log('error', 'the hub does not start', { reason: error instanceof Error ? error.message : String(error) })
        if (!this.#isHeld()) this.#scheduleRestart()
      })
    }, RESTART_DELAY_MS)
  }
}
