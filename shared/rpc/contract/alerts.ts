import { z } from 'zod'
import {
  alert,
  alertConditionKinds,
  alertRule,
  alertRuleInput,
  alertSeverities,
  alertStates,
  channelInput,
  channelKinds,
} from '../../domain/alert.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

const alertId = z.int().positive()
const channelId = text(64)

/** What happened to an alert. */
const alertEvent = z.object({
  at: epochMs,
  kind: z.enum(['pending', 'firing', 'resolved', 'acknowledged', 'unacknowledged', 'silenced', 'unsilenced', 'note', 'told', 'not-told']),
  by: text(200).describe('A person, a channel, or the rule.'),
  message: text(2000),
})

const silence = z.object({
  silence: z.int().positive(),
  rule: text(64).nullable().describe('null: every rule.'),
  query: text(4000).describe('Alerts of these devices; empty: all, and those without a device.'),
  deployment: text(64).nullable(),
  from: epochMs,
  until: epochMs,
  reason: text(500),
  by: text(200),
  alerts: count.describe('Alerts that it keeps quiet now.'),
})

const channel = z.object({
  channel: channelId,
  kind: z.enum(channelKinds),
  name: text(64),
  isEnabled: z.boolean(),
  leastSeverity: z.enum(alertSeverities),
  tellsResolved: z.boolean(),
  target: text(2048).describe('Where it goes: address, or recipients; never a secret.'),
  hasSecret: z.boolean(),
  settings: z
    .record(text(64), z.union([text(2048), z.number(), z.boolean(), z.null(), z.array(text(320))]))
    .describe('What can be shown of it.'),
  lastDeliveredAt: epochMs.nullable(),
  problem: z.object({ code: text(64), message: text(2000), at: epochMs }).nullable(),
  waiting: count.describe('Notices that are not delivered yet.'),
})

const budget = z.object({
  falseAlarms: z.number().positive().describe('False alarms that the whole fleet may give in `perDays`.'),
  perDays: z.number().positive(),
})

const preview = z.object({
  wouldFire: z.array(alert.pick({ sentence: true, subject: true, evidence: true })).max(100),
  looked: count.describe('Devices, versions or fleets that were looked at.'),
  insufficient: count.describe('Of these, without enough data for an answer.'),
})

