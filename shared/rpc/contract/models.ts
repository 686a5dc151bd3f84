import { z } from 'zod'
import { modelName, modelVersionName } from '../../domain/ids.ts'
import { manifest } from '../../domain/bundle.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

/** Metrics of an offline evaluation; keys are the field's terms (accuracy, macroF1, logLoss, mae, …), null where undefined. */
export const evaluationRecord = z.object({
  evaluation: text(64),
  dataset: text(512),
  datasetSha256: text(64),
  rows: count,
  metrics: z.record(z.string(), z.number().nullable()),
  confusion: z.array(z.array(count)).nullable().describe('Rows: true class, columns: predicted class.'),
  interval: z.object({ metric: text(64), low: z.number(), high: z.number(), level: z.number() }).nullable(),
  latencyMs: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).describe('Per row, on the console.'),
  runtimeVersion: text(64),
  evaluatedAt: epochMs,
})
export type EvaluationRecord = z.infer<typeof evaluationRecord>

export const versionSummary = z.object({
  model: modelName,
  version: modelVersionName,
  digest: text(64),
  task: text(32),
  sizeBytes: count,
  importedAt: epochMs,
  sourceName: text(512),
  metrics: z.record(z.string(), z.number().nullable()).describe('Of the latest evaluation; empty if there is none.'),
  devices: z.object({ desired: count, active: count }),
})

/** A file that was uploaded with `models.beginUpload`. */
const ticket = z.string().regex(/^[a-z0-9]{32}$/)

export const modelsMethods = {
  'models.list': query(
    'Models and their versions.',
    z.strictObject({ model: text(64).optional() }),
    z.object({ versions: z.array(versionSummary) }),
  ),
  'models.show': query(
    'One version: manifest, signatures, evaluations.',
    z.strictObject({ model: text(64), version: text(64) }),
    versionSummary.extend({ manifest, keyIds: z.array(text(64)), evaluations: z.array(evaluationRecord), hasHoldout: z.boolean() }),
  ),
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
  'models.import': command(
    'Imports uploaded files as a new version. Returns a job whose result is the version.',
    z.strictObject({
      files: z.strictObject({ model: ticket, bundle: ticket.optional(), train: ticket.optional(), holdout: ticket.optional() }),
      model: modelName.optional(),
      version: modelVersionName.optional(),
      target: text(256).optional(),
    }),
    z.object({ job: text(64) }),
  ),
  'models.evaluate': command(
    'Runs a version on hold-out rows in a child process and stores the metrics with it. Without a file, on the hold-out that came with the import.',
    z.strictObject({ model: text(64), version: text(64), holdout: ticket.optional() }),
    z.object({ job: text(64) }),
  ),
} as const
