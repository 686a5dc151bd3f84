import { z } from 'zod'
import { count, epochMs, text } from '../protocol/message.ts'

/** Kinds of reference that a drift verdict can rest on. */
export const referenceKinds = ['training', 'device-baseline', 'same-season', 'peers'] as const
export type ReferenceKind = (typeof referenceKinds)[number]

/** How bad it is when a rule fires. */
export const alertSeverities = ['info', 'warning', 'critical'] as const
export type AlertSeverity = (typeof alertSeverities)[number]

/**
 * Life of an alert: pending while its condition holds for less than the time that the rule asks for, then firing, then resolved.
 * A pending one whose condition ends is forgotten.
 */
export const alertStates = ['pending', 'firing', 'resolved'] as const
export type AlertState = (typeof alertStates)[number]

/** What a threshold can be set on; each with its unit. */
export const alertMetrics = {
  'latency-p50': { unit: 'ms', summary: 'Median latency of the answers.' },
  'latency-p95': { unit: 'ms', summary: '95th percentile of the latency.' },
  'latency-p99': { unit: 'ms', summary: '99th percentile of the latency.' },
  'error-rate': { unit: 'share', summary: 'Failed requests of all requests.' },
  'not-finite-rate': { unit: 'share', summary: 'Answers with NaN or infinity.' },
  'finding-rate': { unit: 'share', summary: 'Requests with a finding of the validation.' },
  throughput: { unit: '/s', summary: 'Requests per second of the time that windows covered.' },
  requests: { unit: 'requests', summary: 'Requests in the time looked at.' },
  'cpu-cores': { unit: 'cores', summary: 'CPU of agent and runtime.' },
  'memory-free': { unit: 'share', summary: 'Free memory of the machine.' },
  'agent-memory': { unit: 'bytes', summary: 'Memory of the agent and its runtime.' },
  'disk-free': { unit: 'share', summary: 'Free disk space.' },
  temperature: { unit: '°C', summary: 'Temperature of the machine.' },
  'spool-records': { unit: 'records', summary: 'Records that wait on the device.' },
  accuracy: { unit: 'share', summary: 'Measured accuracy; the bound of its interval that speaks for the rule must pass the value.' },
  mae: { unit: 'value', summary: 'Mean absolute error, measured.' },
  'label-coverage': { unit: 'share', summary: 'Predictions whose truth is known.' },
} as const
export type AlertMetric = keyof typeof alertMetrics
export const alertMetricNames = Object.keys(alertMetrics) as [AlertMetric, ...AlertMetric[]]

/** What must never be, whatever the numbers say; each with what it means. */
export const trustAlarms = {
  'audit.rolled-back': 'A device keeps a signed checkpoint that the audit log does not extend.',
  'device.cloned': 'Two machines use the identity of one device.',
  'certificate.ending': 'A connected device has not renewed its certificate, and it ends soon.',
  'backup.failed': 'A backup failed, or none was made for a day after it was due.',
} as const
export type TrustAlarm = keyof typeof trustAlarms
export const trustAlarmNames = Object.keys(trustAlarms) as [TrustAlarm, ...TrustAlarm[]]

