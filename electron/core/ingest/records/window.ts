import type { WindowBody } from '../../../../shared/protocol/telemetry.ts'
import type { WriteDb } from '../../store/open.ts'
import type { InsertRecord } from './record-context.ts'

/** Prepares the insert of windows: errors are stored as a sum and by cause, the latency sketch as it came. */
export function prepareWindow(db: WriteDb): InsertRecord<WindowBody> {
  const insert = db.prepare(`INSERT OR IGNORE INTO window (spool, seq, device, deployment, digest, model, version, boot,
    started_at, ended_at, covered_ms, requests, rows, errors, errors_by_cause, latency, received_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  return ({ spool, device, receivedAt }, { seq, boot }, body) => {
    const errors = Object.values(body.errors).reduce((sum, count) => sum + count, 0)
    return (
      insert.run(
        ...[spool, seq, device, body.deployment, body.digest, body.model, body.version, boot, body.startedAt, body.endedAt],
        ...[body.coveredMs, body.requests, body.rows, errors, JSON.stringify(body.errors), JSON.stringify(body.latencyMs), receivedAt],
      ).changes === 1
    )
  }
}
