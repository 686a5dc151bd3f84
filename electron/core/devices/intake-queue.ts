import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { ForwardedMessage } from '../hub/messages.ts'
import type { Log } from '../log.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { takeIn, type IntakeResult } from './intake.ts'

/** So many bytes wait at most while the disk is full; what is given up, devices say again when they reconnect. */
const MOST_WAITING_BYTES = 64 * 1024 * 1024
const RETRY_MS = 1000

/** Takes messages in, in order; while fleet.db cannot be written they wait, and are tried again. */
export function startIntake(options: { store: FleetStore; onTaken(result: IntakeResult): void; log: Log }) {
  const { store, onTaken, log } = options
  /** Oldest first. */
  const waiting = new Map<string, ForwardedMessage>()
  let waitingBytes = 0
  let taken = 0
  let timer: NodeJS.Timeout | null = null
  let stopped = false

  const give = (key: string): void => {
    waitingBytes -= waiting.get(key)?.json.length ?? 0
    waiting.delete(key)
  }
  const keep = (message: ForwardedMessage): void => {
    // A newer report replaces an older one of its device; of presence and enrolments each one counts.
    const key = message.name === 'reported' ? `reported/${message.sender}` : `${message.name}/${message.sender}/${(taken += 1)}`
    give(key)
    waiting.set(key, message)
    waitingBytes += message.json.length
    for (const oldest of waiting.keys()) {
      if (waitingBytes <= MOST_WAITING_BYTES) break
      give(oldest)
    }
  }
  const work = (): void => {
    if (waiting.size === 0 || timer !== null || stopped) return
    const batch = [...waiting.values()]
    waiting.clear()
    waitingBytes = 0
    try {
      const result = takeIn(store, batch)
      for (const refused of result.refused) log('warn', 'a message was refused', refused)
      onTaken(result)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      log('error', 'messages of devices cannot be stored and wait', { reason: messageOf(error), waiting: batch.length })
      batch.forEach(keep)
      timer = setTimeout(() => {
        timer = null
        work()
      }, RETRY_MS)
    }
  }
  return {
    add(messages: ForwardedMessage[]): void {
      messages.forEach(keep)
      work()
    },
    stop(): void {
      stopped = true
      if (timer !== null) clearTimeout(timer)
    },
  }
}
