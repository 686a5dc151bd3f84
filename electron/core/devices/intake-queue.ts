import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { ForwardedMessage } from '../hub/messages.ts'
import type { Log } from '../log.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { takeIn, type IntakeResult } from './intake.ts'

/** So many messages wait at most while the disk is full; devices say the newest again when they reconnect. */
const MOST_WAITING = 20_000
const RETRY_MS = 1000

/** Takes messages in, in order; while fleet.db cannot be written they wait, and are tried again. */
export function startIntake(options: { store: FleetStore; onTaken(result: IntakeResult): void; log: Log }) {
  const { store, onTaken, log } = options
  let waiting: ForwardedMessage[] = []
  let timer: NodeJS.Timeout | null = null
  let stopped = false

  const work = (): void => {
    if (waiting.length === 0 || timer !== null || stopped) return
    const batch = waiting
    waiting = []
    try {
      const result = takeIn(store, batch)
      for (const refused of result.refused) log('warn', 'a message was refused', refused)
      onTaken(result)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      log('error', 'messages of devices cannot be stored and wait', { reason: messageOf(error), waiting: batch.length })
      waiting = batch.concat(waiting).slice(-MOST_WAITING)
      timer = setTimeout(() => {
        timer = null
        work()
      }, RETRY_MS)
    }
  }
  return {
    add(messages: ForwardedMessage[]): void {
      waiting.push(...messages)
      work()
    },
    stop(): void {
      stopped = true
      if (timer !== null) clearTimeout(timer)
    },
  }
}
