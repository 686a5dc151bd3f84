const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** What waits before the second attempt, the third, and so on; the last one repeats. */
const waits = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR]
/** A notice that is a day old is news no more. */
const GIVE_UP_MS = 24 * HOUR
/** Receivers that went down together are not all asked again in one moment. */
const JITTER = 0.2

/**
 * When the next attempt is made; null: no more.
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
  const at = Math.round(of.now + Math.max(jittered, of.retryAfterMs ?? 0))
  return at - of.createdAt > GIVE_UP_MS ? null : at
}
