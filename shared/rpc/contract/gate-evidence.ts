import { z } from 'zod'
import { judgedMetricNames, verdicts } from '../../domain/rollout/judge.ts'
import { count, epochMs, text } from '../../protocol/message.ts'

/** A side of a comparison: n things, and the value over them with its interval. */
const arm = z.object({
  n: z.number().nonnegative(),
  events: z.number().nonnegative().nullable().describe('Of shares: those that count.'),
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
})

/** What one metric says of the version against the incumbent. */
export const metricEvidence = z.object({
  metric: z.enum(judgedMetricNames),
  role: z.enum(['required', 'guard']),
  verdict: z.enum(verdicts),
  sentence: text(600).describe('In words, with the numbers that decide.'),
  candidate: arm,
  incumbent: arm,
  difference: z.number().nullable().describe('candidate - incumbent.'),
  low: z.number().nullable().describe('Interval of the difference that holds at all times together.'),
  high: z.number().nullable(),
  margin: z.number().describe('Difference that is accepted, in the unit of the metric.'),
  alpha: z.number(),
  eValue: z.number().nonnegative().nullable().describe('Evidence that it is worse; fails at 1 / alpha.'),
  needs: z
    .number()
    .nonnegative()
    .nullable()
    .describe('Further requests, rows or labels of the version until this can pass; null: not known, or none.'),
  method: text(200).describe('How it was reckoned, with its source.'),
})
export type MetricEvidence = z.infer<typeof metricEvidence>

/** All of the evidence at one gate. */
export const gateEvidence = z.object({
  at: epochMs,
  from: epochMs.describe('Counted from here on.'),
  verdict: z.enum(verdicts),
  sentence: text(1000),
  metrics: z.array(metricEvidence),
  candidateDevices: count,
  incumbentDevices: count.describe('Devices of the same target that ran the incumbent in the same time.'),
  incumbent: z.object({ model: text(64), version: text(64) }).nullable(),
  sizeBound: z
    .object({ failures: count, devices: count, high: z.number() })
    .describe('What the number of devices can show: at 95 %, the failure rate is at most `high`.'),
})
export type GateEvidence = z.infer<typeof gateEvidence>
