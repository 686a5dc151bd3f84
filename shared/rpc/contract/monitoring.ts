import { z } from 'zod'
import { referenceKinds } from '../../domain/alert.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

/** What a question of monitoring is about; merged states answer it exactly for any devices and period. */
const slice = {
  device: text(64).optional(),
  query: text(4000).default('').describe('Without device; empty: the whole fleet.'),
  deployment: text(64).optional(),
  model: text(64).optional(),
  version: text(64).optional(),
  from: epochMs.optional().describe('Left out: a day before `through`.'),
  through: epochMs.optional().describe('Exclusive; left out: now.'),
}
const bundleSlice = { ...slice, deployment: text(64), model: text(64), version: text(64) }

const subject = { deployment: text(64), model: text(64), version: text(64), digest: text(64) }
const share = z.number().min(0).max(1)
const interval = z.object({ low: z.number(), high: z.number() }).nullable()

/** How much stands behind a figure; these are different things and shown as such. */
export const evidenceStates = ['measured', 'estimated', 'insufficient data', 'inconclusive', 'none'] as const

const figure = z.object({
  state: z.enum(evidenceStates),
  value: z.number().nullable(),
  low: z.number().nullable().describe('95 % interval.'),
  high: z.number().nullable(),
  n: z.number().nonnegative().describe('Rows it rests on; weighted: the effective ones.'),
})
export type Figure = z.infer<typeof figure>

export const driftStates = ['insufficient data', 'ok', 'warn', 'alarm'] as const
export const countedRoles = ['feature', 'outcome', 'confidence'] as const

/** Which reference a verdict rests on. */
const reference = z.object({
  kind: z.enum(referenceKinds),
  id: text(200).describe('Stable: what it was made of.'),
  name: text(200).describe('In words, e.g. training (110 rows) or this device, 12 to 14 March.'),
  rows: count,
  state: z
    .enum(['ready', 'insufficient data', 'none'])
    .describe('none: there is no such reference, e.g. no training rows came with the bundle.'),
  why: text(500).nullable().describe('Why it is not ready, and what to do.'),
})
export type ReferenceFacts = z.infer<typeof reference>

const rule = z.object({
  warn: z.number(),
  alarm: z.number(),
  q: z.number().describe('Share of false findings that is accepted among the features of one window.'),
  leastValues: count,
  warnFrom: count,
  windows: z.int().positive(),
  of: z.int().positive(),
  windowMs: z.int().positive().describe('Shortest verdict window.'),
})

const score = z.object({
  from: epochMs,
  through: epochMs,
  level: z.enum(['insufficient data', 'none', 'warn', 'alarm']),
  n: count,
  effective: z.number().nonnegative(),
  m: count,
  effect: z.number().nullable().describe('Adjusted PSI of numbers, adjusted JS distance of categories.'),
  psi: z.number().nullable(),
  psiAdjusted: z.number().nullable(),
  jsDistance: z.number().nullable(),
  p: z.number(),
  pAdjusted: z.number().nullable().describe('After Benjamini-Hochberg over the features of the window.'),
})

const verdict = z.object({
  name: text(256),
  role: z.enum(countedRoles),
  kind: z.enum(['numeric', 'categorical']),
  state: z.enum(driftStates),
  sentence: text(500).describe('The verdict in words, with n, effect, evidence and persistence.'),
  last: score.nullable().describe('Of the last closed verdict window.'),
  warnings: count.describe('Of the last windows, those at a warning or above.'),
  alarms: count,
  windows: z.array(score).max(400).describe('Closed verdict windows of the period, the oldest first.'),
})

const rate = z.object({
  name: text(256),
  role: z.enum(countedRoles),
  cause: z.enum(['missing', 'wrong-type', 'infinite', 'out-of-range', 'outlier', 'unseen']),
  state: z.enum(['insufficient data', 'ok', 'alarm']),
  sentence: text(500),
  current: z.object({ successes: count, trials: count, share: share.nullable() }),
  reference: z.object({ successes: count, trials: count, share: share.nullable() }),
  difference: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  p: z.number(),
})

