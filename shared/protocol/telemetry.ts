import { z } from 'zod'
import { bootId, bundleDigest, deploymentName, deviceId, modelName, modelVersionName, spoolId } from '../domain/ids.ts'
import { subjectRef } from './assignment.ts'
import { count, epochMs, head, sizeBytes, text } from './message.ts'

/** A mergeable latency sketch as it travels; see `shared/stats/latency-sketch.ts`. */
export const sketchState = z.looseObject({
  accuracy: z.number().gt(0).lt(1).describe('Relative accuracy; sketches of different accuracy never merge.'),
  count,
  zero: count,
  sum: z.number().describe('ms'),
  min: z.number().nullable().describe('ms'),
  max: z.number().nullable().describe('ms'),
  collapsed: z.boolean().describe('True if the lowest bins were merged to stay within the cap.'),
  bins: z
    .array(z.tuple([z.int(), z.int().positive()]))
    .max(1024)
    .describe('[index, count], index ascending.'),
})
export type SketchState = z.infer<typeof sketchState>

/** Which model version in which deployment a record speaks of. */
const subject = {
  deployment: deploymentName,
  digest: bundleDigest,
  model: modelName,
  version: modelVersionName,
}

/** A closed interval of inference on one deployment and one bundle. Windows of equal subject and start merge. */
export const windowBody = z.looseObject({
  ...subject,
  startedAt: epochMs.describe('Device clock.'),
  endedAt: epochMs.describe('Device clock.'),
  coveredMs: count.describe('Monotonic ms that the window was open: throughput divides by it.'),
  requests: count.describe('Inference requests, failed ones included.'),
  rows: count.describe('Rows predicted without error.'),
  errors: z.record(text(64), count).describe('Failed requests by error code.'),
  latencyMs: sketchState.describe('Time from the parsed request to the made answer, successful requests.'),
  validation: z
    .record(text(64), count)
    .optional()
    .describe('Findings of the validation by `<stage>.<cause>.<policy>`, e.g. `feature.out-of-range.flag`; values, not requests.'),
  notFinite: count.optional().describe('Answered requests whose outputs had NaN or infinity.'),
  cacheHits: count.optional().describe('Requests answered from the prediction cache.'),
  cpuMs: z.number().nonnegative().optional().describe('Time that the runs of the model took, ms.'),
})
export type WindowBody = z.infer<typeof windowBody>

/** True labels joined with the predictions that they belong to. A later label for one id and row replaces the earlier. */
export const labelsBody = z.looseObject({
  ...subject,
  items: z
    .array(
      z.looseObject({
        id: text(128).describe('Prediction id.'),
        row: count.describe('Row within the request.'),
        predictedAt: epochMs.describe('Device clock.'),
        predicted: z.union([text(256), z.number()]).describe('Class label, or value of a regression.'),
        actual: z.union([text(256), z.number()]).describe('True label or value.'),
        confidence: z.number().min(0).max(1).nullable().describe('Probability of the predicted class.'),
        subject: subjectRef.optional().describe('Whom it is about.'),
      }),
    )
    .min(1)
    .max(500),
})
export type LabelsBody = z.infer<typeof labelsBody>

/** One input with its output, kept by the sampling policy. */
export const sampleBody = z.looseObject({
  ...subject,
  id: text(128),
  predictedAt: epochMs,
  weight: z.number().positive().describe('Inverse of the sampling rate.'),
  reason: z
    .enum(['random', 'low-confidence', 'outlier', 'disagreement'])
    .optional()
    .describe(
      'Which stratum kept it; absent: random. Every request is in one of the first three, so that their weights add up to all requests; a disagreement weighs among disagreements only.',
    ),
  confidence: z.number().min(0).max(1).nullable().optional().describe('Lowest confidence of its rows.'),
  subjects: z.array(subjectRef.nullable()).max(4096).optional().describe('Whom it is about, row by row; absent: nobody that is known.'),
  masked: z
    .record(text(256), z.enum(['drop', 'hash', 'round']))
    .optional()
    .describe('Fields that do not read as the model saw them, and how they were masked on the device.'),
  other: z
    .looseObject({ digest: bundleDigest, version: modelVersionName, outcomes: z.array(z.union([text(256), z.number()])).max(64) })
    .optional()
    .describe('What the shadow said about the same input, row by row.'),
  inputs: z.array(
    z.looseObject({
      name: text(256),
      datatype: text(16),
      shape: z.array(count).max(8),
      data: z.array(z.union([z.number(), z.boolean(), text(4096), z.null()])).describe('null: masked.'),
    }),
  ),
  outputs: z.array(
    z.looseObject({
      name: text(256),
      datatype: text(16),
      shape: z.array(count).max(8),
      data: z.array(z.union([z.number(), z.boolean(), text(4096), z.null()])).describe('null: masked.'),
    }),
  ),
})
export type SampleBody = z.infer<typeof sampleBody>

