import type { LedgerBody } from '../../../../shared/protocol/telemetry.ts'
import type { WriteDb } from '../../store/open.ts'
import { openLedgerDays } from '../../store/telemetry/ledger-days.ts'
import { openToldDays } from '../../store/telemetry/told-days.ts'
import type { InsertRecord } from './record-context.ts'

/** Prepares the insert of ledgers: the entry as it came, and its part of the day of its device. */
export function prepareLedger(db: WriteDb): InsertRecord<LedgerBody> {
  const insert =
    db.prepare(`INSERT OR IGNORE INTO ledger (spool, seq, device, started_at, ended_at, bytes_in, bytes_out, inferences, cpu_seconds, stored_bytes, received_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const days = openLedgerDays(db)
  const told = openToldDays(db)
  return ({ spool, device, receivedAt }, { seq }, body) => {
    const { startedAt, endedAt, inferences, cpuSeconds, storedBytes } = body
    const bytes = [JSON.stringify(body.bytesIn), JSON.stringify(body.bytesOut)]
    const isNew =
      insert.run(spool, seq, device, startedAt, endedAt, ...bytes, inferences, cpuSeconds, storedBytes, receivedAt).changes === 1
    if (isNew) {
      days.add(device, body)
      told.add(device, body)
    }
    return isNew
  }
}

const MOST_BYTES = 1e15
const MOST_INFERENCES = 1e12
const MOST_CPU_SECONDS = 1e12

/** Why an entry cannot be true, or `null`. */
export function ledgerFault({ bytesIn, bytesOut, inferences, cpuSeconds, storedBytes }: LedgerBody): string | null {
  const most = Math.max(storedBytes, ...Object.values(bytesIn), ...Object.values(bytesOut))
  if (most > MOST_BYTES) return `a ledger with ${most} bytes`
  if (inferences > MOST_INFERENCES) return `a ledger with ${inferences} inferences`
  return cpuSeconds > MOST_CPU_SECONDS ? `a ledger with ${cpuSeconds} seconds of computing` : null
}
