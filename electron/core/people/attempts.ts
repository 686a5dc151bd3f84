import { Problem } from '../../../shared/domain/problem.ts'

/** Tries that cost nothing but themselves. */
const FREE = 5
const MOST_WAIT_S = 900
/** Failures are forgotten after so long without another one. */
const FORGOTTEN_AFTER_MS = 24 * 3_600_000
/** Names that are remembered; guessing so many takes longer than the longest wait. */
const MOST_NAMES = 10_000
/** Tries that may wait for their turn: each needs a third of a second and much memory. */
const MOST_WAITING = 16

interface Failures {
  count: number
  lastAt: number
  blockedUntil: number
}

/** Slows guessing down: per name, whether there is such an account or not, and in all. */
export interface Attempts {
  /** Counts a try before it is made, so that many at once are many. @throws Problem `access.too-many` */
  begin(name: string): { failed(): { count: number; waitMs: number }; succeeded(): void; ended(): void }
}

export function openAttempts(now: () => number): Attempts {
  const byName = new Map<string, Failures>()
  let waiting = 0

  const of = (name: string): Failures => {
    const known = byName.get(name)
    return known === undefined || now() - known.lastAt > FORGOTTEN_AFTER_MS ? { count: 0, lastAt: now(), blockedUntil: 0 } : known
  }
  /** Remembers a try that is made: one that is refused before costs nothing, and must not push out what others did. */
  const remember = (name: string, one: Failures): void => {
    byName.delete(name)
    // Set anew, it stands at the end: the front is what was tried longest ago.
    byName.set(name, one)
    for (const [other, { blockedUntil }] of byName) {
      if (byName.size <= MOST_NAMES) break
      // A name that has to wait is never forgotten: guessing at others would free it.
      if (blockedUntil <= now() && other !== name) byName.delete(other)
    }
  }
  return {
    begin(name) {
      const one = of(name)
      const wait = one.blockedUntil - now()
      if (wait > 0) throw new Problem('access.too-many', `Too many wrong passwords for this name. Try again in ${inWords(wait)}.`)
      if (waiting >= MOST_WAITING) throw new Problem('access.too-many', 'Many people sign in at this moment. Try again in 10 seconds.')
      waiting += 1
      one.count += 1
      one.lastAt = now()
      remember(name, one)
      if (one.count > FREE) one.blockedUntil = now() + 1000 * Math.min(2 ** (one.count - FREE - 1), MOST_WAIT_S)
      return {
        failed: () => ({ count: one.count, waitMs: Math.max(0, one.blockedUntil - now()) }),
        succeeded: () => void byName.delete(name),
        ended: () => void (waiting -= 1),
      }
    },
  }
}

function inWords(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 120) return seconds === 1 ? '1 second' : `${seconds} seconds`
  return `${Math.ceil(seconds / 60)} minutes`
}
