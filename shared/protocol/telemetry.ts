import { z } from 'zod'
import { bootId, bundleDigest, deploymentName, deviceId, modelName, modelVersionName, spoolId } from '../domain/ids.ts'
import { count, epochMs, head, text } from './message.ts'

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
  inputs: z.array(
    z.looseObject({
      name: text(256),
      datatype: text(16),
      shape: z.array(count).max(8),
      data: z.array(z.union([z.number(), z.boolean(), text(4096)])),
    }),
  ),
  outputs: z.array(
    z.looseObject({
      name: text(256),
      datatype: text(16),
      shape: z.array(count).max(8),
      data: z.array(z.union([z.number(), z.boolean(), text(4096)])),
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
  reason: z.enum(['spool-full', 'expired', 'corrupt', 'too-large']),
})
export type DropBody = z.infer<typeof dropBody>

export const recordBodies = {
  window: windowBody,
  labels: labelsBody,
  sample: sampleBody,
  event: eventBody,
  resources: resourcesBody,
  drop: dropBody,
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
