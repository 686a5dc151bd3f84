import { Worker } from 'node:worker_threads'
import type { Clock } from '../../../shared/domain/clock.ts'
import type { Retention } from '../../../shared/domain/retention.ts'
import { messageOf, Problem, problemFrom } from '../../../shared/domain/problem.ts'
import type { IngestCounters } from '../hub/messages.ts'
import type { Log } from '../log.ts'
import { BALLAST_BYTES } from './ballast.ts'
import type { ErasedSubjects } from '../privacy/erase-rows.ts'
import type { CarriedBatch, Committed, ErasureAnswer, FromWriter, ToWriter } from './messages.ts'
import type { WriterThreadData } from './writer-thread.ts'

/** What waits for the writer at most. A batch has up to 128 KiB; what does not fit is dropped unacknowledged, and its device sends it again. */
const WAITING = { batches: 4096, bytes: 64 * 1024 * 1024 } as const

export interface IngestOptions {
  file: string
  clock: Clock
  log: Log
  /** Publishes the ack of a spool; called only after the commit. A failure is harmless: the device sends again and is answered again. */
  publishAck(device: string, spool: string, through: number): Promise<void>
  /** What became of an erasure. */
  onErased?(id: number, answer: ErasureAnswer): void
  /** The counters changed. */
  onChange(): void
  /** The writer thread is gone; the hub cannot go on. */
  onFatal(problem: Problem): void
  ballastBytes?: number
  /** Days that telemetry is kept; what is left out is kept as usual. */
  retention?: Partial<Retention>
}

/** The way of telemetry from the broker into telemetry.db. */
export interface Ingest {
  /** Takes a telemetry message of the device that its topic names. */
  take(device: string, payload: Uint8Array): void
  /** Takes a batch that a person carried here; told what became of it once that is committed. */
  takeCarried(device: string, payload: Uint8Array, settled: (batch: Omit<CarriedBatch, 'carried'>) => void): void
  counters(): IngestCounters
  /** What is older is taken away from now on. */
  setRetention(days: Partial<Retention>): void
  /** Takes people out of the store; `onErased` is told. */
  erase(id: number, subjects: ErasedSubjects): void
  /** Resolves when what was taken is committed and its acks are published. */
  stop(): Promise<void>
}

/**
 * Starts the writer thread and resolves when telemetry.db is open.
 *
 * INVARIANTS
 * 1. An ack is published only for what `committed` names: never before the commit.
 * 2. What waits is bounded in batches and bytes, whatever devices send and however slow the disk is.
 * 3. Payloads are copied once and then move to the thread: the broker's buffers are never shared with it.
 * @throws Problem of the store: `store.corrupt`, `store.newer`, `store.disk-full`, `data-directory.read-only`, …
 */
export async function startIngest(options: IngestOptions): Promise<Ingest> {
  const entry = import.meta.filename.endsWith('.ts') ? './writer-thread.ts' : './ingest-writer.mjs'
  const data: WriterThreadData = {
    file: options.file,
    ballastBytes: options.ballastBytes ?? BALLAST_BYTES,
    retention: options.retention ?? {},
  }
  const worker = new Worker(new URL(entry, import.meta.url), { workerData: data })
  const ingest = new ThreadIngest(options, worker)
  await ingest.ready
  return ingest
}

class ThreadIngest implements Ingest {
  readonly ready: Promise<void>
  readonly #options: IngestOptions
  readonly #worker: Worker
  readonly #counters: IngestCounters = { batches: 0, records: 0, duplicates: 0, quarantined: 0, refused: 0, pending: 0, problem: null }
  readonly #sizes: number[] = []
  readonly #acks = new Set<Promise<void>>()
  readonly #carried = new Map<number, (batch: Omit<CarriedBatch, 'carried'>) => void>()
  #nextCarried = 0
  #waitingBytes = 0
  #dropped = 0
  #stopped: (() => void) | null = null

  constructor(options: IngestOptions, worker: Worker) {
    this.#options = options
    this.#worker = worker
    this.ready = new Promise((resolve, reject) => {
      worker.on('message', (message: FromWriter) => {
        if (message.type === 'ready') resolve()
        else if (message.type === 'failed') reject(problemFrom(message.problem))
        else this.#receive(message)
      })
      worker.once('error', (error) => {
        const problem = new Problem('internal', `The telemetry writer ended: ${messageOf(error)}`, { cause: error })
        reject(problem)
        options.onFatal(problem)
      })
    })
  }

