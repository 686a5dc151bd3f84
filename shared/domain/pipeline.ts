import { z } from 'zod'

/** A name of a column, an input or an output. */
const name = z.string().min(1).max(256)
const names = z.array(name).min(1).max(100_000)
const numbers = z.array(z.number()).min(1).max(100_000)
const divisors = z
  .array(z.number().refine((value) => value !== 0, 'must not be 0'))
  .min(1)
  .max(100_000)
const category = z.union([z.string().max(256), z.number()])

/**
 * A declared step of form 1, applied row by row, in order, the same on console and device.
 * Lists have one value per feature.
 */
export const preprocessingStep = z.discriminatedUnion('step', [
  z.strictObject({
    step: z.literal('fill-missing'),
    values: z.array(z.number()).describe('Replaces a missing value (null or NaN) of the feature.'),
  }),
  z.strictObject({ step: z.literal('clip'), min: z.array(z.number()), max: z.array(z.number()) }),
  z.strictObject({
    step: z.literal('scale'),
    subtract: z.array(z.number()),
    divide: z.array(z.number().refine((value) => value !== 0, 'must not be 0')),
  }),
])
export type PreprocessingStep = z.infer<typeof preprocessingStep>

export const columnTypes = ['number', 'text', 'boolean'] as const
export type ColumnType = (typeof columnTypes)[number]

/** A raw column of a request of form 2: what the client sends, before any step. */
export const rawColumn = z.strictObject({
  name,
  type: z.enum(columnTypes),
  missing: z
    .union([z.enum(['reject', 'pass']), z.strictObject({ fill: z.union([z.number(), z.string().min(1).max(256)]) })])
    .optional()
    .describe('What happens to a missing value (NaN, empty text); left out: reject.'),
  min: z.number().optional().describe('Values below are counted as `feature.out-of-range`.'),
  max: z.number().optional(),
  categories: z.array(category).min(1).max(10_000).optional().describe('Values that are known; others are `feature.unseen-category`.'),
})
export type RawColumn = z.infer<typeof rawColumn>

/** A declared step of form 2 over columns, in order. Lists have one value per named column. */
export const columnStep = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('select'), columns: names }),
  z.strictObject({ step: z.literal('cast'), columns: names, to: z.enum(columnTypes) }),
  z.strictObject({ step: z.literal('fill-missing'), columns: names, values: z.array(z.union([z.number(), z.string().max(256)])).min(1) }),
  z.strictObject({ step: z.literal('clip'), columns: names, min: numbers, max: numbers }),
  z.strictObject({ step: z.literal('scale'), columns: names, subtract: numbers, divide: divisors }),
  z.strictObject({
    step: z.literal('log'),
    columns: names,
    form: z.enum(['ln', 'log1p']).describe('ln: ln(value + offset); log1p: ln(1 + value), exact near 0.'),
    offset: z.number().optional().describe('Only with ln; left out: 0.'),
  }),
  z.strictObject({
    step: z.literal('one-hot'),
    column: name,
    categories: z.array(category).min(1).max(10_000).optional().describe('Left out: those of the column.'),
    unseen: z.enum(['ignore', 'other', 'reject']).describe('ignore: all zeros; other: one more column; reject: the request is refused.'),
  }),
  z.strictObject({ step: z.literal('assemble'), input: name, columns: names.optional().describe('Left out: all, in their order.') }),
])
export type ColumnStep = z.infer<typeof columnStep>

/** The picture of a request of form 2. */
export const rawPicture = z.strictObject({
  name,
  form: z.enum(['encoded', 'raw']).describe('encoded: BYTES [n] of PNG or JPEG files; raw: UINT8 [n, height, width, channels].'),
  channels: z
    .union([z.literal(1), z.literal(3)])
    .optional()
    .describe('Of a raw picture; left out: 3 (red, green, blue).'),
  maxPixels: z
    .int()
    .min(1)
    .max(2 ** 26)
    .optional()
    .describe('Width times height of one picture; left out: 4,194,304.'),
})
export type RawPicture = z.infer<typeof rawPicture>

const side = z.int().min(1).max(8192)
const channels = z.array(z.number()).min(1).max(3)

