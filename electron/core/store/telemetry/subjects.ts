import type { SampleBody } from '../../../../shared/protocol/telemetry.ts'
import type { ReadDb } from '../open.ts'
import type { StoredSample } from './samples.ts'

/** A label as it is stored. */
export interface StoredLabel {
  device: string
  prediction: string
  row: number
  deployment: string
  model: string
  version: string
  predictedAt: number
  predicted: string
  actual: string
  confidence: number | null
}

/** Reads what is stored about people. */
export interface SubjectReader {
  /** Samples about a subject, the newest first. */
  samples(subject: string, most: number): StoredSample[]
  /** Labels about a subject, and those of predictions about it. */
  labels(subject: string, most: number): StoredLabel[]
  /** Labels of predictions. */
  labelsOf(predictions: readonly { device: string; prediction: string }[], most: number): StoredLabel[]
  /** Samples that came before anybody said which field names a person, in the order of arrival. */
  unnamed(after: number, most: number): StoredSample[]
}

interface Row {
  id: number
  device: string
  body: string
}

const labelColumns = `label.device AS device, label.prediction AS prediction, label.row AS row, label.deployment AS deployment, model, version,
  label.predicted_at AS predictedAt, predicted, actual, confidence`

/** The reader of a file that appears with the first start of the hub. */
export function lateSubjects(open: () => ReadDb | null): SubjectReader {
  return {
    samples(subject, most) {
      const sql = `SELECT rowid AS id, device, body FROM sample WHERE instr(body, ?) > 0 AND prediction <> '' ORDER BY rowid DESC LIMIT ?`
      return open()?.prepare<[string, number], Row>(sql).all(quoted(subject), most).map(sampleOf) ?? []
    },
    labels(subject, most) {
      const sql = `SELECT ${labelColumns} FROM label WHERE subject = @subject
        OR (device, prediction) IN (SELECT device, prediction FROM sample WHERE instr(body, @quoted) > 0 AND prediction <> '') LIMIT @most`
      return (
        open()
          ?.prepare<{ subject: string; quoted: string; most: number }, StoredLabel>(sql)
          .all({ subject, quoted: quoted(subject), most }) ?? []
      )
    },
    labelsOf(predictions, most) {
      const sql = `SELECT ${labelColumns} FROM label WHERE (device, prediction) IN
        (SELECT json_extract(value, '$.device'), json_extract(value, '$.prediction') FROM json_each(?)) LIMIT ?`
      if (predictions.length === 0) return []
      return open()?.prepare<[string, number], StoredLabel>(sql).all(JSON.stringify(predictions), most) ?? []
    },
    unnamed(after, most) {
      const sql = `SELECT rowid AS id, device, body FROM sample WHERE rowid > ? AND prediction <> '' AND instr(body, '"subjects"') = 0 ORDER BY rowid LIMIT ?`
      return open()?.prepare<[number, number], Row>(sql).all(after, most).map(sampleOf) ?? []
    },
  }
}

/** As it stands in a body: no digest holds it by chance. */
function quoted(subject: string): string {
  return `"${subject}"`
}

function sampleOf({ id, device, body }: Row): StoredSample {
  return { id, device, body: JSON.parse(body) as SampleBody }
}
