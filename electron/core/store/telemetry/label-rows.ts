import type { ReadDb, WriteDb } from '../open.ts'
import type { StoredLabel } from './quality-body.ts'

/** Labels of a device and subject, both by number, in a time, in an order that does not change. */
export function prepareLabelRows(db: ReadDb | WriteDb) {
  const labels = db.prepare<[number, number, number, number], StoredLabel>(
    `SELECT predicted, actual, correct, confidence, predicted_at AS predictedAt
    FROM subject CROSS JOIN label ON label.device = (SELECT name FROM device WHERE id = ?) AND label.deployment = subject.deployment
      AND label.digest = subject.digest AND predicted_at >= ? AND predicted_at < ?
      AND label.model = subject.model AND label.version = subject.version
    WHERE subject.id = ? ORDER BY label.prediction, label.row`,
  )
  return (of: { device: number; subject: number; from: number; through: number }): IterableIterator<StoredLabel> =>
    labels.iterate(of.device, of.from, of.through, of.subject)
}
