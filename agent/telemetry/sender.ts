import type { Clock } from '../../shared/domain/clock.ts'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import { WIRE_VERSION } from '../../shared/protocol/message.ts'
import type { TelemetryAckMessage } from '../../shared/protocol/telemetry.ts'
import type { Log } from '../log.ts'
import type { Spool, SpoolBatch } from './spool.ts'

/**
 * INVARIANTS
 * 1. Only an acknowledgement of the console deletes; that the broker took a message (PUBACK) means nothing here.
 * 2. Batches leave in order of their numbers, each beginning where the one before ended; at most four wait for an acknowledgement.
 * 3. After a reconnect or a silence, sending begins again right after what was acknowledged.
 * 4. A batch never claims numbers that this spool does not have any more. If the console lost what it had acknowledged (a restored
 *    backup), the batch behind the hole is repeated as it is, and the console declares the hole.
 */
export interface Sender {
  /** New records are in the spool. */
  wake(): void
  /** Connected and subscribed, or no longer. */
  connected(isConnected: boolean): void
  acknowledged(ack: TelemetryAckMessage): void
  /** The console was heard: what waits for it is sent again now. */
  consoleHeard(): void
  /** Sends what there is and waits until the console has it, or for so long, ms. */
  drain(withinMs: number): Promise<void>
  /** When the console last acknowledged anything, epoch ms; null: never in this run. */
  readonly lastAckAt: number | null
  stop(): void
}

interface SenderOptions {
  device: string
  spool: Spool
  clock: Clock
  /** Hands a batch to the broker; may fail at any time. */
  send(json: string): Promise<void>
  log: Log
}

const MAX_IN_FLIGHT = 4
/** Until the first acknowledgement of a connection one batch is enough to find out whether anybody listens. */
const IN_FLIGHT_UNTIL_HEARD = 1
const RESEND_MS = { first: 5000, most: 60_000 } as const
/** Records that come together leave together. */
const GATHER_MS = 100

/** Starts sending the spool whenever there is a connection. */
export function startSender(options: SenderOptions): Sender {
  return new SpoolSender(options)
}

class SpoolSender implements Sender {
  lastAckAt: number | null = null
  readonly #options: SenderOptions
  #spoolId: string
  /** Highest number sent in this round. */
  #cursor: number
  #inFlight: number[] = []
  #window: number = IN_FLIGHT_UNTIL_HEARD
  #isConnected = false
  #resendMs: number = RESEND_MS.first
  #resendTimer: NodeJS.Timeout | null = null
  #gatherTimer: NodeJS.Timeout | null = null
  #onEmpty: (() => void) | null = null

  constructor(options: SenderOptions) {
    this.#options = options
    this.#spoolId = options.spool.id
    this.#cursor = options.spool.acked
  }

  wake(): void {
    if (!this.#isConnected || this.#gatherTimer !== null) return
    this.#gatherTimer = setTimeout(() => {
      this.#gatherTimer = null
      this.#pump()
    }, GATHER_MS)
  }

  connected(isConnected: boolean): void {
    this.#isConnected = isConnected
    this.#window = IN_FLIGHT_UNTIL_HEARD
    this.#resendMs = RESEND_MS.first
    if (isConnected) this.#restartAt(this.#options.spool.acked)
    else this.#disarm()
  }

  consoleHeard(): void {
    if (!this.#isConnected || this.#inFlight.length === 0 || this.#resendMs === RESEND_MS.first) return
    this.#resendMs = RESEND_MS.first
    this.#restartAt(this.#options.spool.acked)
  }

  acknowledged(ack: TelemetryAckMessage): void {
    const { spool, clock } = this.#options
    if (ack.spool !== spool.id) return
    this.lastAckAt = clock.now()
    const known = spool.acked
    try {
      spool.acknowledge(ack.through)
    } catch (error) {
      // It stays in the spool and is acknowledged again when it is sent again.
      this.#options.log('error', 'An acknowledgement could not be applied.', { problem: error })
      return
    }
    if (spool.id !== this.#spoolId) {
      this.#restartAt(spool.acked)
      return
    }
    const before = this.#inFlight.length
    this.#inFlight = this.#inFlight.filter((through) => through > ack.through)
    if (this.#inFlight.length < before || ack.through > known) {
      this.#window = MAX_IN_FLIGHT
      this.#resendMs = RESEND_MS.first
      this.#arm()
    } else if (ack.through < known) {
      // The console lost what it had, and here it is deleted: no answer to what is in flight, which is repeated when its time comes.
      return
    }
    this.#cursor = Math.max(this.#cursor, ack.through)
    this.#pump()
    if (spool.backlog.records === 0) this.#onEmpty?.()
  }

  async drain(withinMs: number): Promise<void> {
    const { spool } = this.#options
    if (!this.#isConnected || spool.backlog.records === 0) return
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, withinMs)
      this.#onEmpty = () => {
        clearTimeout(late)
        resolve()
      }
      this.#pump()
    })
    this.#onEmpty = null
  }

  stop(): void {
    this.#isConnected = false
    this.#disarm()
  }

  #restartAt(through: number): void {
    this.#spoolId = this.#options.spool.id
    this.#cursor = through
    this.#inFlight = []
    this.#pump()
  }

  #pump(): void {
    const { spool, log } = this.#options
    try {
      while (this.#isConnected && this.#inFlight.length < this.#window) {
        const batch = spool.batch(this.#cursor)
        if (spool.id !== this.#spoolId) {
          // The file was replaced under the read: its numbers begin anew.
          this.#spoolId = spool.id
          this.#cursor = spool.acked
          this.#inFlight = []
          continue
        }
        if (batch === null) break
        spool.markSent(batch.through)
        this.#cursor = batch.through
        this.#inFlight.push(batch.through)
        this.#transmit(batch)
      }
    } catch (error) {
      log('error', 'The spool could not be read; it is tried again.', { problem: error })
      if (this.#resendTimer === null) this.#arm(true)
      return
    }
    if (this.#resendTimer === null) this.#arm()
  }

  #transmit(batch: SpoolBatch): void {
    const { device, clock, spool, send, log } = this.#options
    const json = JSON.stringify({ v: WIRE_VERSION, sentAt: clock.now(), device, spool: spool.id, ...batch })
    send(json).catch((error: unknown) => {
      // The resend timer repeats it, or the reconnect does.
      if (!(error instanceof Problem)) log('warn', 'A batch could not be handed over.', { cause: messageOf(error) })
    })
  }

  /** (Re)starts the wait for an acknowledgement; without anything in flight there is nothing to wait for. */
  #arm(isForced = false): void {
    if (this.#resendTimer !== null) clearTimeout(this.#resendTimer)
    this.#resendTimer = null
    if (!this.#isConnected || (this.#inFlight.length === 0 && !isForced)) return
    this.#resendTimer = setTimeout(() => {
      this.#resendTimer = null
      this.#resendMs = Math.min(this.#resendMs * 2, RESEND_MS.most)
      this.#window = IN_FLIGHT_UNTIL_HEARD
      this.#restartAt(this.#options.spool.acked)
    }, this.#resendMs)
  }

  #disarm(): void {
    if (this.#resendTimer !== null) clearTimeout(this.#resendTimer)
    if (this.#gatherTimer !== null) clearTimeout(this.#gatherTimer)
    this.#resendTimer = null
    this.#gatherTimer = null
    this.#inFlight = []
  }
}