const bin = z.object({
  label: text(256).describe('Interval or category.'),
  from: z.number().nullable(),
  to: z.number().nullable(),
  reference: count,
  current: count,
})

const classScore = z.object({
  label: text(256),
  support: count,
  predicted: count,
  precision: z.number(),
  recall: z.number().nullable(),
  f1: z.number(),
})

const regression = z.object({
  mae: z.number().nullable(),
  rmse: z.number().nullable(),
  r2: z.number().nullable(),
  bias: z.number().nullable(),
  mape: z.number().nullable(),
})

const quantiles = z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable()

const traffic = z.object({
  requests: count,
  errors: count,
  errorRate: share.nullable(),
  errorRateLow: z.number().nullable(),
  errorRateHigh: z.number().nullable(),
  requestsPerSecond: z.number().nullable(),
  latencyMs: quantiles,
  notFinite: count,
})

export const monitoringMethods = {
  'monitoring.health': query(
    'How every model in service does: traffic, quality (measured or estimated), drift and data quality, each with its evidence.',
    z.strictObject({ ...slice, by: z.enum(['version', 'device']).default('version'), limit: z.int().min(1).max(1000).default(200) }),
    z.object({
      from: epochMs,
      through: epochMs,
      rows: z.array(
        z.object({
          ...subject,
          device: text(64).nullable(),
          devices: count.describe('Devices that counted something.'),
          task: text(32),
          traffic,
          quality: figure.describe('Accuracy, or of a regression the mean absolute error.'),
          qualityMeasure: z.enum(['accuracy', 'mae']),
          labelled: count,
          estimate: figure.describe('Accuracy without labels (CBPE): cannot see concept drift.'),
          drift: z.object({ state: z.enum(driftStates), features: z.array(text(256)).describe('That warn or alarm, the worst first.') }),
          dataQuality: z.object({ state: z.enum(['insufficient data', 'ok', 'alarm']), findings: z.array(text(300)) }),
        }),
      ),
      total: count,
    }),
  ),
  'monitoring.drift': query(
    'Drift of every feature, the outcomes and the confidence of a version over time, against one reference.',
    z.strictObject({
      ...bundleSlice,
      reference: z.enum(referenceKinds).default('training'),
      windowMs: z.int().min(1000).max(86_400_000).default(3_600_000).describe('Shortest verdict window.'),
    }),
    z.object({
      from: epochMs,
      through: epochMs,
      reference,
      rule,
      features: z.array(verdict).describe('The worst first.'),
      omitted: count.describe('Features of the bundle that devices do not count.'),
      openWindow: z
        .object({ from: epochMs, effective: z.number().nonnegative(), needs: z.number().nonnegative() })
        .nullable()
        .describe('The window that is not closed yet, and how many values it needs.'),
    }),
  ),
  'monitoring.feature': query(
    'One feature, the outcomes or the confidence: reference and now laid over each other, what changed, and which devices pull it.',
    z.strictObject({
      ...bundleSlice,
      role: z.enum(countedRoles).default('feature'),
      feature: text(256),
      reference: z.enum(referenceKinds).default('training'),
      windowMs: z.int().min(1000).max(86_400_000).default(3_600_000),
      bins: z.int().min(2).max(100).default(20),
    }),
    z.object({
      from: epochMs,
      through: epochMs,
      reference,
      rule,
      verdict,
      bins: z.array(bin),
      now: z.object({
        mean: z.number().nullable(),
        deviation: z.number().nullable(),
        min: z.number().nullable(),
        max: z.number().nullable(),
      }),
      was: z.object({
        mean: z.number().nullable(),
        deviation: z.number().nullable(),
        min: z.number().nullable(),
        max: z.number().nullable(),
      }),
      measures: z
        .array(z.object({ measure: text(64), value: z.number().nullable(), note: text(200) }))
        .describe('Other distances of the whole period: JS, Hellinger, total variation, KS with its bounds, Wasserstein, L-infinity.'),
      rates: z.array(rate),
      devices: z
        .array(z.object({ device: text(64), n: count, effect: z.number().nullable(), state: z.enum(driftStates) }))
        .describe('Those that differ most from the reference, at most 20.'),
    }),
  ),
  'monitoring.dataQuality': query(
    'Rates of missing, wrong, infinite, out-of-range, outlying and unseen values per feature against their reference.',
    z.strictObject({ ...bundleSlice, reference: z.enum(['training', 'device-baseline']).default('training') }),
    z.object({ from: epochMs, through: epochMs, reference, rates: z.array(rate).describe('Alarms first, then by rise.') }),
  ),
  'monitoring.quality': query(
    'Quality measured with labels, with intervals, beside the estimate without labels; confusion matrix and reliability.',
    z.strictObject({ ...bundleSlice, buckets: z.int().min(1).max(400).default(48) }),
    z.object({
      from: epochMs,
      through: epochMs,
      task: text(32),
      labelled: count,
      coverage: share.nullable().describe('Labelled rows of all predicted rows.'),
      sources: z.object({ feedback: count, desk: count }),
      accuracy: figure,
      weighted: figure.describe('For the population that the labelled samples stand for, by their declared weights.'),
      estimate: figure,
      macroF1: z.number().nullable(),
      weightedF1: z.number().nullable(),
      balancedAccuracy: z.number().nullable(),
      mcc: z.number().nullable(),
      kappa: z.number().nullable(),
      brier: z.number().nullable().describe('Of the top class: mean of (confidence - right)^2.'),
      ece: z.number().nullable(),
      mce: z.number().nullable(),
      auc: z
        .object({ value: z.number(), low: z.number(), high: z.number() })
        .nullable()
        .describe('Confidence as a score of being right; the bounds of its bins.'),
      classes: z.array(classScore),
      confusion: z
        .object({ labels: z.array(text(256)), matrix: z.array(z.array(count)).describe('Rows: true. Columns: predicted.') })
        .nullable(),
      reliability: z.array(
        z.object({
          from: z.number(),
          to: z.number(),
          rows: count,
          confidence: z.number().nullable(),
          share: z.number().nullable(),
          interval,
        }),
      ),
      regression: regression.nullable(),
      reference: z.object({ from: z.enum(['holdout', 'training']), rows: count, accuracy: z.number().nullable() }).nullable(),
      series: z.object({
        from: epochMs,
        bucketMs: z.int().positive(),
        measured: z.array(figure),
        estimated: z.array(figure),
      }),
    }),
  ),
  'monitoring.peers': query(
    'A device against its peers: the other devices that run the same version in the same time.',
    z.strictObject({ device: text(64), from: epochMs.optional(), through: epochMs.optional() }),
    z.object({
      from: epochMs,
      through: epochMs,
      deployments: z.array(
        z.object({
          ...subject,
          peers: count,
          figures: z.array(
            z.object({
              measure: z.enum(['latency-p50', 'latency-p95', 'error-rate', 'throughput', 'accuracy', 'confidence']),
              unit: text(16),
              device: z.number().nullable(),
              peers: z.number().nullable().describe('All peers merged.'),
              low: z.number().nullable().describe('10 % of the peers are below.'),
              high: z.number().nullable(),
              rank: count.nullable().describe('1: the highest of device and peers.'),
              state: z.enum(['insufficient data', 'as its peers', 'differs']),
              sentence: text(500),
            }),
          ),
          drift: z.object({ state: z.enum(driftStates), features: z.array(verdict) }),
        }),
      ),
    }),
  ),
  'monitoring.references': query(
    'References that a version has: training, the baseline of the device, the same season, the fleet’s peers.',
    z.strictObject(bundleSlice),
    z.object({ references: z.array(reference) }),
  ),
  'monitoring.setBaseline': command(
    'Makes a healthy period of a device its baseline, or forgets the baseline, so that the next healthy windows make another.',
    z.strictObject({
      device: text(64),
      deployment: text(64),
      from: epochMs.nullable().describe('null: forget.'),
      through: epochMs.nullable(),
    }),
    z.object({ reference }),
  ),
} as const
