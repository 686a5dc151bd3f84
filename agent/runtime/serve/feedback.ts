import { z } from 'zod'
import { Problem } from '../../../shared/domain/problem.ts'
import { labelsAreNumbers } from '../../../shared/inference/outcome.ts'
import type { LabelsBody } from '../../../shared/protocol/telemetry.ts'
import { maskedLabel } from '../masking/label-masks.ts'
import type { Masks } from '../masking/masks.ts'
import type { KnownBundle, UnspooledRecord } from '../messages.ts'
import { readPredictionId, recordId, type CarriedOutcome, type Prediction } from '../prediction-id.ts'

type Label = string | number
type LabelItem = LabelsBody['items'][number]

const label = z.union([z.string().max(256), z.number()])
const feedbackItem = z.looseObject({
  id: z.string().min(1).max(4096),
  label: label.optional(),
  labels: z.array(label.nullable()).min(1).optional(),
  subject: z.union([z.string().max(1024), z.number()]).optional(),
})
const feedbackBody = z.union([feedbackItem, z.array(feedbackItem).min(1).max(500)])
type FeedbackItem = z.infer<typeof feedbackItem>

/** At most so many labels in one record: with long ids and labels it still fits into a telemetry batch. */
const ITEMS_PER_RECORD = 100

/** What resolving feedback reads. */
export interface FeedbackParts {
  tokenKey: string
  /** By hex of `subjectTag`. */
  known: ReadonlyMap<string, KnownBundle>
  /** The token behind an id that a client chose; null: it is a token itself, or unknown. */
  tokenOf(deployment: string, id: string): string | null
  /** The deployments that ids may belong to: those of the request's path, or all. */
  deployments: readonly string[]
  masks: Masks
  /** Epoch ms, device clock. */
  now: number
}

/**
 * Turns feedback into `labels` records; all of it or nothing. A label of null says nothing about its row.
 * @throws Problem `inference.bad-input`, `feedback.unknown-prediction`, `feedback.bad-label`, naming the entry
 */
export function resolveFeedback(body: unknown, parts: FeedbackParts): { records: UnspooledRecord[]; stored: number } {
  const parsed = feedbackBody.safeParse(body)
  if (!parsed.success) {
    throw new Problem('inference.bad-input', 'Feedback is {id, label}, {id, labels: [...]} (one per row), or a list of up to 500 of these.')
  }
  const entries = Array.isArray(parsed.data) ? parsed.data : [parsed.data]
  const byBundle = new Map<KnownBundle, LabelItem[]>()
  let stored = 0
  for (const [number, entry] of entries.entries()) {
    const where = Array.isArray(parsed.data) ? `Entry ${number}: ` : ''
    const { bundle, prediction, token } = findPrediction(entry.id, parts, where)
    const subject = entry.subject === undefined ? null : parts.masks.subjects.ref(String(entry.subject))
    const about = subject === null ? {} : { subject }
    const items = labelItems(entry, { bundle, prediction, id: recordId(entry.id, token), where })
      .map((item) => ({ ...item, ...about }))
      .map((item) => maskedLabel(item, bundle.fields, parts.masks) ?? neverLeaves(bundle, where))
    byBundle.set(bundle, [...(byBundle.get(bundle) ?? []), ...items])
    stored += items.length
  }
  const records = [...byBundle].flatMap(([bundle, items]) => recordsOf(bundle, items, parts.now))
  return { records, stored }
}

function findPrediction(id: string, parts: FeedbackParts, where: string): { bundle: KnownBundle; prediction: Prediction; token: string } {
  const chosen = parts.deployments.flatMap((deployment) => parts.tokenOf(deployment, id) ?? [])
  if (chosen.length > 1) {
    throw new Problem('inference.bad-input', `${where}Several deployments know the id; send it to /v2/models/NAME/feedback.`)
  }
  const token = chosen[0] ?? id
  const read = readPredictionId(parts.tokenKey, token)
  const bundle = read === null ? undefined : parts.known.get(read.tag.toString('hex'))
  if (read === null || bundle === undefined || !parts.deployments.includes(bundle.deployment)) {
    throw new Problem('feedback.unknown-prediction', `${where}No prediction with id "${id.slice(0, 100)}" is known here.`)
  }
  return { bundle, prediction: read.prediction, token }
}

