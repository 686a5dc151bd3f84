import { z } from 'zod'
import { deploymentName, deviceId } from '../../domain/ids.ts'
import { rolloutEvent } from '../../domain/rollout/event.ts'
import { judgedMetricNames, verdicts } from '../../domain/rollout/judge.ts'
import { rolloutDeviceStates, rolloutStates, waveStates } from '../../domain/rollout/life.ts'
import { rolloutMethods, rolloutPlan } from '../../domain/rollout/plan.ts'
import { explainReasonNames } from '../../domain/rollout/reason.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'
import { gateEvidence } from './gate-evidence.ts'

export const rolloutId = z.int().positive().describe('Number of a rollout; they count up.')
const one = z.strictObject({ rollout: rolloutId })
const versionReference = z.object({ model: text(64), version: text(64) })
const deviceCounts = z.partialRecord(z.enum(rolloutDeviceStates), count).describe('Devices by state; a state without devices is left out.')
const problem = z.object({ code: text(64), message: text(2000) })

/** A rollout as lists show it. */
export const rolloutSummary = z.object({
  rollout: rolloutId,
  name: text(200),
  state: z.enum(rolloutStates),
  sentence: text(1000).describe('How it stands, in one sentence.'),
  deployment: deploymentName,
  model: text(64),
  version: text(64),
  method: z.enum(rolloutMethods),
  isComparison: z.boolean(),
  priority: z.int(),
  query: text(4000),
  createdAt: epochMs,
  createdBy: text(200),
  startedAt: epochMs.nullable(),
  endedAt: epochMs.nullable(),
  targeted: count.describe('Devices of the target that are not skipped or superseded.'),
  reached: count.describe('Devices that have answered.'),
  committed: count,
  counts: deviceCounts,
  wave: z.int().nonnegative().nullable().describe('The wave that is open or at its gate, from 0; null: none.'),
  waves: count,
  verdict: z.enum(verdicts).nullable().describe('The newest one; null: nothing was judged.'),
  heldBy: text(500).nullable().describe('What keeps it from going on, for people; null: nothing.'),
})
export type RolloutSummary = z.infer<typeof rolloutSummary>

const waveView = z.object({
  wave: z.int().nonnegative(),
  name: text(64),
  size: text(100).describe('In words: 5 devices, up to 10 %, the rest.'),
  state: z.enum(waveStates),
  openedAt: epochMs.nullable(),
  reachedAt: epochMs.nullable(),
  passedAt: epochMs.nullable(),
  targeted: count,
  reached: count,
  committed: count,
  unreachable: count,
  counts: deviceCounts,
  gate: z
    .object({
      conditions: z.array(
        z.object({
          kind: z.enum(['reached', 'success', 'verdict', 'time', 'person', 'alert']),
          isMet: z.boolean(),
          sentence: text(400).describe('The number that there is, and the one that is needed.'),
        }),
      ),
      sentence: text(600),
      evidence: gateEvidence.nullable(),
    })
    .nullable()
    .describe('null: the last wave of a rollout without a judgement.'),
  cells: z
    .array(z.object({ device: deviceId, state: z.enum(rolloutDeviceStates), share: z.number().nullable() }))
    .describe('Devices of the wave, by id; at most 2,000.'),
})
export type WaveView = z.infer<typeof waveView>

/** What a rollout will send, take and cost. Bytes are those on the wire that devices lack, blocks that are already there left out. */
export const rolloutForecast = z.object({
  devices: count,
  bytes: count,
  published: count.describe('What the console sends where devices fetch together.'),
  money: z.number().nonnegative(),
  currency: text(8),
  seconds: z
    .number()
    .nonnegative()
    .nullable()
    .describe('From the start to the last device, if nothing fails; null: it has steps that a person or a verdict decides.'),
  byLink: z.array(
    z.object({
      link: text(64),
      devices: count,
      bytes: count,
      money: z.number().nonnegative(),
      secondsPerDevice: z.number().nonnegative().nullable(),
      isQuietNow: z.boolean(),
    }),
  ),
  budget: z.object({ bytes: count.nullable(), money: z.number().nullable(), isWithin: z.boolean() }),
})
export type RolloutForecast = z.infer<typeof rolloutForecast>

const finding = z.object({
  severity: z.enum(['error', 'warning', 'info']),
  code: text(64),
  path: text(200).describe('Where in the plan, e.g. waves[1].size; empty: the whole.'),
  message: text(1000),
})

const planText = z
  .strictObject({ text: text(200_000).optional().describe('A rollout file, YAML or JSON.'), plan: rolloutPlan.optional() })
  .refine(({ text: file, plan }) => (file === undefined) !== (plan === undefined), 'give either text or plan')

