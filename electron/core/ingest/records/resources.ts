import type { ResourcesBody } from '../../../../shared/protocol/telemetry.ts'
import type { WriteDb } from '../../store/open.ts'
import type { InsertRecord } from './record-context.ts'

/** Prepares the insert of resource measurements, at the time of the device's clock. */
export function prepareResources(db: WriteDb): InsertRecord<ResourcesBody> {
  const insert = db.prepare('INSERT OR IGNORE INTO resources (spool, seq, device, at, body, received_at) VALUES (?, ?, ?, ?, ?, ?)')
  return ({ spool, device, receivedAt }, { seq, measuredAt }, body) =>
    insert.run(spool, seq, device, measuredAt, JSON.stringify(body), receivedAt).changes === 1
}
