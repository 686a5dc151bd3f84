import type { DropBody } from '../../../../shared/protocol/telemetry.ts'
import type { WriteDb } from '../../store/open.ts'
import type { InsertRecord } from './record-context.ts'

/** Prepares the insert of declared drops: records that the device will never send. */
export function prepareDrop(db: WriteDb): InsertRecord<DropBody> {
  const insert = db.prepare(`INSERT OR IGNORE INTO dropped (spool, seq, device, from_seq, through_seq, records, reason, at, received_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  return ({ spool, device, receivedAt }, { seq, measuredAt }, body) =>
    insert.run(spool, seq, device, body.from, body.through, body.records, body.reason, measuredAt, receivedAt).changes === 1
}

/** No spool ever held so many. */
const MOST_DROPPED = 1e9

/** Why a drop record cannot be true, or `null`. */
export function dropFault({ from, through, records }: DropBody): string | null {
  if (records > MOST_DROPPED) return `a drop of ${records} records`
  if (from > through) return `a drop of ${from} to ${through}`
  return records > through - from + 1 ? `a drop of ${records} records in a range of ${through - from + 1}` : null
}
