import type { Clock } from '../../../shared/domain/clock.ts'
import type { Log } from '../log.ts'

/** Lines per span that go through: whoever can make us refuse something must not be able to fill the disk with it. */
const LIMIT = { lines: 50, ms: 10_000 } as const

/** Lets warnings through up to the limit and counts the rest; errors and infos always go through. */
export function limitLog(log: Log, clock: Clock): Log {
  let spanStart = Number.NEGATIVE_INFINITY
  let lines = 0
  let suppressed = 0
  return (level, message, detail) => {
    if (level !== 'warn') {
      log(level, message, detail)
      return
    }
    const now = clock.monotonic()
    if (now - spanStart >= LIMIT.ms) {
      if (suppressed > 0) log('warn', 'further warnings were left out', { count: suppressed })
      spanStart = now
      lines = 0
      suppressed = 0
    }
    lines += 1
    if (lines <= LIMIT.lines) log(level, message, detail)
    else suppressed += 1
  }
}
