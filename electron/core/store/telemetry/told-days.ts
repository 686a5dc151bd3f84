import type { WriteDb } from '../open.ts'
import { DAY_MS, dayOf } from './ledger-days.ts'

/** Of an entry that is longer the rest before is left out: no clock is believed for so long. */
const LONGEST_ENTRY_MS = 31 * DAY_MS

/** How long agents ran per day. Call `add` in the transaction that stores the entry. */
export function openToldDays(db: WriteDb) {
  const add = db.prepare<[string, number, number]>(
    'INSERT INTO told_day (device, day, ms) VALUES (?, ?, ?) ON CONFLICT (device, day) DO UPDATE SET ms = ms + excluded.ms',
  )
  return {
    /** Adds the time of an entry to the days that it lies in. */
    add(device: string, { startedAt, endedAt }: { startedAt: number; endedAt: number }): void {
      for (let at = Math.max(startedAt, endedAt - LONGEST_ENTRY_MS); at < endedAt;) {
        const end = Math.min(endedAt, (dayOf(at) + 1) * DAY_MS)
        add.run(device, dayOf(at), end - at)
        at = end
      }
    },
  }
}
