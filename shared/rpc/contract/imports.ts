import { z } from 'zod'
import { tensorSpec } from '../../domain/bundle.ts'
import { modelName, modelVersionName } from '../../domain/ids.ts'
import { count, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

/** A file that was uploaded with `models.beginUpload`. */
const ticket = z.string().regex(/^[a-z0-9]{32}$/)

const problem = z.object({ code: text(64), message: text(2000), hint: text(500).optional() })

const fileHead = { ticket, fileName: text(512), sizeBytes: count, problem: problem.nullable() }

/** What an ONNX file says of itself, read without loading it; fields are null or empty where it was refused. */
const inspectedModel = z.object({
  ...fileHead,
  model: modelName.nullable().describe('Name that the import would give; null: a person must say it.'),
  version: modelVersionName.nullable(),
  taken: z.boolean().describe('That version is there already; the import succeeds only if the content is the same.'),
  versions: z.array(modelVersionName).describe('Versions that the model has, the newest last; at most 50.'),
  task: text(32).nullable(),
  labels: z.array(text(256)).describe('At most 100.'),
  labelCount: count,
  inputs: z.array(tensorSpec),
  outputs: z.array(tensorSpec),
  features: count.nullable().describe('Columns that training and hold-out rows need; null: the model is not tabular or does not say.'),
  isTabular: z.boolean(),
  memoryBytes: count
    .nullable()
    .default(null)
    .describe('Estimate of the resident memory that a device needs to serve it alone, with the runtime; null: the file was refused.'),
  onnx: z
    .object({
      irVersion: z.int(),
      opsets: z.record(z.string(), z.int()),
      operators: z.array(text(256)),
      producer: text(1024),
      metadata: z.record(z.string(), z.string()),
    })
    .nullable(),
})

const inspectedBundle = z.object({ ...fileHead, fields: z.array(text(64)).describe('What bundle.json says something about.') })

/** A CSV file: header, first rows, and the column that would be taken for the truth. */
const inspectedRows = z.object({
  ...fileHead,
  columns: z.array(text(256)).describe('At most 200 names; `columnCount` counts all.'),
  columnCount: count,
  rows: z.array(z.array(text(100))).describe('The first 5 rows, as they stand in the file, of those columns.'),
  target: text(256).nullable(),
  classes: z.array(text(256)).nullable().describe('Different values of the target in the first 1000 rows, if they are few; at most 50.'),
})

/** Files of one import; at least the model is needed to import, any of them to inspect. */
const parts = { bundle: ticket.optional(), train: ticket.optional(), holdout: ticket.optional() }

export const importsMethods = {
  'models.beginUpload': command(
    'Opens an upload; the bytes follow with PUT /uploads/<ticket>.',
    z.strictObject({
      fileName: text(512),
      sizeBytes: z
        .int()
        .positive()
        .max(8 * 1024 ** 3),
    }),
    z.object({ ticket, path: text(128) }),
  ),
  'models.discardUpload': command(
    'Takes uploaded files away again, as when an import dialog is closed. Unknown tickets are no error.',
    z.strictObject({ tickets: z.array(ticket).min(1).max(64) }),
    z.object({ discarded: count }),
  ),
  'models.inspect': query(
    'Looks into uploaded files before an import: name, inputs, outputs, columns, and what would be refused. Stores nothing.',
    z.strictObject({ files: z.strictObject({ model: ticket.optional(), ...parts }), target: text(256).optional() }),
    z.object({
      model: inspectedModel.nullable(),
      bundle: inspectedBundle.nullable(),
      train: inspectedRows.nullable(),
      holdout: inspectedRows.nullable(),
    }),
    'operator',
  ),
  'models.import': command(
    'Imports uploaded files as a new version. Returns a job whose result names model, version and digest.',
    z.strictObject({
      files: z.strictObject({ model: ticket, ...parts }),
      model: modelName.optional(),
      version: modelVersionName.optional(),
      target: text(256).optional(),
    }),
    z.object({ job: text(64) }),
  ),
} as const