/** A declared step of form 2 over a picture, in order. */
export const pictureStep = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('decode'), colour: z.enum(['rgb', 'bgr', 'gray']) }),
  z.strictObject({ step: z.literal('resize'), width: side, height: side, method: z.enum(['nearest', 'bilinear']) }),
  z.strictObject({ step: z.literal('resize-shorter'), to: side, method: z.enum(['nearest', 'bilinear']) }),
  z.strictObject({ step: z.literal('centre-crop'), width: side, height: side }),
  z.strictObject({
    step: z.literal('normalise'),
    scale: channels,
    mean: channels,
    std: z
      .array(z.number().refine((value) => value !== 0, 'must not be 0'))
      .min(1)
      .max(3),
  }),
  z.strictObject({ step: z.literal('layout'), order: z.enum(['NCHW', 'NHWC']), input: name.optional() }),
])
export type PictureStep = z.infer<typeof pictureStep>

const preprocessing1 = z.looseObject({ v: z.literal(1), steps: z.array(preprocessingStep).max(32) })
const columns2 = z.strictObject({
  v: z.literal(2),
  kind: z.literal('columns'),
  columns: z.array(rawColumn).min(1).max(10_000),
  steps: z.array(columnStep).min(1).max(256),
})
const picture2 = z.strictObject({
  v: z.literal(2),
  kind: z.literal('picture'),
  picture: rawPicture,
  steps: z.array(pictureStep).min(1).max(32),
})

/** How a request becomes the inputs of the model. Form 1: numbers by position of the feature; form 2: named columns, or a picture. */
export const preprocessing = z.discriminatedUnion('v', [preprocessing1, z.discriminatedUnion('kind', [columns2, picture2])])
export type Preprocessing = z.infer<typeof preprocessing>
export type FeaturePreprocessing = z.infer<typeof preprocessing1>
export type ColumnPreprocessing = z.infer<typeof columns2>
export type PicturePreprocessing = z.infer<typeof picture2>

/** A declared step over outputs, in order: it reads an output of the model or one made before, and makes a named one. */
export const postprocessingStep = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('softmax'), from: name, to: name }),
  z.strictObject({ step: z.literal('sigmoid'), from: name, to: name }),
  z.strictObject({ step: z.literal('argmax'), from: name, to: name }),
  z.strictObject({ step: z.literal('threshold'), from: name, to: name, at: z.number().describe('1 from this value on, else 0.') }),
  z.strictObject({ step: z.literal('top-k'), from: name, k: z.int().min(1).max(1000), values: name, indices: name }),
  z.strictObject({
    step: z.literal('label-map'),
    from: name,
    to: name,
    labels: z.array(z.string().max(256)).min(1).max(100_000).optional().describe('Left out: the labels of the bundle.'),
  }),
])
export type PostprocessingStep = z.infer<typeof postprocessingStep>

export const postprocessing = z.strictObject({ v: z.literal(1), steps: z.array(postprocessingStep).max(32) })
export type Postprocessing = z.infer<typeof postprocessing>

/** reject: the request is refused; flag: it goes on and the count says `flag`; pass: it goes on and is only counted. */
export const policies = ['reject', 'flag', 'pass'] as const
export const policy = z.enum(policies)
export type Policy = z.infer<typeof policy>

/** What the bundle says about unusual values; a cause that is left out has the default of the documentation. */
export const validation = z.strictObject({
  v: z.literal(1),
  input: z.strictObject({ missing: policy.optional(), 'not-finite': policy.optional(), type: policy.optional() }).optional(),
  feature: z
    .strictObject({ 'out-of-range': policy.optional(), 'unseen-category': policy.optional(), 'out-of-domain': policy.optional() })
    .optional(),
  output: z
    .strictObject({
      'not-finite': policy.optional(),
      'unknown-label': policy.optional(),
      range: z
        .array(z.strictObject({ output: name, min: z.number().optional(), max: z.number().optional(), policy }))
        .max(64)
        .optional(),
      'sum-to-one': z
        .array(z.strictObject({ output: name, tolerance: z.number().nonnegative(), policy }))
        .max(64)
        .optional(),
    })
    .optional(),
})
export type Validation = z.infer<typeof validation>

/** Names of the steps that each form knows. */
export const knownSteps = {
  features: preprocessingStep.options.map((option) => option.shape.step.value),
  columns: columnStep.options.map((option) => option.shape.step.value),
  picture: pictureStep.options.map((option) => option.shape.step.value),
  postprocessing: postprocessingStep.options.map((option) => option.shape.step.value),
} as const