export const alertsMethods = {
  'alerts.list': query(
    'Alerts, those that need somebody first. Change topic: alerts.',
    z.strictObject({
      state: z
        .enum([...alertStates, 'open', 'all'])
        .default('open')
        .describe('open: pending and firing.'),
      severity: z.enum(alertSeverities).optional().describe('At least so severe.'),
      query: text(4000).default('').describe('Alerts of these devices.'),
      device: text(64).optional(),
      deployment: text(64).optional(),
      rule: text(64).optional(),
      from: epochMs.optional().describe('Started at or after.'),
      isQuiet: z.boolean().optional().describe('true: only silenced or acknowledged ones; false: only the others.'),
      before: text(200).optional(),
      limit: z.int().min(1).max(500).default(100),
    }),
    z.object({
      alerts: z.array(alert),
      next: text(200).nullable(),
      counts: z.object({ pending: count, firing: count, acknowledged: count, silenced: count, critical: count }),
    }),
  ),
  'alerts.show': query(
    'One alert with its history, notices and the readings around it.',
    z.strictObject({ alert: alertId }),
    z.object({
      alert,
      rule: alertRule.nullable(),
      events: z.array(alertEvent),
      others: z.array(alert).describe('Others of its group that are open.'),
      before: z
        .array(alert.pick({ alert: true, startedAt: true, resolvedAt: true, state: true }))
        .describe('Earlier ones of the same rule and subject.'),
      readings: z
        .array(z.object({ at: epochMs, value: z.number().nullable(), state: text(32) }))
        .max(500)
        .describe('What the rule saw, the oldest first.'),
      runbook: z.object({ title: text(200), markdown: text(20_000), url: text(2048).nullable() }).nullable(),
    }),
  ),
  'alerts.acknowledge': command(
    'Says that somebody looks after it; it stays open, and nobody is told again.',
    z.strictObject({ alerts: z.array(alertId).min(1).max(500), note: text(2000).default('') }),
    z.object({ changed: count }),
  ),
  'alerts.unacknowledge': command(
    'Takes that back.',
    z.strictObject({ alerts: z.array(alertId).min(1).max(500) }),
    z.object({ changed: count }),
  ),
  'alerts.note': command('Adds a note to its history.', z.strictObject({ alert: alertId, note: text(2000) }), z.object({ changed: count })),
  'alerts.silence': command(
    'Keeps alerts quiet for a time; they are kept and shown all the same.',
    z.strictObject({
      rule: text(64).nullable().default(null),
      query: text(4000).default(''),
      deployment: text(64).nullable().default(null),
      forMs: z
        .int()
        .min(60_000)
        .max(90 * 86_400_000),
      reason: text(500),
    }),
    z.object({ silence: z.int().positive(), until: epochMs, alerts: count }),
  ),
  'alerts.unsilence': command('Ends a silence now.', z.strictObject({ silence: z.int().positive() }), z.object({ changed: count })),
  'alerts.silences': query('Silences that are in force, or begin later.', z.strictObject({}), z.object({ silences: z.array(silence) })),
  'alerts.rules': query(
    'Rules with what they see now.',
    z.strictObject({}),
    z.object({
      rules: z.array(
        alertRule.extend({
          firing: count,
          pending: count,
          thresholdWords: text(300).describe('What follows for it from the budget of false alarms.'),
        }),
      ),
      runbooks: z.array(z.object({ name: text(64), title: text(200) })),
      kinds: z.array(z.enum(alertConditionKinds)),
    }),
  ),
  'alerts.setRule': command(
    'Makes a rule, or changes one.',
    z.strictObject({ rule: text(64).optional(), set: alertRuleInput }),
    z.object({ rule: alertRule }),
  ),
  'alerts.enableRule': command(
    'Switches a rule on or off.',
    z.strictObject({ rule: text(64), isEnabled: z.boolean() }),
    z.object({ rule: alertRule }),
  ),
  'alerts.removeRule': command(
    'Removes a rule; its open alerts are resolved. A built-in rule becomes as it was delivered.',
    z.strictObject({ rule: text(64) }),
    z.object({ rule: text(64), isRestored: z.boolean(), resolved: count }),
  ),
  'alerts.previewRule': query('What a rule would say now. Changes nothing.', z.strictObject({ set: alertRuleInput }), preview),
  'alerts.budget': query(
    'How many false alarms are accepted, and which thresholds follow for the fleet as it is.',
    z.strictObject({ budget: budget.optional().describe('Left out: the one that counts.') }),
    z.object({
      budget,
      families: z.number().nonnegative().describe('Verdict windows of slices per day that are judged.'),
      tests: z.number().nonnegative().describe('Tests per day.'),
      q: z.number().describe('Share of false findings per window that follows.'),
      rateAlpha: z.number(),
      detectorSamples: z.number().describe('Inferences between two false alarms of a detector.'),
      expected: z.number().describe('False alarms that are to be expected in the period.'),
      words: z.array(text(500)),
    }),
  ),
  'alerts.setBudget': command('Sets how many false alarms are accepted.', z.strictObject({ budget }), z.object({ budget })),
  'alerts.channels': query('Where alerts are told.', z.strictObject({}), z.object({ channels: z.array(channel) })),
  'alerts.setChannel': command(
    'Makes a channel, or changes one.',
    z.strictObject({ channel: channelId.optional(), set: channelInput }),
    z.object({ channel }),
    'admin',
  ),
  'alerts.removeChannel': command(
    'Removes a channel; what waits for it is dropped.',
    z.strictObject({ channel: channelId }),
    z.object({ dropped: count }),
    'admin',
  ),
  'alerts.testChannel': command(
    'Sends a test notice now.',
    z.strictObject({ channel: channelId }),
    z.object({ notice: z.int().positive() }),
  ),
  'alerts.deliveries': query(
    'Notices with what became of them, the newest first.',
    z.strictObject({ channel: channelId.optional(), alert: alertId.optional(), limit: z.int().min(1).max(500).default(100) }),
    z.object({
      deliveries: z.array(
        z.object({
          notice: z.int().positive(),
          channel: channelId,
          channelName: text(64),
          alert: alertId.nullable().describe('null: a test.'),
          kind: z.enum(['firing', 'resolved', 'test']),
          title: text(200),
          state: z.enum(['waiting', 'delivered', 'failed', 'dropped']),
          attempts: count,
          nextAt: epochMs.nullable(),
          createdAt: epochMs,
          deliveredAt: epochMs.nullable(),
          problem: text(2000).nullable(),
        }),
      ),
    }),
  ),
  'alerts.retryDelivery': command(
    'Tries a failed notice again.',
    z.strictObject({ notice: z.int().positive() }),
    z.object({ notice: z.int().positive() }),
  ),
  'alerts.takeDesktopNotices': command(
    'Takes the notices that a desktop or browser is to show: each is given to one taker only.',
    z.strictObject({ limit: z.int().min(1).max(20).default(5) }),
    z.object({
      notices: z.array(
        z.object({ notice: z.int().positive(), title: text(120), body: text(500), path: text(500), severity: z.enum(alertSeverities) }),
      ),
    }),
    'viewer',
  ),
} as const
