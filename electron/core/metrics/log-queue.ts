import type { Log } from '../log.ts'

/** A log entry that waits to be exported. */
export interface WaitingLog {
  at: number
  level: 'info' | 'warn' | 'error'
  message: string
  detail: Record<string, unknown>
}

/** Log entries that wait; the oldest give way. */
export interface LogQueue {
  /** A log that writes as before, and keeps what is wanted to be exported. */
  tap(log: Log): Log
  /** From which level on entries are kept; `off` forgets what waits. */
  keep(from: 'off' | WaitingLog['level']): void
  readonly waiting: number
  /** Entries that gave way. */
  readonly dropped: number
  first(most: number): readonly WaitingLog[]
  /** The first ones were sent, or given up. */
  remove(count: number): void
}

/** Half an hour of one entry per second; a megabyte or so. */
const MOST_WAITING = 2000
/** A longer text is cut: an entry is a line. */
const MOST_CHARACTERS = 4000
const levels = ['info', 'warn', 'error'] as const

/** Opens the queue; it keeps nothing until it is told to. */
export function openLogQueue(now: () => number): LogQueue {
  const queue: WaitingLog[] = []
  let from: 'off' | WaitingLog['level'] = 'off'
  let dropped = 0
  return {
    tap: (log) => (level, message, detail) => {
      log(level, message, detail)
      if (from === 'off' || levels.indexOf(level) < levels.indexOf(from)) return
      queue.push({ at: now(), level, message: message.slice(0, MOST_CHARACTERS), detail: shortened(detail ?? {}) })
      if (queue.length <= MOST_WAITING) return
      queue.shift()
      dropped += 1
    },
    keep(next) {
      from = next
      if (next === 'off') queue.length = 0
    },
    get waiting() {
      return queue.length
    },
    get dropped() {
      return dropped
    },
    first: (most) => queue.slice(0, most),
    remove: (count) => void queue.splice(0, count),
  }
}

function shortened(detail: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(detail).map(([key, value]) => [key, typeof value === 'string' ? value.slice(0, MOST_CHARACTERS) : value]),
  )
}
