import type { RosterEntry } from '../../store/fleet/roster-rows.ts'

/** A clock that went so much further than the ticks says that the console slept, or was set. */
const SLEPT_MS = 60_000

/**
 * Since when the console has listened, and each device been connected. An absence only counts while somebody could have seen the device:
 * a console that was shut or asleep, or whose broker was away, must not alarm about the whole fleet when it is back.
 */
export interface Presence {
  /** null: the broker is not running, nothing can be said of anybody. */
  listeningSince(): number | null
  /** Since when the device is seen connected, as far as this console knows; null: it is not. */
  onlineSince(device: string): number | null
  /** Notes how things are. @param everyMs how often it is called */
  note(of: { isListening: boolean; entries: readonly RosterEntry[]; now: number; everyMs: number }): void
}

/** Begins to listen. */
export function openPresence(): Presence {
  let since: number | null = null
  let notedAt: number | null = null
  const online = new Map<string, number>()
  return {
    listeningSince: () => since,
    onlineSince: (device) => online.get(device) ?? null,
    note({ isListening, entries, now, everyMs }) {
      const hasSlept = notedAt !== null && (now < notedAt || now - notedAt > everyMs + SLEPT_MS)
      notedAt = now
      if (!isListening) since = null
      else if (since === null || hasSlept) since = now
      if (!isListening || hasSlept) online.clear()
      for (const { row } of entries) {
        if (row.status !== 'online') online.delete(row.device)
        else if (!online.has(row.device)) online.set(row.device, now)
      }
    },
  }
}
