import type { LabelsBody } from '../../../../shared/protocol/telemetry.ts'
import type { WriteDb } from '../../store/open.ts'
import { countedAt } from '../../store/telemetry/counted-at.ts'
import { LEVELS } from '../../store/telemetry/levels.ts'
import type { Names } from '../../store/telemetry/names.ts'
import { openErasedSubjects } from '../erased-subjects.ts'
import type { LabelMark, RollUp } from '../roll-up.ts'
import type { InsertRecord } from './record-context.ts'

const HOUR_MS = LEVELS[1]

type Item = LabelsBody['items'][number]

/**
 * Prepares the insert of labels: the record itself once, and one row per prediction and row of its request.
 * A later record, by (spool, seq), replaces the label; an earlier one that arrives late does not. The hours of both are dirty then: their
 * sums are made anew.
 */
export function prepareLabels(db: WriteDb, names: Names, rollUp: Pick<RollUp, 'label'>): InsertRecord<LabelsBody> {
  const record = db.prepare('INSERT OR IGNORE INTO labels (spool, seq, items, received_at) VALUES (?, ?, ?, ?)')
  const label = db.prepare(`INSERT INTO label (device, prediction, row, deployment, digest, model, version,
    predicted_at, predicted, actual, correct, absolute_error, confidence, spool, seq, subject)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (device, prediction, row) DO UPDATE SET deployment = excluded.deployment, digest = excluded.digest, model = excluded.model,
      version = excluded.version, predicted_at = excluded.predicted_at, predicted = excluded.predicted, actual = excluded.actual,
      correct = excluded.correct, absolute_error = excluded.absolute_error, confidence = excluded.confidence,
      spool = excluded.spool, seq = excluded.seq, subject = coalesce(excluded.subject, label.subject)
    WHERE excluded.spool > label.spool OR (excluded.spool = label.spool AND excluded.seq >= label.seq)`)
  const before = db.prepare<[string, string, number], LabelMark>(
    `SELECT deployment, digest, model, version, predicted_at AS predictedAt, correct FROM label WHERE device = ? AND prediction = ? AND row = ?`,
  )
  const isErased = openErasedSubjects(db)
  const markDirty = db.prepare('INSERT OR IGNORE INTO dirty_quality (hour, device, subject) VALUES (?, ?, ?)')
  return ({ spool, device, deviceId, receivedAt }, { seq }, body) => {
    const { deployment, digest, model, version } = body
    if (record.run(spool, seq, body.items.length, receivedAt).changes === 0) return false
    const dirty = new Set<string>()
    const soil = (label: LabelMark): void => {
      const [hour, subject] = [Math.floor(label.predictedAt / HOUR_MS), names.subject(label)]
      const key = `${hour} ${subject}`
      if (!dirty.has(key)) markDirty.run(hour, deviceId, subject)
      dirty.add(key)
    }
    for (const item of body.items) {
      if (item.subject !== undefined && isErased(item.subject)) continue
      const predictedAt = countedAt(item.predictedAt, receivedAt)
      const { correct, absoluteError } = judgeLabel(item)
      const replaced = before.get(device, item.id, item.row) ?? null
      const { changes } = label.run(
        ...[device, item.id, item.row, deployment, digest, model, version],
        ...[
          predictedAt,
          String(item.predicted),
          String(item.actual),
          correct,
          absoluteError,
          item.confidence,
          spool,
          seq,
          item.subject ?? null,
        ],
      )
      if (changes !== 1) continue
      const now = { deployment, digest, model, version, predictedAt, correct }
      rollUp.label(now, replaced)
      soil(now)
      if (replaced !== null) soil(replaced)
    }
    return true
  }
}

/**
 * Compares a prediction with the truth. Two numbers are a regression: the absolute error. Anything else is a class: 1 if the texts are
 * equal, else 0. An error beyond the range of a double is left out of the measures.
 */
export function judgeLabel({ predicted, actual }: Pick<Item, 'predicted' | 'actual'>): {
  correct: 0 | 1 | null
  absoluteError: number | null
} {
  if (typeof predicted !== 'number' || typeof actual !== 'number') {
    return { correct: String(predicted) === String(actual) ? 1 : 0, absoluteError: null }
  }
  const error = Math.abs(predicted - actual)
  return { correct: null, absoluteError: Number.isFinite(error) ? error : null }
}
