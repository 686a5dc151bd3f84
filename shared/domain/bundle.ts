import { z } from 'zod'
import { blockBytes, MAX_BLOCKS } from '../protocol/block.ts'
import { modelName, modelVersionName, sha256 } from './ids.ts'
import { postprocessing, preprocessing, validation } from './pipeline.ts'

/** Datatypes of the Open Inference Protocol that Muster serves. */
export const datatypes = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BYTES',
] as const
export type Datatype = (typeof datatypes)[number]

/** An input or output of the model: -1 is a variable dimension. */
export const tensorSpec = z.looseObject({
  name: z.string().min(1).max(256),
  datatype: z.enum(datatypes),
  shape: z
    .array(
      z
        .int()
        .min(-1)
        .max(2 ** 31),
    )
    .max(8),
})
export type TensorSpec = z.infer<typeof tensorSpec>

/** One column of the data that the model reads. */
export const feature = z.looseObject({
  name: z.string().min(1).max(256),
  min: z.number().nullable().describe('Smallest value in the training rows.'),
  max: z.number().nullable().describe('Largest value in the training rows.'),
})
export type Feature = z.infer<typeof feature>

/** Bytes of the bundle, and how they travel: content-defined blocks in order, as `[bytes, sha256]`. */
export const artifactEntry = z.looseObject({
  sha256,
  sizeBytes: z.int().positive(),
  encoding: z.enum(['identity', 'zstd']).describe('How each block is encoded on the wire; hashes are of the decoded bytes.'),
  blocks: z
    .array(z.tuple([z.int().positive().max(blockBytes.max), sha256]))
    .min(1)
    .max(MAX_BLOCKS),
})
export type ArtifactEntry = z.infer<typeof artifactEntry>

export const artifactRoles = ['model', 'baseline', 'golden'] as const
export type ArtifactRole = (typeof artifactRoles)[number]

/** What the model does, so that its answers can be judged. */
export const tasks = ['classification', 'regression', 'other'] as const
export type Task = (typeof tasks)[number]

/** Which outputs, of the model or of postprocessing, carry the prediction. */
export const outcome = z.looseObject({
  label: z.string().max(256).nullable().describe('Output with the class index or class label.'),
  probabilities: z.string().max(256).nullable().describe('Output with one probability per class.'),
  value: z.string().max(256).nullable().describe('Output with the value of a regression.'),
})
export type Outcome = z.infer<typeof outcome>

/** The signed content of a model version. Its SHA-256, over the exact bytes, is the version's digest. */
export const manifest = z.looseObject({
  v: z.literal(1),
  model: modelName,
  version: modelVersionName,
  task: z.enum(tasks),
  labels: z.array(z.string().max(256)).max(100_000).describe('Class labels in order of class index; empty if there are none.'),
  inputs: z.array(tensorSpec).min(1).max(64),
  outputs: z.array(tensorSpec).min(1).max(64),
  outcome,
  schema: z.looseObject({
    input: z.string().max(256).nullable().describe('Input that the features fill, one column each; null: the model is not tabular.'),
    features: z.array(feature).max(100_000),
    target: z.string().max(256).nullable().describe('Column of the true label or value.'),
  }),
  preprocessing,
  postprocessing: postprocessing.optional(),
  validation: validation.optional(),
  onnx: z.looseObject({
    irVersion: z.int(),
    opsets: z.record(z.string(), z.int()),
    operators: z.array(z.string()).max(4096),
    producer: z.string().max(1024),
    metadata: z.record(z.string(), z.string()),
  }),
  personal: z.array(z.string().max(256)).max(256).optional().describe('Features, inputs or outputs that hold what is personal.'),
  metrics: z.record(z.string(), z.number()).describe('Metrics that came with the bundle from training.'),
  artifacts: z.looseObject({ model: artifactEntry, baseline: artifactEntry.optional(), golden: artifactEntry.optional() }),
})
export type Manifest = z.infer<typeof manifest>

/** The roles that a manifest has bytes for, with their entries. */
export function artifactsOf(of: Manifest): { role: ArtifactRole; entry: ArtifactEntry }[] {
  return artifactRoles.flatMap((role) => {
    const entry = of.artifacts[role]
    return entry === undefined ? [] : [{ role, entry }]
  })
}

