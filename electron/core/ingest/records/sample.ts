import type { SampleBody } from '../../../../shared/protocol/telemetry.ts'
import type { WriteDb } from '../../store/open.ts'
import { countedAt } from '../../store/telemetry/counted-at.ts'
import { openErasedSubjects } from '../erased-subjects.ts'
import type { InsertRecord } from './record-context.ts'

/** Prepares the insert of samples; the body is kept as it came. What is about somebody who was erased is not stored, and counts as known. */
export function prepareSample(db: WriteDb): InsertRecord<SampleBody> {
  const insert =
    db.prepare(`INSERT OR IGNORE INTO sample (spool, seq, device, deployment, digest, prediction, predicted_at, body, received_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const isErased = openErasedSubjects(db)
  return ({ spool, device, receivedAt }, { seq }, body) =>
    body.subjects?.some((subject) => subject !== null && isErased(subject)) !== true &&
    insert.run(
      spool,
      seq,
      device,
      body.deployment,
      body.digest,
      body.id,
      countedAt(body.predictedAt, receivedAt),
      JSON.stringify(body),
      receivedAt,
    ).changes === 1
}
