import { z } from 'zod'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

const series = z.object({
  labels: z.record(z.string(), z.string()),
  value: z.number().nullable().describe('Of counters and gauges; null: a histogram.'),
  histogram: z
    .object({ count, sum: z.number(), p50: z.number().nullable(), p95: z.number().nullable(), p99: z.number().nullable() })
    .nullable()
    .describe('Quantiles are those of native buckets, upper ends; null: not a histogram.'),
})
const family = z.object({
  name: text(128),
  type: z.enum(['counter', 'gauge', 'histogram']),
  unit: text(8).describe('UCUM: s, By; 1 for a number of things.'),
  help: text(300),
  series: z.array(series),
})
/** A metric of the console with all its series. */
export type MetricShown = z.infer<typeof family>

const otlpChoice = z.strictObject({
  url: text(2048)
    .min(1)
    .describe('Base address of the receiver, such as https://collector.example:4318; /v1/metrics and /v1/logs are added.'),
  header: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, 'letters, digits and - make the name of a header')
    .default('authorization')
    .describe('Header that the secret is sent in.'),
  secret: z
    .string()
    .max(2048)
    .regex(/^[\x20-\x7e]*$/, 'a header takes letters, digits and signs of ASCII only')
    .nullable()
    .default(null)
    .describe('Value of that header, such as "Bearer …"; null: none, or the one that is stored.'),
  everySeconds: z.int().min(5).max(3600).default(60).describe('Seconds between two exports of metrics.'),
  metrics: z.boolean().default(true),
  logs: z.enum(['off', 'error', 'warn', 'info']).default('off').describe('From which level on log entries of the console are exported.'),
  allowsPrivate: z.boolean().default(false).describe('May the address be in a private or loopback network.'),
})
/** Where metrics and logs are exported to, with its secret while it is in memory. */
export type OtlpChoice = z.infer<typeof otlpChoice>

const otlpShown = otlpChoice.omit({ secret: true }).extend({ hasSecret: z.boolean(), isShut: z.boolean() })
const counts = z.object({ metrics: count.describe('Data points.'), logs: count.describe('Log records.') })
const otlpState = z.object({
  sentAt: epochMs.nullable().describe('When the receiver last took everything; null: not since the console started.'),
  problem: z.object({ at: epochMs, message: text(2000) }).nullable(),
  nextAt: epochMs.nullable().describe('When the next attempt is made; null: none is.'),
  waitingLogs: count,
  sent: counts,
  dropped: counts.describe('Given up: the queue was full, or the receiver refused them.'),
})
const otlp = z.object({ export: otlpShown.nullable().describe('null: nothing is exported.'), state: otlpState })
/** How the export stands. */
export type OtlpShown = z.infer<typeof otlp>

export const metricsMethods = {
  'metrics.show': query(
    'Metrics of the console, as a scraper gets them from /metrics with a token.',
    z.strictObject({}),
    z.object({ url: text(512).nullable().describe('Where they are scraped.'), families: z.array(family) }),
  ),
  'metrics.otlp': query(
    'Where metrics and logs are exported to by OpenTelemetry (OTLP over HTTP, JSON), and how that goes.',
    z.strictObject({}),
    otlp,
  ),
  'metrics.setOtlp': command(
    'Export metrics and logs by OpenTelemetry, or no longer. A stored secret does not move to another address.',
    z.strictObject({ export: otlpChoice.nullable() }),
    otlp,
    'admin',
  ),
  'metrics.checkOtlp': query(
    'Ask a receiver whether it takes metrics, before the address is stored. An empty export is sent.',
    otlpChoice.pick({ url: true, header: true, secret: true, allowsPrivate: true }),
    z.object({ ok: z.boolean(), sentence: text(2000) }),
    'admin',
  ),
} as const
