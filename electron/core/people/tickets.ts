import { randomBytes } from 'node:crypto'
import { Problem } from '../../../shared/domain/problem.ts'

const LIFETIME_MS = 10 * 60_000
/** More than people who are at work with passwords at once. */
const MOST = 500

/**
 * Keeps what must not travel or be stored with a command (the hash of a password, the answer of an authenticator) in memory for ten minutes,
 * under a random name that counts once.
 */
export interface Tickets<Kept> {
  keep(what: Kept): string
  /** What is kept, and no longer after the commit that used it. @throws Problem `access.ticket-unknown` */
  take(ticket: string): Kept
  drop(ticket: string): void
}

export function openTickets<Kept>(now: () => number): Tickets<Kept> {
  const kept = new Map<string, { what: Kept; until: number }>()
  return {
    keep(what) {
      for (const [ticket, { until }] of kept) if (until <= now()) kept.delete(ticket)
      // The oldest goes: a peer that makes tickets without end costs no memory.
      if (kept.size >= MOST) kept.delete(kept.keys().next().value!)
      const ticket = randomBytes(24).toString('base64url')
      kept.set(ticket, { what, until: now() + LIFETIME_MS })
      return ticket
    },
    take(ticket) {
      const found = kept.get(ticket)
      if (found === undefined || found.until <= now())
        throw new Problem('access.ticket-unknown', 'What was prepared is not there any more.')
      return found.what
    },
    drop: (ticket) => void kept.delete(ticket),
  }
}
