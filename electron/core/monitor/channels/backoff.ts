const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** What waits before the second attempt, the third, and so on; the last one repeats. */
const waits = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR]
/** A notice that is a day old is news no more. */
const GIVE_UP_MS = 24 * HOUR
/** Nothing waits longer; an hour over what a receiver may ask for, because clocks are put right by seconds. */
const MOST_WAIT_MS = 25 * HOUR
/** Receivers that went down together are not all asked again in one moment. */
const JITTER = 0.2

/**
 * When the next attempt is made; null: no more, because it is a day old now. The time of the next attempt has no say in that: a receiver that asks
 * for a day of patience is not one that has refused for a day.
 * @param attempts made so far @param random 0 to 1
 */
export function nextAttempt(of: {
  attempts: number
  createdAt: number
  now: number
  retryAfterMs?: number | undefined
  random: number
}): number | null {
  const wait = waits[Math.min(of.attempts, waits.length) - 1] ?? waits[0]!
  const jittered = wait * (1 - JITTER + 2 * JITTER * of.random)
  const end = of.createdAt + GIVE_UP_MS
  if (of.now >= end) return null
  return Math.round(Math.max(Math.min(of.now + jittered, end), of.now + (of.retryAfterMs ?? 0)))
}

/** Whether the time of an attempt has come. One further away than anything waits was set while the clock was ahead, and counts no more. */
export function isDue(nextAt: number | null, now: number): boolean {
  return nextAt === null || nextAt <= now || nextAt > now + MOST_WAIT_MS
}
