import { z } from 'zod'
import { count, epochMs, text } from '../../protocol/message.ts'
import { query } from '../method.ts'
import { severities } from './devices.ts'

/** One value per bucket; null is a gap: nothing was measured, which is not zero. */
const counts = z.array(count.nullable()).max(600)
const numbers = z.array(z.number().nullable()).max(600)

const range = {
  from: epochMs,
  through: epochMs.describe('Exclusive.'),
  buckets: z
    .int()
    .min(1)
    .max(600)
    .default(120)
    .describe('Most buckets; there are fewer where they would be shorter than one second, or over the whole fleet than one minute.'),
}

const grid = z.object({
  from: epochMs.describe('Start of the first bucket.'),
  bucketMs: z.int().positive(),
  buckets: z.int().positive().max(600),
})

/** Measures of one version, or of all, as one array per measure with one value per bucket. */
export const telemetrySeries = z.object({
  deployment: text(64).nullable().describe('null: all.'),
  model: text(64).nullable(),
  version: text(64).nullable(),
  digest: text(64).nullable(),
  requests: counts,
  errors: counts,
  errorsByCause: z
    .array(z.object({ cause: text(64), counts }))
    .max(50)
    .describe('The most frequent causes; the rest is under `other`.'),
  requestsPerSecond: numbers,
  cacheHits: counts.describe('Requests that the cache answered.'),
  notFinite: counts.describe('Answers with NaN or infinity.'),
  validation: z
    .array(z.object({ cause: text(64), counts }))
    .max(50)
    .describe('Findings of the validation, values by <stage>.<cause>.<policy>; the most frequent.'),
  latencyMs: z.object({ p50: numbers, p95: numbers, p99: numbers }),
  labelled: counts.describe('Predictions of the bucket whose truth is known.'),
  correct: counts.describe('Of the labelled classes, those that were right.'),
  accuracy: numbers,
  accuracyLow: numbers.describe('95 % Wilson interval.'),
  accuracyHigh: numbers,
  totals: z.object({
    requests: count,
    errors: count,
    latencyMs: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable(),
    labelled: count,
    classified: count.describe('Of the labelled, those of classes: accuracy is of these.'),
    correct: count,
    cacheHits: count,
    notFinite: count,
    cpuMs: z.number().nonnegative().describe('Time that runs of the model took.'),
  }),
})
export type TelemetrySeries = z.infer<typeof telemetrySeries>

const by = z.enum(['all', 'version']).default('all').describe('version: one series per deployment and version.')

export const telemetrySeriesMethods = {
  'telemetry.series': query(
    'Requests, errors, latency and accuracy over time, of one device or of the devices that a query selects.',
    z.strictObject({
      ...range,
      device: text(64).optional(),
      query: text(4000).default('').describe('Without device; empty: the whole fleet.'),
      deployment: text(64).optional(),
      model: text(64).optional(),
      version: text(64).optional(),
      by,
    }),
    grid.extend({ series: z.array(telemetrySeries).max(40) }),
  ),
  'telemetry.fleetSeries': query(
    'The same over the whole fleet, from sums that are kept per minute: fast for any number of devices.',
    z.strictObject({ ...range, deployment: text(64).optional(), model: text(64).optional(), version: text(64).optional(), by }),
    grid.extend({ series: z.array(telemetrySeries).max(40) }),
  ),
  'telemetry.resources': query(
    'Use of the machine of a device over time. Values are means of the bucket; the temperature is its highest.',
    z.strictObject({ ...range, device: text(64) }),
    grid.extend({
      cpuCores: numbers.describe('CPU of agent and runtime, in cores.'),
      agentRssBytes: numbers,
      memoryUsedBytes: numbers,
      memoryTotalBytes: numbers,
      diskFreeBytes: numbers,
      diskTotalBytes: numbers,
      temperatureCelsius: numbers,
      spoolRecords: numbers.describe('Records that wait on the device.'),
    }),
  ),
  'telemetry.events': query(
    'Events of the whole fleet, or of the devices that a query selects, the newest first.',
    z.strictObject({
      query: text(4000).default(''),
      severity: z.enum(severities).default('info').describe('Only what is at least so severe.'),
      before: text(200).optional().describe('`next` of the page before.'),
      limit: z.int().min(1).max(200).default(50),
    }),
    z.object({
      events: z.array(
        z.object({
          at: epochMs.describe('Clock of the device.'),
          device: text(64),
          name: text(64),
          severity: text(16),
          message: text(2000),
          code: text(64).nullable(),
        }),
      ),
      next: text(200).nullable(),
    }),
  ),
} as const