/** Something that happened on the device, told once. */
export const eventBody = z.looseObject({
  name: text(64).describe('Stable name, e.g. model.activated.'),
  severity: z.enum(['info', 'warning', 'error']),
  message: text(2000),
  code: text(64).nullable(),
  detail: z.record(text(64), z.union([text(2000), z.number(), z.boolean(), z.null()])),
})
export type EventBody = z.infer<typeof eventBody>

/** Use of the machine by agent and system. */
export const resourcesBody = z.looseObject({
  cpuShare: z.number().min(0).describe('CPU used by supervisor and runtime, cores.'),
  agentRssBytes: count,
  memoryFreeBytes: count,
  memoryTotalBytes: count,
  diskFreeBytes: count,
  diskTotalBytes: count,
  temperatureCelsius: z.number().nullable(),
  spoolRecords: count,
})
export type ResourcesBody = z.infer<typeof resourcesBody>

/** Records that will never come, as a range of sequence numbers: nothing vanishes unsaid. */
export const dropBody = z.looseObject({
  from: z.int().positive(),
  through: z.int().positive(),
  records: z.int().positive().describe('How many records of the range were dropped.'),
  reason: z.enum(['spool-full', 'expired', 'corrupt', 'too-large', 'erased']),
})
export type DropBody = z.infer<typeof dropBody>

/**
 * A closed interval in which a shadow saw what the active bundle answered. The subject is the shadow. Only counts and sketches; windows of
 * equal subject and start merge.
 */
export const shadowBody = z.looseObject({
  ...subject,
  against: bundleDigest.describe('The active bundle.'),
  againstVersion: modelVersionName,
  startedAt: epochMs.describe('Device clock.'),
  endedAt: epochMs.describe('Device clock.'),
  offered: count.describe('Requests that the active bundle answered.'),
  skipped: count.describe('Of these, not tried: the CPU budget was spent, or the queue was full.'),
  failed: count.describe('Of these, tried without an answer.'),
  compared: count.describe('Rows with an outcome of both.'),
  agreed: count.describe('Of these, the same class, or a value within the tolerance of the golden set.'),
  notFinite: count.describe('Requests for which the shadow gave NaN or infinity.'),
  pairs: z
    .array(z.tuple([text(256), text(256), z.int().positive()]))
    .max(64)
    .describe('Classes that differ, as [active, shadow, rows], the most frequent first.'),
  difference: z
    .looseObject({ count, sum: z.number(), sumOfSquares: z.number(), max: z.number() })
    .nullable()
    .describe('Absolute difference of values; null for classes.'),
  latencyMs: sketchState.describe('Run time of the shadow.'),
  activeLatencyMs: sketchState
    .optional()
    .describe('Run time of the active bundle for the same requests, without those that the cache answered or that ran joined with others.'),
  cpuMs: z.number().nonnegative(),
})
export type ShadowBody = z.infer<typeof shadowBody>

/** What the device used since the last entry, by cause: entries add up. */
export const ledgerBody = z.looseObject({
  startedAt: epochMs.describe('Device clock.'),
  endedAt: epochMs.describe('Device clock.'),
  bytesIn: z.record(text(32), count).describe('Payload bytes received by cause: model, order, inference, other.'),
  bytesOut: z.record(text(32), count).describe('Payload bytes sent by cause: telemetry, report, request, inference, other.'),
  inferences: count,
  cpuSeconds: z.number().nonnegative().describe('Supervisor and runtime.'),
  storedBytes: sizeBytes.describe('Artifacts and spool on the disk now.'),
})
export type LedgerBody = z.infer<typeof ledgerBody>

