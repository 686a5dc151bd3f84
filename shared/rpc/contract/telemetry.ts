import { z } from 'zod'
import { count, epochMs, text } from '../../protocol/message.ts'
import { query } from '../method.ts'

const quantiles = z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable()

/** What a shadow and the active version have in common. */
const shadowSums = z.object({
  offered: count.describe('Requests that the active version answered.'),
  skipped: count.describe('Of these, not tried by the shadow: its share of computing was spent, or its queue was full.'),
  failed: count.describe('Of these, tried without an answer.'),
  compared: count.describe('Rows with an outcome of both.'),
  agreed: count.describe('Of these, with the same class, or a value within the tolerance.'),
  notFinite: count.describe('Requests for which the shadow gave NaN or infinity.'),
  cpuMs: z.number().nonnegative(),
  agreement: z.number().min(0).max(1).nullable(),
  agreementLow: z.number().nullable().describe('95 % Wilson interval.'),
  agreementHigh: z.number().nullable(),
  latencyMs: quantiles.describe('Run time of the shadow.'),
})

const causeBytes = z.array(z.object({ cause: text(64), bytes: count }))

export const telemetryMethods = {
  'telemetry.summary': query(
    'Latency, throughput, errors and measured quality per device, deployment and version.',
    z.strictObject({
      query: text(4000).default(''),
      from: epochMs.optional(),
      through: epochMs.optional(),
      by: z.enum(['device', 'version']).default('device').describe('version: merged over devices.'),
    }),
    z.object({
      rows: z.array(
        z.object({
          device: text(64).nullable(),
          deployment: text(64),
          model: text(64),
          version: text(64),
          requests: count,
          rows: count,
          errors: count,
          errorsByCause: z.record(z.string(), count),
          requestsPerSecond: z.number().nullable(),
          latencyMs: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable(),
          quality: z
            .object({
              labelled: count,
              accuracy: z.number().nullable(),
              accuracyLow: z.number().nullable(),
              accuracyHigh: z.number().nullable(),
              mae: z.number().nullable(),
            })
            .nullable(),
          firstAt: epochMs,
          lastAt: epochMs,
        }),
      ),
    }),
  ),
  'telemetry.ledger': query(
    'Records per spool: how far each is stored without a gap, how many were stored, and how many show late arrival or a wrong clock.',
    z.strictObject({ device: text(64).optional() }),
    z.object({
      spools: z.array(
        z.object({
          device: text(64),
          spool: text(64),
          through: count,
          stored: count.describe('Records that were stored, those that are too old by now included.'),
          declaredDropped: count,
          quarantined: count,
          lateWindows: count.describe(
            'Windows and distributions that came more than five minutes after they were closed; they count at their time.',
          ),
          clockJumps: count.describe(
            'Windows and distributions whose times show a clock that is ahead or was set back; those of the future count at their arrival.',
          ),
          lastReceivedAt: epochMs,
        }),
      ),
    }),
  ),
  'telemetry.shadow': query(
    'Shadows of a deployment compared with the version that was active, over all that was seen of each pair.',
    z.strictObject({ deployment: text(64), query: text(4000).default('') }),
    z.object({
      comparisons: z
        .array(
          z.object({
            model: text(64),
            version: text(64),
            digest: text(64),
            againstVersion: text(64),
            againstDigest: text(64),
            firstAt: epochMs.describe('Clock of the device.'),
            lastAt: epochMs,
            isEnough: z.boolean().describe('So many rows were compared that the agreement says something.'),
            enoughRows: count,
            sums: shadowSums,
            againstLatencyMs: quantiles.optional().describe('Answers of the active version in the same time, over the whole fleet.'),
            pairs: z
              .array(z.object({ active: text(256), shadow: text(256), rows: count }))
              .describe('Classes in which they differ most often, at most 20.'),
            difference: z.object({ mean: z.number(), rms: z.number(), max: z.number() }).nullable().describe('Of values; null: classes.'),
            devices: z
              .array(shadowSums.extend({ device: text(64), lastAt: epochMs }))
              .describe('Those that agree least first, at most 500.'),
            totalDevices: count,
          }),
        )
        .describe('The one that was heard of last first.'),
    }),
  ),
  'telemetry.usage': query(
    'What devices used: payload bytes by cause, inferences, computing time and storage. Of one device exactly; of several in whole days (UTC).',
    z.strictObject({
      device: text(64).optional(),
      query: text(4000).default('').describe('Without device.'),
      from: epochMs,
      through: epochMs.describe('Exclusive.'),
      limit: z.int().min(0).max(10_000).default(100).describe('Devices that are listed, those with the most bytes first.'),
    }),
    z.object({
      from: epochMs,
      through: epochMs,
      bytesIn: causeBytes.describe('Received, by cause.'),
      bytesOut: causeBytes.describe('Sent, by cause.'),
      inferences: count,
      cpuSeconds: z.number().nonnegative(),
      storedBytes: count.describe('Models and spools on the disks, as last said.'),
      totalDevices: count,
      devices: z.array(
        z.object({ device: text(64), bytesIn: count, bytesOut: count, inferences: count, cpuSeconds: z.number(), storedBytes: count }),
      ),
    }),
  ),
} as const