  take(device: string, payload: Uint8Array): void {
    if (this.#stopped === null) this.#queue(device, payload)
  }

  takeCarried(device: string, payload: Uint8Array, settled: (batch: Omit<CarriedBatch, 'carried'>) => void): void {
    if (this.#stopped !== null) return
    const carried = (this.#nextCarried += 1)
    this.#carried.set(carried, settled)
    if (this.#queue(device, payload, carried)) return
    this.#carried.delete(carried)
    settled({ settled: null, problem: new Problem('store.io-error', 'Too much telemetry waits for the disk.').toReport() })
  }

  /** @returns false: there is no room, it was dropped */
  #queue(device: string, payload: Uint8Array, carried?: number): boolean {
    if (this.#sizes.length >= WAITING.batches || this.#waitingBytes + payload.length > WAITING.bytes) {
      this.#drop(device)
      return false
    }
    // A copy of its own: a clone of a view would carry the whole buffer that the socket read.
    const copy = new Uint8Array(payload)
    this.#sizes.push(copy.length)
    this.#waitingBytes += copy.length
    this.#counters.pending = this.#sizes.length
    const batch = { type: 'batch' as const, device, payload: copy, receivedAt: this.#options.clock.now() }
    this.#post(carried === undefined ? batch : { ...batch, carried }, [copy.buffer])
    return true
  }

  counters(): IngestCounters {
    return { ...this.#counters }
  }

  setRetention(days: Partial<Retention>): void {
    if (this.#stopped === null) this.#post({ type: 'retention', days })
  }

  erase(id: number, { subjects, predictions }: ErasedSubjects): void {
    if (this.#stopped === null) this.#post({ type: 'erase', id, subjects, predictions })
  }

  async stop(): Promise<void> {
    if (this.#stopped !== null) return
    const stopped = new Promise<void>((resolve) => {
      this.#stopped = resolve
      this.#worker.once('exit', () => resolve())
    })
    this.#post({ type: 'stop' })
    await stopped
    await Promise.allSettled(this.#acks)
  }

  #post(message: ToWriter, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer)
  }

  #drop(device: string): void {
    this.#dropped += 1
    this.#post({ type: 'dropped', device })
    // Once per thousand: an overload must not become a flood of log lines.
    if (this.#dropped % 1000 === 1) {
      this.#options.log('warn', 'telemetry waits for the disk; batches are dropped and will be sent again', { dropped: this.#dropped })
    }
  }

  #receive(message: Exclude<FromWriter, { type: 'ready' | 'failed' }>): void {
    switch (message.type) {
      case 'committed':
        this.#settle(message)
        return
      case 'problem':
        this.#counters.problem = message.problem
        this.#options.onChange()
        if (message.problem === null) this.#options.log('info', 'telemetry is stored again')
        else this.#options.log('error', 'telemetry cannot be stored', { ...message.problem })
        return
      case 'erased':
        this.#options.onErased?.(message.id, message.answer)
        return
      case 'stopped':
        this.#stopped?.()
        return
    }
  }

  #settle(committed: Committed): void {
    for (const size of this.#sizes.splice(0, committed.batches)) this.#waitingBytes -= size
    const counters = this.#counters
    counters.batches += committed.batches
    counters.records += committed.records
    counters.duplicates += committed.duplicates
    counters.quarantined += committed.quarantined
    counters.refused += committed.refused.length
    counters.pending = this.#sizes.length
    for (const { device, code, message } of committed.refused)
      this.#options.log('warn', 'telemetry was refused', { device, code, reason: message })
    for (const { carried, settled, problem } of committed.carried ?? []) {
      this.#carried.get(carried)?.({ settled, problem })
      this.#carried.delete(carried)
    }
    for (const { device, spool, through } of committed.acks) this.#acknowledge(device, spool, through)
    this.#options.onChange()
  }

  #acknowledge(device: string, spool: string, through: number): void {
    const sent: Promise<void> = this.#options
      .publishAck(device, spool, through)
      .catch((error: unknown) =>
        this.#options.log('warn', 'an ack was not sent; the device will ask again', { device, reason: messageOf(error) }),
      )
      .finally(() => this.#acks.delete(sent))
    this.#acks.add(sent)
  }
}
