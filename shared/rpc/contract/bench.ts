import { z } from 'zod'
import { datatypes } from '../../domain/bundle.ts'
import { modelName, modelVersionName } from '../../domain/ids.ts'
import { count, text } from '../../protocol/message.ts'
import { query } from '../method.ts'

/** A value of a feature or column as a person gives it: a number, a text, or null for a missing value. */
const cell = z.union([z.number(), text(256), z.null()])

const plainValue = z.union([z.number(), z.string(), z.boolean()])

/** Most values of an output that an answer carries per row. */
export const SHOWN_OUTPUT_VALUES = 1000

const shownTensor = z.object({
  name: text(256),
  datatype: z.enum(datatypes),
  shape: z.array(count),
  data: z.array(plainValue).describe('The first 1000 values; numbers that are not finite are texts.'),
  isCut: z.boolean(),
})

/** What the model said about a row. */
const outcome = z.union([
  z.object({ kind: z.literal('class'), index: z.int(), label: text(256), confidence: z.number().nullable() }),
  z.object({ kind: z.literal('value'), value: z.number() }),
])

/** What is wrong or unusual with one value of a row. */
const cellNote = z.object({ column: text(256), index: count, value: text(256), why: text(300) })

const triedRow = z.object({
  problem: z
    .object({ code: text(64), message: text(2000) })
    .nullable()
    .describe('Why the row was not run, or failed.'),
  refused: z.array(cellNote).describe('Values for which the row was not run; at most 50.'),
  unusual: z.array(cellNote).describe('Values outside the range of the training rows; the row was run. At most 50.'),
  outcome: outcome.nullable(),
  probabilities: z
    .array(z.object({ label: text(256), probability: z.number() }))
    .nullable()
    .describe('The most probable first; at most 100.'),
  outputs: z.array(shownTensor),
  ms: z.number().nonnegative().nullable().describe('Time within onnxruntime, on the console.'),
})

const reference = z.strictObject({ model: text(64), version: text(64).describe('A version, or an alias of the model.') })

export const benchMethods = {
  'models.try': query(
    'Runs rows through a version on the console, preprocessing included, in a process that is stopped when unused.',
    reference.extend({
      rows: z
        .array(z.union([z.array(cell).max(100_000), z.record(text(256), cell)]))
        .max(100)
        .default([])
        .describe('Values in the order of the features or columns, or by name.'),
      inputs: z
        .array(z.strictObject({ name: text(256), shape: z.array(count).max(8), data: z.array(plainValue).max(1_000_000) }))
        .max(64)
        .optional()
        .describe('Instead of rows, for a model that is not tabular: all inputs of one run.'),
    }),
    z.object({
      model: modelName,
      version: modelVersionName,
      runtimeVersion: text(64).nullable().describe('null: no row could be run.'),
      isWarm: z.boolean().describe('The model was loaded already.'),
      loadMs: z.number().nonnegative(),
      rows: z.array(triedRow),
    }),
    'operator',
  ),
  'models.examples': query(
    'Rows to try: from the golden set with the answers that the model gave at its import, else one row from the training ranges.',
    reference.extend({ count: z.int().min(1).max(100).default(10) }),
    z.object({
      source: z.enum(['golden', 'ranges', 'none']),
      columns: z.array(text(256)).describe('Names of the features in the order of the values.'),
      rows: z.array(
        z.object({
          values: z.array(z.union([z.number(), text(256)])),
          expected: outcome.nullable().describe('What the model said at its import.'),
        }),
      ),
      total: count.describe('Cases of the golden set.'),
    }),
  ),
} as const
