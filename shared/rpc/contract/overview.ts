import { z } from 'zod'
import { count, epochMs, text } from '../../protocol/message.ts'
import { query } from '../method.ts'
import { healthCounts } from './device-views.ts'
import { linkTarget } from './link-target.ts'
import { telemetrySeriesMethods } from './telemetry-series.ts'

/** What may need a person; the order is the rank. */
export const attentionKinds = [
  'broker',
  'store',
  'backup',
  'alert',
  'rollout',
  'refused',
  'reverted',
  'not-serving',
  'order-problem',
  'deployment-problem',
  'beside-problem',
  'dropping-records',
  'disk-low',
  'quarantined',
  'offline',
  'never-seen',
] as const

const attention = z.object({
  kind: z.enum(attentionKinds),
  severity: z.enum(['error', 'warning']),
  sentence: text(4000),
  device: text(64).nullable().describe('null: it concerns several, or none.'),
  deployment: text(64).nullable(),
  devices: count.describe('How many devices it concerns; the same trouble of several is told once.'),
  action: z.object({ text: text(200).describe('What to do.'), target: linkTarget.nullable() }),
})
export type Attention = z.infer<typeof attention>

const figure = z.object({
  value: z.number().nullable().describe('null: nothing was measured in the period.'),
  before: z.number().nullable().describe('The same over the period before.'),
  change: z.number().nullable().describe('value - before'),
  periodMs: count,
  beforeMs: count.describe('Length of the period that it is compared with, which ends where the first begins.'),
  low: z.number().nullable().describe('Interval at 95 %, for proportions.'),
  high: z.number().nullable(),
  samples: count.describe('Requests or labels that the value rests on.'),
  sparkline: z.array(z.number().nullable()).length(60).describe('One value per minute, the newest last; null is a gap.'),
})
export type Figure = z.infer<typeof figure>

export const overviewMethods = {
  'overview.show': query(
    'The fleet at a glance: one sentence, states, what needs attention, versions in the field, live figures, recent events.',
    z.strictObject({ period: z.enum(['1h', '24h']).default('24h').describe('Of the versions over time.') }),
    z.object({
      at: epochMs,
      fleetName: text(200),
      sentence: z.array(z.object({ text: text(300), target: linkTarget.nullable() })).describe('Parts, joined by "; ".'),
      devices: count,
      online: count,
      models: count.describe('Model versions in the registry.'),
      counts: healthCounts,
      needsAttention: z.array(attention).max(20).describe('Ranked, the most urgent first.'),
      attentionTotal: count.describe('How many there are, also those beyond the list.'),
      versions: z
        .array(
          z.object({
            deployment: text(64),
            model: text(64),
            version: text(64),
            digest: text(64),
            desired: count.describe('Devices that are ordered to run it.'),
            active: count.describe('Devices that reported to run it.'),
          }),
        )
        .max(200)
        .describe('Versions in the field; per deployment the most ordered first.'),
      versionsOverTime: z.object({
        from: epochMs,
        bucketMs: z.int().positive(),
        buckets: z.int().positive(),
        series: z
          .array(
            z.object({
              deployment: text(64),
              model: text(64),
              version: text(64),
              requests: z.array(count.nullable()),
              share: z.array(z.number().min(0).max(1).nullable()).describe('Of all requests of the deployment in the bucket.'),
            }),
          )
          .max(40),
      }),
      figures: z.object({
        requestsPerSecond: figure,
        errorRate: figure.describe('Share of the requests that failed.'),
        p95Ms: figure,
        accuracy: figure,
      }),
      recentEvents: telemetrySeriesMethods['telemetry.events'].output.shape.events.max(20),
    }),
  ),
} as const