/** Bytes of all artifacts of a manifest. */
export function bundleSizeBytes(of: Manifest): number {
  return artifactsOf(of).reduce((sum, { entry }) => sum + entry.sizeBytes, 0)
}

/** Sum of block sizes equals the size, and no count is absurd: checked before the first byte is asked for. */
export function isConsistentArtifact(entry: ArtifactEntry): boolean {
  return entry.blocks.reduce((sum, [bytes]) => sum + bytes, 0) === entry.sizeBytes
}

/** A tensor as plain numbers or strings, row-major. */
const plainTensor = z.looseObject({
  name: z.string().max(256),
  datatype: z.enum(datatypes),
  shape: z.array(z.int().nonnegative()).max(8),
  data: z.array(z.union([z.number(), z.string(), z.boolean()])),
})

/** The golden set: inputs with the outputs that the model gave on the console, and how far a device may differ. */
export const goldenSet = z.looseObject({
  v: z.literal(1),
  tolerance: z.looseObject({ absolute: z.number().nonnegative(), relative: z.number().nonnegative() }),
  cases: z
    .array(z.looseObject({ inputs: z.array(plainTensor).min(1), outputs: z.array(plainTensor).min(1) }))
    .min(1)
    .max(256),
})
export type GoldenSet = z.infer<typeof goldenSet>

/** The training distribution of one feature, outcome or confidence. */
const distribution = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('numeric'),
    name: z.string(),
    edges: z.array(z.number()).max(100),
    counts: z.array(z.int().nonnegative()).max(101),
    missing: z.int().nonnegative(),
    infinite: z.int().nonnegative(),
    min: z.number(),
    max: z.number(),
    mean: z.number(),
    standardDeviation: z.number().nonnegative(),
  }),
  z.looseObject({
    kind: z.literal('categorical'),
    name: z.string(),
    categories: z.array(z.tuple([z.string(), z.int().nonnegative()])).max(50),
    other: z.int().nonnegative(),
    missing: z.int().nonnegative(),
  }),
])

/** What the model said of reference rows: bundles of before have none. */
const outcomeReference = z.looseObject({
  rows: z.int().positive(),
  from: z.enum(['holdout', 'training']).describe('Whose rows they were; the model has seen those of the training.'),
  outcome: distribution,
  confidence: distribution.nullable(),
  calibrator: z
    .looseObject({
      v: z.literal(1),
      scores: z.array(z.number()).min(1).max(10_000),
      probabilities: z.array(z.number().min(0).max(1)).min(1).max(10_000),
    })
    .nullable()
    .describe('From confidence, or of two classes from the probability of the second, to a calibrated probability; null: as they are.'),
  accuracy: z.object({ rows: z.int().positive(), right: z.int().nonnegative() }).nullable().describe('Of the rows whose truth is known.'),
})

/** The baseline: the training distribution of each feature, in bins that the reference defines (`shared/stats/reference-bins.ts`). */
export const baseline = z.looseObject({
  v: z.literal(1),
  rows: z.int().positive(),
  features: z.array(distribution),
  outcomes: outcomeReference.optional(),
})
export type OutcomeReference = z.infer<typeof outcomeReference>
export type Baseline = z.infer<typeof baseline>

/** What the folder form of a bundle says in `bundle.json`; every field may be left out. */
export const bundleFile = z.strictObject({
  model: modelName.optional(),
  version: modelVersionName.optional(),
  task: z.enum(tasks).optional(),
  labels: z.array(z.string().min(1).max(256)).max(100_000).optional(),
  target: z.string().min(1).max(256).optional(),
  outcome: z.strictObject({ label: z.string().optional(), probabilities: z.string().optional(), value: z.string().optional() }).optional(),
  preprocessing: preprocessing.optional(),
  postprocessing: postprocessing.optional(),
  validation: validation.optional(),
  metrics: z.record(z.string().max(64), z.number()).optional(),
  personal: z.array(z.string().min(1).max(256)).max(256).optional(),
  goldenTolerance: z.strictObject({ absolute: z.number().nonnegative(), relative: z.number().nonnegative() }).optional(),
})
export type BundleFile = z.infer<typeof bundleFile>
