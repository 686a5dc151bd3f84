import type { LedgerBody } from '../../../../shared/protocol/telemetry.ts'
import type { WriteDb } from '../open.ts'
import { addCauses, addCounts, type Causes } from './minute-sums.ts'

/** Milliseconds of a day of the sums. */
export const DAY_MS = 86_400_000

/** The day that a time belongs to, counted from 1970, UTC. */
export function dayOf(at: number): number {
  return Math.floor(at / DAY_MS)
}

/** A row of `ledger_day`, or an entry of one device. */
export interface StoredUse {
  device: string
  lastAt: number
  bytesIn: string
  bytesOut: string
  inferences: number
  cpuSeconds: number
  storedBytes: number
}

/** What devices used per day. Call `add` in the transaction that stores the entry. */
export function openLedgerDays(db: WriteDb) {
  const find = db.prepare<[number, string], StoredUse>(
    `SELECT device, last_at AS lastAt, bytes_in AS bytesIn, bytes_out AS bytesOut, inferences, cpu_seconds AS cpuSeconds,
      stored_bytes AS storedBytes FROM ledger_day WHERE day = ? AND device = ?`,
  )
  const put =
    db.prepare(`INSERT OR REPLACE INTO ledger_day (day, device, last_at, bytes_in, bytes_out, inferences, cpu_seconds, stored_bytes)
    VALUES (@day, @device, @lastAt, @bytesIn, @bytesOut, @inferences, @cpuSeconds, @storedBytes)`)
  return {
    add(device: string, body: LedgerBody): void {
      const day = dayOf(body.endedAt)
      const before = find.get(day, device)
      // Entries may arrive late: what is stored is what the newest said.
      const isNewest = before === undefined || body.endedAt >= before.lastAt
      put.run({
        day,
        device,
        lastAt: Math.max(body.endedAt, before?.lastAt ?? 0),
        bytesIn: JSON.stringify(addCauses(causesOf(before?.bytesIn), body.bytesIn)),
        bytesOut: JSON.stringify(addCauses(causesOf(before?.bytesOut), body.bytesOut)),
        inferences: addCounts(before?.inferences ?? 0, body.inferences),
        cpuSeconds: (before?.cpuSeconds ?? 0) + body.cpuSeconds,
        storedBytes: isNewest ? body.storedBytes : before.storedBytes,
      })
    },
  }
}

function causesOf(json: string | undefined): Causes {
  return json === undefined ? {} : (JSON.parse(json) as Causes)
}