/** What `rollouts.show` says. */
const rolloutDetail = rolloutSummary.extend({
  plan: rolloutPlan,
  digest: text(64).nullable(),
  waveViews: z.array(waveView),
  spent: z.object({ bytes: count, money: z.number().nonnegative() }).describe('Forecast of what was offered so far.'),
  forecast: rolloutForecast.nullable().describe('As it was when the rollout was started; null: not started.'),
  approvals: z.array(z.object({ at: epochMs, by: text(200), decision: z.enum(['approved', 'refused']), why: text(2000) })),
  needsApproval: text(500).nullable().describe('What is to be approved before it begins; null: nothing.'),
  overridden: z
    .array(z.object({ rollout: rolloutId, name: text(200), devices: count }))
    .describe('Rollouts that outrank this one, with the devices that they have of its target.'),
  acts: z.object({
    start: z.boolean(),
    approve: z.boolean(),
    pause: z.boolean(),
    halt: z.boolean().describe('Paused already: `rollouts.pause` with halt keeps devices from it.'),
    resume: z.boolean(),
    stop: z.boolean(),
    revert: z.boolean(),
    letThrough: z.boolean(),
    promote: z.boolean(),
    discard: z.boolean(),
    edit: z.boolean(),
    remove: z.boolean(),
  }),
  effects: z
    .object({ pause: text(500), halt: text(500), stop: text(500), revert: text(500) })
    .describe('What each act would do now, in words.'),
})
export type RolloutDetail = z.infer<typeof rolloutDetail>

/** An act answers with how the rollout stands, and if it changed anything: of two people who do the same at once, one is told that it was done. */
const acted = z.object({ rollout: rolloutId, state: z.enum(rolloutStates), isChanged: z.boolean(), sentence: text(1000) })
const why = text(2000).default('').describe('Why; kept in the log.')

const explanation = z.object({
  device: deviceId,
  deployment: deploymentName,
  reason: z.enum(explainReasonNames),
  sentence: text(1000).describe('Why the device is where it is, with the number that decides it.'),
  change: text(500).nullable().describe('What would change it; null: nothing needs to.'),
  rollout: rolloutId.nullable(),
  order: z.int().positive().nullable(),
})
export type Explanation = z.infer<typeof explanation>

const range = z.object({ low: z.number(), high: z.number() })

