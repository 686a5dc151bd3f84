import { z } from 'zod'
import { count, epochMs, text } from '../../protocol/message.ts'
import { query } from '../method.ts'

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
    'Records per spool: how far each is stored without a gap, and how many rows stand for it.',
    z.strictObject({ device: text(64).optional() }),
    z.object({
      spools: z.array(
        z.object({
          device: text(64),
          spool: text(64),
          through: count,
          stored: count,
          declaredDropped: count,
          quarantined: count,
          lastReceivedAt: epochMs,
        }),
      ),
    }),
  ),
} as const
