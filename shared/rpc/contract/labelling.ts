import { z } from 'zod'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

const share = z.number().min(0).max(1)
const scope = {
  deployment: text(64).optional(),
  model: text(64).optional(),
  version: text(64).optional(),
  query: text(4000).default('').describe('Samples of these devices; empty: all.'),
}

const value = z.union([z.number(), z.boolean(), text(4096), z.null()])
const truth = z.union([text(256), z.number()])

/** A row that wants a label. */
const task = z.object({
  task: text(200).describe('Stable: device, prediction and row.'),
  device: text(64),
  deployment: text(64),
  model: text(64),
  version: text(64),
  digest: text(64),
  prediction: text(128),
  row: count,
  predictedAt: epochMs,
  kind: z.enum(['table', 'image', 'series']).describe('How it is shown.'),
  reason: z.enum(['random', 'low-confidence', 'outlier', 'disagreement']),
  why: text(300).describe('Why this one comes now, in words.'),
  information: z.number().min(0).describe('What a label of it is worth; the queue is ordered by it.'),
  predicted: truth.nullable(),
  confidence: share.nullable(),
  other: z
    .object({ version: text(64), outcome: truth })
    .nullable()
    .describe('What a shadow said.'),
  fields: z.array(z.object({ name: text(256), value, isUnusual: z.boolean(), isMasked: z.boolean() })).max(1000),
  image: z
    .object({
      width: count,
      height: count,
      channels: z.int().min(1).max(4),
      pixels: z.array(z.number()).max(400_000).describe('0 to 1, row by row.'),
    })
    .nullable(),
  series: z.array(z.number().nullable()).max(20_000).nullable(),
  labels: z.array(text(256)).max(1000).describe('Classes to choose from; empty: a value is typed.'),
  votes: z.array(z.object({ by: text(200), label: truth.nullable().describe('null: skipped.'), at: epochMs })),
  state: z.enum(['open', 'settled', 'disputed', 'skipped']),
  settled: truth.nullable().describe('The label that counts; null: none yet.'),
})
export type LabellingTask = z.infer<typeof task>

const by = text(200).min(1).optional().describe('Name of the labeller at this desk; left out: the caller.')

const progress = z.object({
  labelled: count.describe('Rows with a settled label.'),
  open: count.describe('Rows that want one.'),
  disputed: count.describe('Rows on which labellers do not agree.'),
  skipped: count,
  accuracy: z
    .object({ value: share, low: share, high: share, rows: count })
    .nullable()
    .describe('Of the settled labels of the desk and of feedback.'),
  weighted: z
    .object({ value: share, low: share, high: share, effectiveRows: z.number() })
    .nullable()
    .describe('For all requests, by the declared weights.'),
  weightedMissing: text(300).nullable().describe('Why there is no weighted figure yet.'),
  mae: z.number().nullable(),
  target: z
    .object({ halfWidth: share, rowsToGo: count.nullable() })
    .describe('How many more labels make the interval so narrow; rowsToGo is null below 10 labels.'),
})

export const labellingMethods = {
  'labelling.queue': query(
    'Rows that want a label, the most informative first. Change topic: labelling.',
    z.strictObject({
      ...scope,
      reason: z.enum(['random', 'low-confidence', 'outlier', 'disagreement']).optional(),
      include: z.enum(['open', 'disputed', 'labelled', 'skipped']).default('open'),
      by,
      limit: z.int().min(1).max(100).default(20),
    }),
    z.object({ tasks: z.array(task), total: count, progress }),
  ),
  'labelling.progress': query('Labels and what they say about accuracy.', z.strictObject(scope), progress),
  'labelling.label': command(
    'Gives a row its true label. With several labellers it is settled when enough of them agree.',
    z.strictObject({ task: text(200), label: truth, by }),
    z.object({ task: text(200), settled: truth.nullable(), progress }),
  ),
  'labelling.skip': command('Leaves a row to others.', z.strictObject({ task: text(200), by }), z.object({ task: text(200) })),
  'labelling.undo': command(
    'Takes back what this person last said at the desk, step by step.',
    z.strictObject({ ...scope, by }),
    z.object({
      task: text(200).nullable(),
      was: truth.nullable().describe('The label that was taken back; null: a skipped row, or nothing.'),
    }),
  ),
  'labelling.settle': command(
    'Decides a dispute.',
    z.strictObject({ task: text(200), label: truth, by }),
    z.object({ task: text(200), settled: truth.nullable() }),
  ),
  'labelling.agreement': query(
    'How far labellers agree: pairs, Cohen’s kappa, and each labeller against the settled labels.',
    z.strictObject(scope),
    z.object({
      rows: count.describe('Rows with at least two labels.'),
      agreement: share.nullable(),
      kappa: z.number().nullable(),
      pairs: z.array(z.object({ a: text(200), b: text(200), rows: count, agreement: share, kappa: z.number().nullable() })),
      labellers: z.array(z.object({ by: text(200), labels: count, skipped: count, agreement: share.nullable() })),
    }),
  ),
  'labelling.settings': query(
    'How many labellers a row needs, and how samples come.',
    z.strictObject({}),
    z.object({
      labellersNeeded: z.int().min(1).max(9),
      targetHalfWidth: share,
      sampling: text(500).describe('Where samples come from, in words.'),
    }),
  ),
  'labelling.set': command(
    'Sets how many labellers a row needs.',
    z.strictObject({ labellersNeeded: z.int().min(1).max(9).optional(), targetHalfWidth: share.optional() }),
    z.object({ labellersNeeded: z.int().min(1).max(9), targetHalfWidth: share }),
  ),
  'labelling.import': command(
    'Takes labels from a CSV or from an API client: by prediction id, with the row where a request had several.',
    z.strictObject({
      labels: z
        .array(z.strictObject({ prediction: text(128), row: count.default(0), label: truth, device: text(64).optional() }))
        .min(1)
        .max(10_000),
      by: text(200).optional().describe('Who labelled; left out: the caller.'),
    }),
    z.object({
      taken: count,
      unchanged: count,
      refused: z.array(z.object({ index: count, prediction: text(128), code: text(64), message: text(500) })).max(1000),
      refusedTotal: count,
    }),
  ),
  'labelling.export': query(
    'Settled labels with their inputs, for training: a page at a time.',
    z.strictObject({ ...scope, after: text(200).optional(), limit: z.int().min(1).max(1000).default(500) }),
    z.object({
      columns: z.array(text(256)),
      rows: z.array(z.array(value)),
      next: text(200).nullable(),
    }),
  ),
} as const
