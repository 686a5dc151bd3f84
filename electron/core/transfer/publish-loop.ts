import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../../shared/domain/clock.ts'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { topicOf } from '../../../shared/protocol/topics.ts'
import { STALLED_AFTER_MS } from './member.ts'
import type { Step } from './session.ts'
import type { TokenBucket } from './token-bucket.ts'
import type { Transfer } from './transfer.ts'

/** Above this many bytes in the broker for the devices of a transfer, it waits for them. */
const BACKLOG_BYTES = 4 * 1024 * 1024
/** Devices that take nothing any more get no shared blocks once this much waits for them: the broker's memory is bounded. */
const STALLED_BACKLOG_BYTES = 32 * 1024 * 1024
/** How often a backlog is looked at again, ms. */
const BACKLOG_POLL_MS = 4
/** Publishes that the broker has not yet taken, at most. */
const OUTSTANDING = 8

interface PublishLoopOptions {
  fleet: string
  publish(topic: string, payload: Uint8Array): Promise<void>
  backlogBytes(devices: readonly string[]): number
  clock: Clock
  bucket: TokenBucket
  /** The transfers under way; the owner adds and removes them. */
  transfers: readonly Transfer[]
  onSent(): void
  /** The last devices of a transfer fell silent. */
  onOver(): void
  /** The file of a transfer cannot be read. */
  onFailed(transfer: Transfer, problem: Problem): void
}

/**
 * The one loop that publishes blocks, over all transfers in turn.
 *
 * INVARIANTS
 * 1. A step is planned only when it can be published at once: cap and backlog are asked before, so that time in the plan is time on the wire.
 * 2. After each block the event loop gets a turn: telemetry and acknowledgements go first.
 * 3. A device that takes nothing holds the loop for `STALLED_AFTER_MS` at most, whatever the broker's promise does.
 * 4. `wake()` is never lost: one that comes while the loop works makes the next sleep end at once.
 */
export function startPublishLoop(options: PublishLoopOptions): { wake(): void; stop(): Promise<void> } {
  const { clock, bucket, transfers } = options
  const alarm = alarmClock()
  const outstanding = new Set<Promise<void>>()
  let turnOf = 0
  let isStopped = false
  /** Ends the present wait for the broker. */
  let hurry = (): void => undefined

  async function run(): Promise<void> {
    while (!isStopped) {
      const waitMs = bucket.waitMs(clock.monotonic())
      const found = waitMs > 0 ? waitMs : pick()
      if (typeof found === 'number') await alarm.sleep(found)
      else {
        await send(found.transfer, found.step)
        await turn()
      }
    }
  }

  /** The next step of the transfer whose turn it is, or ms to sleep. */
  function pick(): { transfer: Transfer; step: Extract<Step, { do: 'send' }> } | number {
    let sleepMs = Number.POSITIVE_INFINITY
    for (let tried = 0; tried < transfers.length; tried += 1) {
      turnOf = (turnOf + 1) % transfers.length
      const transfer = transfers[turnOf]!
      const now = clock.monotonic()
      const { moving, stalled } = transfer.session.receivers(now)
      if (moving.length > 0 && options.backlogBytes(moving) > BACKLOG_BYTES) {
        sleepMs = Math.min(sleepMs, BACKLOG_POLL_MS)
        continue
      }
      const isAlone = transfers.every((other) => other === transfer || other.layout.artifact !== transfer.layout.artifact)
      const step = transfer.session.next(now, isAlone && (stalled.length === 0 || options.backlogBytes(stalled) <= STALLED_BACKLOG_BYTES))
      if (step.do === 'send') return { transfer, step }
      if (transfer.session.isOver(now)) {
        options.onOver()
        return 0
      }
      if (step.until !== null) sleepMs = Math.min(sleepMs, Math.max(1, step.until - now))
    }
    return sleepMs
  }

  async function send(transfer: Transfer, step: Extract<Step, { do: 'send' }>): Promise<void> {
    let payload: Uint8Array
    try {
      payload = await transfer.read(step.block)
    } catch (error) {
      options.onFailed(transfer, readProblem(transfer, error))
      return
    }
    const { artifact } = transfer.layout
    const block = String(step.block)
    const topics = step.shared
      ? [topicOf(options.fleet, 'sharedBlock', { artifact, block })]
      : step.devices.map((device) => topicOf(options.fleet, 'deviceBlock', { device, artifact, block }))
    for (const topic of topics) {
      bucket.pay(payload.length)
      transfer.countPublished(payload.length, step.shared)
      await hand(transfer, topic, payload)
    }
    options.onSent()
  }

  /** Publishes, and waits while too much is outstanding. A refused publish is a lost block: its devices ask again. */
  async function hand(transfer: Transfer, topic: string, payload: Uint8Array): Promise<void> {
    const taken = Promise.resolve()
      .then(() => options.publish(topic, payload))
      .catch(() => undefined)
    if (transfer.session.receivers(clock.monotonic()).stalled.length > 0) return
    const done = taken.finally(() => outstanding.delete(done))
    outstanding.add(done)
    if (outstanding.size < OUTSTANDING || isStopped) return
    let isOver = false
    const patience = new Promise<void>((resolve) => {
      hurry = () => {
        isOver = true
        resolve()
      }
    })
    const timer = setTimeout(hurry, STALLED_AFTER_MS)
    await Promise.race([...outstanding, patience])
    clearTimeout(timer)
    if (isOver) outstanding.clear()
  }

  const running = run()
  return {
    wake: alarm.ring,
    async stop() {
      isStopped = true
      hurry()
      alarm.ring()
      await running
    },
  }
}

function readProblem(transfer: Transfer, error: unknown): Problem {
  if (error instanceof Problem) return error
  const { artifact } = transfer.layout
  return new Problem('transfer.corrupt', `The console cannot read artifact ${artifact}: ${messageOf(error)}`, { cause: error })
}

/** A sleep that `ring` ends early; a ring while nobody sleeps ends the next sleep. */
function alarmClock(): { sleep(ms: number): Promise<void>; ring(): void } {
  let isRung = false
  let end: (() => void) | null = null
  return {
    async sleep(ms) {
      if (!isRung) {
        await new Promise<void>((resolve) => {
          const handle = Number.isFinite(ms) ? setTimeout(resolve, Math.min(ms, 60_000)) : null
          end = () => {
            if (handle !== null) clearTimeout(handle)
            resolve()
          }
        })
        end = null
      }
      isRung = false
    },
    ring() {
      isRung = true
      end?.()
    },
  }
}