function labelItems(entry: FeedbackItem, at: { bundle: KnownBundle; prediction: Prediction; id: string; where: string }): LabelItem[] {
  const { bundle, prediction, id, where } = at
  if ((entry.label === undefined) === (entry.labels === undefined)) throw badLabel(`${where}Send either label or labels.`)
  const carried = prediction.outcomes.length
  if (carried === 0)
    throw badLabel(`${where}The outputs of ${bundle.model}@${bundle.version} are no class and no value that a label could be held against.`)
  if (entry.label !== undefined && prediction.rows > 1)
    throw badLabel(`${where}The prediction has ${prediction.rows} rows; send labels, one per row.`)
  const labels: readonly (Label | null)[] = entry.labels ?? [entry.label!]
  if (labels.length !== carried) {
    const which =
      carried < prediction.rows ? `the first ${carried} of its ${prediction.rows} rows can be labelled` : `it has ${carried} rows`
    throw badLabel(`${where}${labels.length} labels came for the prediction; ${which}. A label of null skips a row.`)
  }
  return labels.flatMap((given, row) => {
    const outcome = prediction.outcomes[row]!
    if (given === null) return []
    return {
      id,
      row,
      predictedAt: prediction.predictedAt,
      predicted: outcome.kind === 'value' ? outcome.value : predictedLabel(bundle, outcome),
      actual: outcome.kind === 'value' ? actualValue(given, where) : actualLabel(bundle.labels, given, where),
      confidence: outcome.kind === 'value' ? null : outcome.confidence,
    }
  })
}

function predictedLabel(bundle: KnownBundle, outcome: CarriedOutcome & { kind: 'class' }): string {
  return outcome.text ?? bundle.labels[outcome.index] ?? String(outcome.index)
}

function actualValue(given: Label, where: string): number {
  if (typeof given !== 'number' || !Number.isFinite(given)) throw badLabel(`${where}The true value of a regression is a number.`)
  return given
}

/**
 * A text is a label, else a class index, as in the CSV files of the console; a number is a class index. Where classes are numbers that
 * are not their positions, both are labels.
 */
function actualLabel(labels: readonly string[], given: Label, where: string): string {
  if (labels.length === 0) {
    if (typeof given === 'number' ? Number.isSafeInteger(given) && given >= 0 : given !== '') return String(given)
    throw badLabel(`${where}A class is a text, or a whole number from 0.`)
  }
  if (labels.includes(String(given)) && (typeof given === 'string' || labelsAreNumbers(labels))) return String(given)
  const byIndex = labelsAreNumbers(labels) || !/^\d{1,15}$/.test(String(given)) ? undefined : labels[Number(given)]
  if (byIndex !== undefined) return byIndex
  const shown = labels.slice(0, 20).join(', ')
  throw badLabel(
    `${where}"${String(given).slice(0, 100)}" is no label of the model; its labels are ${shown}${labels.length > 20 ? ', …' : ''}.`,
  )
}

function recordsOf(bundle: KnownBundle, items: readonly LabelItem[], measuredAt: number): UnspooledRecord[] {
  const { deployment, digest, model, version } = bundle
  const records: UnspooledRecord[] = []
  for (let at = 0; at < items.length; at += ITEMS_PER_RECORD) {
    const body = { deployment, digest, model, version, items: items.slice(at, at + ITEMS_PER_RECORD) }
    records.push({ kind: 'labels', measuredAt, body })
  }
  return records
}

/** Taken and dropped, a label would count as stored: it is refused. */
function neverLeaves(bundle: KnownBundle, where: string): never {
  throw badLabel(`${where}The configuration of this device lets no outcome of ${bundle.model} leave it, so a label says nothing.`)
}

function badLabel(message: string): Problem {
  return new Problem('feedback.bad-label', message)
}