/** What must hold for an alert. */
export const alertCondition = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('threshold'),
    metric: z.enum(alertMetricNames),
    is: z.enum(['above', 'below']),
    value: z.number(),
    overMs: z
      .int()
      .min(10_000)
      .max(30 * 86_400_000)
      .default(300_000)
      .describe('Time that the metric is taken over, ms.'),
  }),
  z.strictObject({
    kind: z.literal('drift'),
    reference: z.enum(referenceKinds).default('training'),
    level: z.enum(['warn', 'alarm']).default('alarm'),
    roles: z
      .array(z.enum(['feature', 'outcome', 'confidence']))
      .min(1)
      .default(['feature', 'outcome', 'confidence']),
    windowMs: z.int().min(1000).max(86_400_000).default(3_600_000).describe('Shortest verdict window, ms.'),
  }),
  z.strictObject({
    kind: z.literal('data-quality'),
    causes: z
      .array(z.enum(['missing', 'wrong-type', 'infinite', 'out-of-range', 'outlier', 'unseen']))
      .min(1)
      .default(['missing', 'wrong-type', 'infinite', 'out-of-range', 'outlier', 'unseen']),
    windowMs: z.int().min(1000).max(86_400_000).default(3_600_000),
  }),
  z.strictObject({
    kind: z.literal('absence'),
    of: z.enum(['connection', 'telemetry', 'inference']).describe('inference: the deployment answered before and no request came since.'),
    forMs: z
      .int()
      .min(10_000)
      .max(30 * 86_400_000)
      .default(900_000),
  }),
  z.strictObject({
    kind: z.literal('budget'),
    objective: z.number().gt(0).lt(1).default(0.999).describe('Share of requests that shall be answered without error.'),
    periodMs: z
      .int()
      .min(3_600_000)
      .max(90 * 86_400_000)
      .default(30 * 86_400_000),
    burn: z
      .number()
      .gt(1)
      .default(14.4)
      .describe('How many times faster than even the error budget goes, over `longMs` and over a twelfth of it.'),
    longMs: z.int().min(60_000).max(86_400_000).default(3_600_000),
  }),
  z.strictObject({
    kind: z.literal('detector'),
    detectors: z.array(text(64)).max(20).default([]).describe('Names of device events, e.g. detector.errors; empty: all detectors.'),
  }),
  z.strictObject({
    kind: z.literal('quality'),
    drop: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.05)
      .describe('Fall below the accuracy on the reference rows that matters, and that the interval must exclude.'),
    overMs: z
      .int()
      .min(60_000)
      .max(90 * 86_400_000)
      .default(7 * 86_400_000),
    leastLabels: z.int().min(10).default(50),
  }),
  z.strictObject({
    kind: z.literal('trust'),
    of: z
      .array(z.enum(trustAlarmNames))
      .min(1)
      .default([...trustAlarmNames]),
  }),
])
export type AlertCondition = z.infer<typeof alertCondition>
export const alertConditionKinds = [
  'threshold',
  'drift',
  'data-quality',
  'absence',
  'budget',
  'detector',
  'quality',
  'trust',
] as const satisfies readonly AlertCondition['kind'][]
export type AlertConditionKind = (typeof alertConditionKinds)[number]

/** For what each an alert of its own is kept. */
export const alertGrains = ['fleet', 'version', 'device'] as const
export type AlertGrain = (typeof alertGrains)[number]

/** What a person says of a rule. */
export const alertRuleInput = z.strictObject({
  name: text(120),
  summary: text(500).default('').describe('What it means and whom it concerns.'),
  severity: z.enum(alertSeverities).default('warning'),
  isEnabled: z.boolean().default(true),
  condition: alertCondition,
  query: text(4000).default('').describe('Devices that it looks at; empty: all.'),
  deployment: text(64).nullable().default(null).describe('null: every deployment.'),
  per: z.enum(alertGrains).default('version').describe('One alert for the whole, per deployment and version, or per device.'),
  forMs: z
    .int()
    .min(0)
    .max(7 * 86_400_000)
    .default(0)
    .describe('How long the condition must hold before it fires, ms.'),
  clearMs: z
    .int()
    .min(0)
    .max(7 * 86_400_000)
    .default(300_000)
    .describe('How long it must be over before the alert is resolved, ms.'),
  runbook: text(500).nullable().default(null).describe('Address of a page, or the name of one of the built-in runbooks.'),
  channels: z.array(text(64)).max(20).nullable().default(null).describe('Channels that are told; null: all that are on.'),
  holdsReleases: z.boolean().default(false).describe('While it fires for a deployment, nothing is released to that deployment.'),
})
export type AlertRuleInput = z.infer<typeof alertRuleInput>