/** Counts of one feature, outcome or confidence as they travel: `shared/stats/reference/packed.ts`. */
export const packedCounts = z.looseObject({
  name: text(256),
  kind: z.enum(['numeric', 'categorical']),
  key: text(64).describe('Of the reference whose bins these are.'),
  bins: text(4096).describe('Counts per bin, packed.'),
  tallies: z
    .array(count)
    .max(8)
    .describe('Numeric: missing, infinite, wrong type, below, above, outliers. Categorical: missing, infinite, wrong type, pairs, same.'),
  range: z.tuple([z.number(), z.number()]).nullable().describe('Smallest and largest value; null: none, or categories.'),
  lag: z
    .array(z.number())
    .max(7)
    .describe('Numeric: count, sum, squares, pairs, heads, tails, products of standardised values; categorical: empty.'),
})
export type PackedCounts = z.infer<typeof packedCounts>

/** Features that one record tells of; what a model has on top is not counted, and `omitted` says how many. */
export const MOST_COUNTED_FEATURES = 256

/**
 * A closed interval of what went in and came out, in the bins of the reference. It is longer than the window of traffic, and closes by
 * itself. Distributions of equal subject merge; those of different references never do.
 */
export const distributionBody = z.looseObject({
  ...subject,
  startedAt: epochMs.describe('Device clock.'),
  endedAt: epochMs.describe('Device clock.'),
  rows: count.describe('Rows that were counted.'),
  every: z.int().positive().default(1).describe('One row in so many was counted.'),
  features: z.array(packedCounts).max(MOST_COUNTED_FEATURES),
  omitted: count.default(0).describe('Features of the bundle that are not counted.'),
  outcome: packedCounts.nullable().describe('Predicted classes or values.'),
  confidence: packedCounts.nullable().describe('Probability of the predicted class.'),
  estimate: z
    .looseObject({
      rows: count,
      tp: z.number().nonnegative(),
      fp: z.number().nonnegative(),
      fn: z.number().nonnegative(),
      tn: z.number().nonnegative(),
      variance: z.number().nonnegative(),
    })
    .nullable()
    .describe(
      'Expected outcomes of calibrated probabilities, without labels. Of more than two classes: tp expected right, fp expected wrong.',
    ),
})
export type DistributionBody = z.infer<typeof distributionBody>

export const recordBodies = {
  window: windowBody,
  labels: labelsBody,
  sample: sampleBody,
  event: eventBody,
  resources: resourcesBody,
  drop: dropBody,
  shadow: shadowBody,
  ledger: ledgerBody,
  distribution: distributionBody,
} as const
export type RecordKind = keyof typeof recordBodies

const recordHead = {
  seq: z.int().positive().describe('Grows by one per record of a spool; never issued twice.'),
  boot: bootId,
  measuredAt: epochMs.describe('Device clock.'),
  monotonicMs: count.describe('Since the start of the agent.'),
}

/** One record of a spool. */
export const spoolRecord = z.discriminatedUnion('kind', [
  z.looseObject({ ...recordHead, kind: z.literal('window'), body: windowBody }),
  z.looseObject({ ...recordHead, kind: z.literal('labels'), body: labelsBody }),
  z.looseObject({ ...recordHead, kind: z.literal('sample'), body: sampleBody }),
  z.looseObject({ ...recordHead, kind: z.literal('event'), body: eventBody }),
  z.looseObject({ ...recordHead, kind: z.literal('resources'), body: resourcesBody }),
  z.looseObject({ ...recordHead, kind: z.literal('drop'), body: dropBody }),
  z.looseObject({ ...recordHead, kind: z.literal('shadow'), body: shadowBody }),
  z.looseObject({ ...recordHead, kind: z.literal('ledger'), body: ledgerBody }),
  z.looseObject({ ...recordHead, kind: z.literal('distribution'), body: distributionBody }),
])
export type SpoolRecord = z.infer<typeof spoolRecord>

/** At most so many records and bytes travel in one batch. */
export const batchLimits = { records: 500, bytes: 128 * 1024 } as const

/** Device → console: records in order of seq. Every seq of `from..through` is in it, or was dropped and declared. */
export const telemetryMessage = z
  .looseObject({
    ...head,
    device: deviceId,
    spool: spoolId,
    from: z.int().positive(),
    through: z.int().positive(),
    records: z.array(z.looseObject({ seq: z.int().positive(), kind: text(32) })).max(batchLimits.records),
  })
  .describe('Batch of spool records; resent until acknowledged.')
export type TelemetryMessage = z.infer<typeof telemetryMessage>

/** Console → device, after the commit: all records of the spool up to `through` are stored. */
export const telemetryAckMessage = z
  .looseObject({ ...head, spool: spoolId, through: count.describe('0: nothing of this spool is stored.') })
  .describe('Cumulative acknowledgement of a spool.')
export type TelemetryAckMessage = z.infer<typeof telemetryAckMessage>
