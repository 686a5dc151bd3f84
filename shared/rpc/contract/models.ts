import { z } from 'zod'
import { aliasName, modelName, modelVersionName } from '../../domain/ids.ts'
import { baseline, manifest } from '../../domain/bundle.ts'
import { versionStages } from '../../domain/version-stage.ts'
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
  importedBy: text(200).nullable(),
  sourceName: text(512),
  metrics: z.record(z.string(), z.number().nullable()).describe('Of the latest evaluation; empty if there is none.'),
  interval: evaluationRecord.shape.interval.describe('Of the metric that it names, in the latest evaluation.'),
  devices: z.object({ desired: count, active: count }),
  aliases: z.array(aliasName).describe('Aliases that stand for this version, in alphabetical order.'),
  stage: z.enum(versionStages).describe('How far it is on its way to devices.'),
})
export type VersionSummary = z.infer<typeof versionSummary>

const reference = z.strictObject({ model: text(64), version: text(64).describe('A version, or an alias of the model.') })

/** Devices of a version: how many, and the first 50 by id. */
const someDevices = z.object({ count, devices: z.array(text(64)) })

/** What the model said of the hold-out rows of its import, else of its training rows. */
const outcomeFacts = baseline.shape.outcomes
  .unwrap()
  .pick({ rows: true, from: true, outcome: true, confidence: true, accuracy: true })
  .extend({ isCalibrated: z.boolean().describe('A calibrator came out of the rows: their confidence was further off than after it.') })

/** One version with all that a page about it shows. */
const versionDetail = versionSummary.extend({
  manifest,
  keyIds: z.array(text(64)),
  evaluations: z.array(evaluationRecord),
  hasHoldout: z.boolean(),
  goldenRows: count.describe('Cases of the golden set; 0: there is none.'),
  baselineRows: count.nullable().describe('Training rows behind the baseline (`models.baseline`); null: there is none.'),
  outcomes: outcomeFacts.nullable().describe('What the model says of reference rows; null: no rows came along, or it could not be read.'),
  runs: z.object({
    desired: someDevices.describe('Ordered to run it.'),
    active: someDevices.describe('Report to run it.'),
    deployments: z.array(text(64)).describe('Names of deployments that it is ordered for.'),
  }),
  lineage: z.object({
    sourceName: text(512),
    importedAt: epochMs,
    importedBy: text(200).nullable(),
    parent: modelVersionName.nullable().describe('The version of the model that was imported before it.'),
    child: modelVersionName.nullable().describe('The version of the model that was imported after it.'),
    holdoutName: text(512).nullable(),
    holdoutSha256: text(64).nullable(),
  }),
  note: z.object({ text: text(10_000), by: text(200), at: epochMs }).nullable(),
})

const aliasChange = z.object({
  alias: aliasName,
  at: epochMs,
  by: text(200),
  from: modelVersionName.nullable(),
  to: modelVersionName.nullable().describe('null: the alias was removed.'),
})

/** Who is ahead on one metric: `same` if equal, `unsure` if the interval holds 0 or there is none, null if no direction is better. */
const metricComparison = z.object({
  metric: text(64),
  better: z.enum(['higher', 'lower']).nullable(),
  left: z.number().nullable(),
  right: z.number().nullable(),
  difference: z.number().nullable().describe('right - left.'),
  interval: z
    .object({ low: z.number(), high: z.number(), level: z.number(), method: text(64) })
    .nullable()
    .describe('Of the difference.'),
  verdict: z.enum(['left', 'right', 'same', 'unsure']).nullable(),
  note: text(500),
})

const comparedSide = z.object({
  version: versionSummary,
  onnx: z.object({ irVersion: z.int(), opsets: z.record(z.string(), z.int()), producer: text(1024), operators: count }),
  blocks: count,
  goldenRows: count,
  evaluation: evaluationRecord.omit({ confusion: true, metrics: true }).nullable().describe('The evaluation that is compared.'),
})

export const modelsMethods = {
  'models.list': query(
    'Models and their versions.',
    z.strictObject({ model: text(64).optional() }),
    z.object({ versions: z.array(versionSummary) }),
  ),
  'models.show': query('One version: manifest, signatures, evaluations, where it runs, where it comes from.', reference, versionDetail),
  'models.baseline': query(
    'Distribution of each feature in the training rows, in bins; by position of the feature.',
    reference.extend({ offset: z.int().nonnegative().default(0), limit: z.int().min(1).max(1000).default(200) }),
    z.object({ rows: count.nullable(), total: count, features: baseline.shape.features }),
  ),
  'models.evaluate': command(
    'Runs a version on hold-out rows in a child process and stores the metrics with it. Without a file, on the hold-out that came with the import.',
    reference.extend({
      holdout: z
        .string()
        .regex(/^[a-z0-9]{32}$/)
        .optional(),
    }),
    z.object({ job: text(64) }),
  ),
  'models.compare': query(
    'Two versions side by side: metrics with the interval of their difference, inputs and outputs, operators, sizes, latency.',
    z.strictObject({
      model: text(64),
      left: text(64),
      right: text(64),
      rightModel: text(64).optional().describe('Where it is another model.'),
    }),
    z.object({
      left: comparedSide,
      right: comparedSide,
      sameRows: z.boolean().describe('Both evaluations were made on the same hold-out file.'),
      metrics: z.array(metricComparison),
      latency: z.array(z.object({ quantile: z.enum(['p50', 'p95', 'p99']), left: z.number().nullable(), right: z.number().nullable() })),
      isInterchangeable: z.boolean().describe('Same inputs, outputs, task and labels: whoever asks one can ask the other.'),
      differences: z
        .array(
          z.object({
            part: z.enum(['task', 'input', 'output', 'feature', 'label', 'preprocessing', 'postprocessing', 'validation', 'opset']),
            name: text(256),
            left: text(500).nullable(),
            right: text(500).nullable(),
          }),
        )
        .max(500),
      operators: z.object({ added: z.array(text(256)), removed: z.array(text(256)) }),
      sharedBytes: count.describe('Bytes of the right bundle that a device which has the left one need not fetch.'),
    }),
  ),
  'models.aliases': query(
    'Aliases of a model and their history, the newest change first.',
    z.strictObject({ model: text(64), limit: z.int().min(1).max(500).default(100) }),
    z.object({
      aliases: z.array(z.object({ alias: aliasName, version: modelVersionName, at: epochMs, by: text(200) })),
      history: z.array(aliasChange),
    }),
  ),
  'models.setAlias': command(
    'Makes an alias of a model stand for a version, such as `production`. Deployments that run are not changed.',
    z.strictObject({ model: text(64), alias: aliasName, version: text(64) }),
    aliasChange,
  ),
  'models.removeAlias': command('Removes an alias of a model.', z.strictObject({ model: text(64), alias: aliasName }), aliasChange),
  'models.setNote': command(
    'Writes the note of a version; an empty text removes it.',
    reference.extend({ text: text(10_000) }),
    z.object({ model: modelName, version: modelVersionName }),
  ),
} as const
