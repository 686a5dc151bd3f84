import { messageOf } from '../../../shared/domain/problem.ts'
import type { OutboxTable } from '../store/fleet/outbox.ts'

/**
 * INVARIANTS
 * 1. A row goes only after the broker has taken its message.
 * 2. Rows are published in the order of their ids, one after the other.
 * 3. One pass runs at a time; `kick` during a pass makes one more.
 */
export interface Outbox {
  /** Something was written, or the broker is back. */
  kick(): void
  stop(): Promise<void>
}

const RETRY_MS = 1000
const PAGE = 100

/** Publishes what fleet.db says must be said. Being offline delays a message, never loses it. */
export function startOutbox(options: {
  table: OutboxTable
  publish(message: { topic: string; payload: Uint8Array; qos: 0 | 1; retain: boolean }): Promise<void>
  log(level: 'warn', message: string, detail: Record<string, unknown>): void
}): Outbox {
  const { table, publish, log } = options
  let running: Promise<void> | null = null
  let again = false
  let stopped = false
  let timer: NodeJS.Timeout | null = null

  const pass = async (): Promise<void> => {
    let after = 0
    for (let rows = table.next(after, PAGE); rows.length > 0 && !stopped; rows = table.next(after, PAGE)) {
      for (const row of rows) {
        if (stopped) return
        await publish({ topic: row.topic, payload: row.payload, qos: row.qos, retain: row.retain === 1 })
        table.remove(row.id)
        after = row.id
      }
    }
  }

  const kick = (): void => {
    if (stopped) return
    if (running !== null) {
      again = true
      return
    }
    if (timer !== null) clearTimeout(timer)
    timer = null
    running = pass()
      .catch((error: unknown) => {
        if (stopped) return
        log('warn', 'messages wait in the outbox', { reason: messageOf(error) })
        timer = setTimeout(kick, RETRY_MS)
      })
      .finally(() => {
        running = null
        if (!again) return
        again = false
        kick()
      })
  }

  return {
    kick,
    async stop() {
      stopped = true
      if (timer !== null) clearTimeout(timer)
      await running
    },
  }
}