export const rolloutsMethods = {
  'rollouts.list': query(
    'Rollouts, the newest first. Change topic: rollouts.',
    z.strictObject({
      state: z.array(z.enum(rolloutStates)).max(9).optional(),
      deployment: deploymentName.optional(),
      model: text(64).optional(),
      isComparison: z.boolean().optional(),
      limit: z.int().min(1).max(500).default(50),
      before: rolloutId.optional(),
    }),
    z.object({ rollouts: z.array(rolloutSummary), total: count, next: rolloutId.nullable() }),
  ),
  'rollouts.show': query('One rollout: plan, waves with gates and their evidence, cost, what may be done.', one, rolloutDetail),
  'rollouts.devices': query(
    'Devices of a rollout, each with its one sentence.',
    one.extend({
      state: z.array(z.enum(rolloutDeviceStates)).max(20).optional(),
      wave: z.int().nonnegative().optional(),
      query: text(4000).default(''),
      offset: z.int().nonnegative().default(0),
      limit: z.int().min(0).max(1000).default(100),
    }),
    z.object({
      total: count,
      devices: z.array(
        z.object({
          device: deviceId,
          status: text(16),
          wave: z.int().nonnegative(),
          state: z.enum(rolloutDeviceStates),
          since: epochMs,
          attempts: count,
          share: z.number().nullable().describe('Of the bundle on the device, while fetching.'),
          bytes: count.describe('Forecast of what it fetches.'),
          previous: versionReference.nullable(),
          active: versionReference.nullable(),
          problem: problem.nullable(),
          why: text(1000),
        }),
      ),
    }),
  ),
  'rollouts.events': query(
    'The log of a rollout, the newest first.',
    one.extend({
      device: deviceId.optional(),
      kinds: z.array(text(32)).max(40).optional(),
      isWithoutDevices: z.boolean().default(false).describe('Only what happened to the rollout as a whole.'),
      before: z.int().positive().optional(),
      limit: z.int().min(1).max(1000).default(100),
    }),
    z.object({ events: z.array(rolloutEvent), next: z.int().positive().nullable() }),
  ),
  'rollouts.explain': query(
    'Why a device is where it is on a deployment: the first true reason, with the number that decides it and what would change it.',
    z.strictObject({ device: deviceId, deployment: deploymentName.optional().describe('Left out: every deployment of the device.') }),
    z.object({ explanations: z.array(explanation) }),
  ),
  'rollouts.check': query(
    'Checks a rollout file or plan without doing anything: errors with their place, warnings, and the plan with all defaults.',
    planText,
    z.object({
      isValid: z.boolean(),
      findings: z.array(finding),
      plan: rolloutPlan.nullable(),
      text: text(200_000).nullable().describe('The plan as a file.'),
    }),
  ),
  'rollouts.plan': query(
    'Dry run: which devices are in which wave, when, and what it costs.',
    z.strictObject({
      plan: rolloutPlan,
      rollout: rolloutId.optional().describe('An existing rollout: its waves are those that it has.'),
      limit: z.int().min(0).max(1000).default(100),
    }),
    z.object({
      findings: z.array(finding),
      version: versionReference.nullable(),
      alias: text(64).nullable(),
      targeted: count,
      skipped: z.array(z.object({ reason: text(64), message: text(500), devices: z.array(deviceId) })),
      waves: z.array(
        z.object({
          wave: z.int().nonnegative(),
          name: text(64),
          size: text(100),
          devices: count,
          examples: z.array(deviceId).describe('At most `limit`.'),
          groups: z.array(z.object({ value: text(256), devices: count })).describe('By the first attribute of `stratify`, else by site.'),
          bytes: count,
          money: z.number().nonnegative(),
          earliestStart: epochMs.nullable(),
          earliestEnd: epochMs.nullable().describe('If nothing fails and nobody has to decide; null: not known.'),
          gate: text(600).describe('In words.'),
          sizeBound: z.number().describe('No failure in so many devices bounds the failure rate at this (95 %).'),
        }),
      ),
      overlaps: z.array(z.object({ rollout: rolloutId, name: text(200), devices: count, wins: z.enum(['this', 'other', 'neither']) })),
      forecast: rolloutForecast,
      needsApproval: text(500).nullable(),
      heldBy: text(500).nullable(),
    }),
  ),
  'rollouts.comparison': query(
    'The version against the incumbent: each metric with its interval, over time, and what is still needed.',
    one.extend({ wave: z.int().nonnegative().optional().describe('Left out: all devices that have the version.') }),
    z.object({
      evidence: gateEvidence.nullable(),
      isEnough: z.boolean().describe('The verdict would not wait for more.'),
      advice: text(600).describe('What to do, in words.'),
      series: z.array(
        z.object({
          metric: z.enum(judgedMetricNames),
          unit: text(16),
          points: z.array(
            z.object({
              ...{ at: epochMs, candidate: z.number().nullable(), incumbent: z.number().nullable() },
              candidateRange: range.nullable().describe('95 % interval of the window; null: too little stands behind it.'),
              incumbentRange: range.nullable(),
            }),
          ),
        }),
      ),
      latency: z.object({
        candidate: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable(),
        incumbent: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable(),
      }),
      pairs: z
        .array(z.object({ incumbent: text(256), candidate: text(256), rows: count }))
        .describe('Classes in which a shadow differs most often.'),
    }),
  ),
  'rollouts.penalties': query(
    'Devices that wait after failing too often with a version.',
    z.strictObject({ model: text(64).optional() }),
    z.object({
      penalties: z.array(
        z.object({ device: deviceId, model: text(64), version: text(64), failures: count, until: epochMs, problem: problem.nullable() }),
      ),
    }),
  ),
  'rollouts.create': command(
    'Writes a rollout down as a draft. Nothing is sent.',
    z.strictObject({ plan: rolloutPlan }),
    z.object({ rollout: rolloutId }),
  ),
  'rollouts.edit': command('Replaces the plan of a draft.', one.extend({ plan: rolloutPlan }), acted),
  'rollouts.remove': command('Removes a draft.', one, z.object({ rollout: rolloutId })),
  'rollouts.start': command(
    'Starts a draft: it waits for approval if it needs one, then for its time, then offers the first wave.',
    one.extend({ despiteAlerts: z.boolean().default(false) }),
    acted,
  ),
  'rollouts.approve': command('Approves a rollout that waits for it.', one.extend({ why }), acted, 'approver'),
  'rollouts.refuse': command('Refuses a rollout that waits for approval: it is a draft again.', one.extend({ why }), acted, 'approver'),
  'rollouts.pause': command(
    'Offers nothing more; devices finish what they began, or hold it with `halt`.',
    one.extend({
      why,
      halt: z.boolean().default(false).describe('Devices that have not activated the version keep from it until the rollout goes on.'),
    }),
    acted,
  ),
  'rollouts.resume': command('Goes on. Failures that were seen until now do not stop it again.', one.extend({ why }), acted),
  'rollouts.stop': command(
    'Ends the rollout; devices that have the version keep it, the others do not get it.',
    one.extend({ why }),
    acted,
  ),
  'rollouts.revert': command('Ends the rollout and gives each device back what it had.', one.extend({ why }), acted),
  'rollouts.letThrough': command(
    'Lets the next wave begin, whatever its gate says.',
    one.extend({ wave: z.int().nonnegative(), why }),
    acted,
  ),
  'rollouts.promote': command(
    'A comparison has shown enough: the version becomes the active one on the devices that have it.',
    one.extend({ why }),
    acted,
  ),
  'rollouts.discard': command('A comparison has shown enough: the version is taken away again.', one.extend({ why }), acted),
  'rollouts.setPriority': command(
    'Changes which rollout wins on devices of both.',
    one.extend({ priority: z.int().min(0).max(1000) }),
    acted,
  ),
  'rollouts.retry': command(
    'Offers the version once more to devices that failed, penalties included.',
    one.extend({ query: text(4000).default('') }),
    acted.extend({ devices: z.array(deviceId) }),
  ),
  'rollouts.liftPenalty': command(
    'Lifts the penalty of a device.',
    z.strictObject({ device: deviceId, model: text(64), version: text(64), why }),
    z.object({ device: deviceId, isChanged: z.boolean() }),
  ),
  'rollouts.annotate': command('Adds a note to the log.', one.extend({ text: text(2000) }), acted),
} as const
