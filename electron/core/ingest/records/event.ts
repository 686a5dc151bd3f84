import type { EventBody } from '../../../../shared/protocol/telemetry.ts'
import type { WriteDb } from '../../store/open.ts'
import type { InsertRecord } from './record-context.ts'

/** Prepares the insert of events, at the time of the device's clock. */
export function prepareEvent(db: WriteDb): InsertRecord<EventBody> {
  const insert = db.prepare(`INSERT OR IGNORE INTO event (spool, seq, device, at, name, severity, code, message, detail, received_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  return ({ spool, device, receivedAt }, { seq, measuredAt }, body) =>
    insert.run(spool, seq, device, measuredAt, body.name, body.severity, body.code, body.message, JSON.stringify(body.detail), receivedAt)
      .changes === 1
}