/** A rule as it is kept. */
export const alertRule = z.object({
  ...alertRuleInput.shape,
  rule: text(64).describe('Id: the built-in ones have names, others a number.'),
  isBuiltIn: z.boolean(),
  setAt: epochMs,
  setBy: text(200),
})
export type AlertRule = z.infer<typeof alertRule>

/** What an alert is about. */
export const alertSubject = z.object({
  device: text(64).nullable(),
  deployment: text(64).nullable(),
  model: text(64).nullable(),
  version: text(64).nullable(),
  digest: text(64).nullable(),
  feature: text(256).nullable(),
})
export type AlertSubject = z.infer<typeof alertSubject>

/** What the verdict rests on, as it was when the alert was last looked at: enough to understand and to check it. */
export const alertEvidence = z.object({
  value: z.number().nullable().describe('What was measured, in the unit of the condition.'),
  threshold: z.number().nullable(),
  unit: text(32),
  n: z.number().nonnegative().nullable().describe('Values or requests that it rests on.'),
  effective: z.number().nonnegative().nullable(),
  m: z.number().nonnegative().nullable().describe('Values of the reference.'),
  p: z.number().nullable(),
  low: z.number().nullable().describe('95 % interval.'),
  high: z.number().nullable(),
  reference: text(200).nullable(),
  from: epochMs.nullable(),
  through: epochMs.nullable(),
  basis: z.enum(['measured', 'estimated']).describe('estimated: without labels, and cannot see concept drift.'),
})
export type AlertEvidence = z.infer<typeof alertEvidence>

/** An alert. */
export const alert = z.object({
  alert: z.int().positive(),
  rule: text(64),
  ruleName: text(120),
  severity: z.enum(alertSeverities),
  state: z.enum(alertStates),
  sentence: text(1000).describe('What happened, to whom, and how sure it is.'),
  group: text(200).describe('Alerts of one group are told together.'),
  subject: alertSubject,
  evidence: alertEvidence,
  startedAt: epochMs.describe('When the condition began to hold.'),
  firedAt: epochMs.nullable(),
  resolvedAt: epochMs.nullable(),
  lastSeenAt: epochMs,
  occurrences: count.describe('How often it has fired, this time included, since the rule has it.'),
  acknowledged: z.object({ at: epochMs, by: text(200), note: text(2000) }).nullable(),
  silencedUntil: epochMs.nullable().describe('It is kept and shown, but nobody is told.'),
  holdsReleases: z.boolean(),
  runbook: text(500).nullable(),
})
export type Alert = z.infer<typeof alert>

/** Where alerts are told. */
export const channelKinds = ['desktop', 'webhook', 'slack', 'teams', 'email'] as const
export type ChannelKind = (typeof channelKinds)[number]

const common = {
  name: text(64),
  isEnabled: z.boolean().default(true),
  leastSeverity: z.enum(alertSeverities).default('warning'),
  tellsResolved: z.boolean().default(true),
}

/** A channel as a person sets it. Secrets are sealed at rest and never given back. */
export const channelInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('desktop'), ...common }),
  z.strictObject({
    kind: z.enum(['webhook', 'slack', 'teams']),
    ...common,
    url: text(2048),
    secret: text(512).nullable().default(null).describe('Key of the HMAC signature (Standard Webhooks); null: none, or as it is.'),
    allowsPrivate: z.boolean().default(false).describe('May the address be in a private or loopback network.'),
  }),
  z.strictObject({
    kind: z.literal('email'),
    ...common,
    host: text(255),
    port: z.int().min(1).max(65_535).default(587),
    security: z.enum(['starttls', 'tls', 'none']).default('starttls'),
    username: text(255).nullable().default(null),
    password: text(512).nullable().default(null).describe('null: none, or as it is.'),
    from: text(320),
    to: z.array(text(320)).min(1).max(50),
  }),
])
export type ChannelInput = z.infer<typeof channelInput>
