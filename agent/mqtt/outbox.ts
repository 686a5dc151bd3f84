import type { Clock } from '../../shared/domain/clock.ts'

/** Says the reported state: only the latest counts, so a change replaces what was not said yet. */
export interface ReportOutbox {
  /** Something changed; the report is made when it is sent. */
  changed(): void
  /** Connected (the report is sent at once) or no longer. */
  connected(isConnected: boolean): void
  stop(): void
}

interface OutboxOptions {
  clock: Clock
  /** Makes the report of now. */
  report(): string
  send(json: string): Promise<void>
}

/** At most two reports a second: progress of a transfer changes with each block. */
const SPACING_MS = 500
const RETRY_MS = 5000

/** Starts the outbox of the reported state. */
export function startReportOutbox(options: OutboxOptions): ReportOutbox {
  let isConnected = false
  let isDue = true
  let lastAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | null = null

  const disarm = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
  }
  const arm = (delayMs: number): void => {
    timer ??= setTimeout(() => {
      timer = null
      flush()
    }, delayMs)
  }
  const flush = (): void => {
    if (!isConnected || !isDue || timer !== null) return
    const waitMs = lastAt + SPACING_MS - options.clock.monotonic()
    if (waitMs > 0) return arm(waitMs)
    isDue = false
    lastAt = options.clock.monotonic()
    options.send(options.report()).catch(() => {
      // Not taken: it is still to be said, on the next connect at the latest.
      isDue = true
      if (isConnected) arm(RETRY_MS)
    })
  }
  return {
    changed() {
      isDue = true
      flush()
    },
    connected(now) {
      isConnected = now
      disarm()
      if (!now) return
      isDue = true
      lastAt = Number.NEGATIVE_INFINITY
      flush()
    },
    stop() {
      isConnected = false
      disarm()
    },
  }
}
