import type { Manifest } from '../../../shared/domain/bundle.ts'
import { ownValue } from '../../../shared/domain/own-value.ts'
import type { LabelsBody } from '../../../shared/protocol/telemetry.ts'
import type { LabelFields } from '../messages.ts'
import { strictest } from './field-masks.ts'
import { twoDigits, type Masks } from './masks.ts'

type LabelItem = LabelsBody['items'][number]

/** The fields of a bundle that a label tells of. */
export function labelFields({ outcome, schema }: Pick<Manifest, 'outcome' | 'schema'>): LabelFields {
  const { label, value, probabilities } = outcome
  return { outcome: [label ?? value ?? probabilities, schema.target].filter((name) => name !== null), confidence: probabilities }
}

/**
 * A label as it may leave the device; null: its field is dropped, and so is all of it. Prediction and truth are masked alike, so that right and
 * wrong can still be told of hashed ones.
 */
export function maskedLabel(item: LabelItem, fields: LabelFields | undefined, masks: Masks): LabelItem | null {
  if (fields === undefined) return item
  const { rules } = masks
  const mask = strictest(fields.outcome.map((name) => ownValue(rules, name) ?? null))
  const sure = fields.confidence === null ? null : (ownValue(rules, fields.confidence) ?? null)
  if (mask === 'drop') return null
  const { confidence } = item
  const kept = confidence === null || sure === null ? confidence : sure === 'round' ? twoDigits(confidence) : null
  if (mask === null) return { ...item, confidence: kept }
  const [predicted, actual] = [masks.value('outcome', mask, item.predicted), masks.value('outcome', mask, item.actual)]
  if (predicted === null || actual === null || typeof predicted === 'boolean' || typeof actual === 'boolean') return null
  return { ...item, predicted, actual, confidence: kept }
}
