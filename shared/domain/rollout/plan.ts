import { z } from 'zod'
import { probationRules, servingRules } from '../../protocol/assignment.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { aliasName, deploymentName } from '../ids.ts'
import { someOf } from './some-of.ts'
import { judgeRules } from './judge.ts'

const share = z.number().min(0).max(1)
const seconds = z
  .int()
  .min(1)
  .max(90 * 86_400)

/** What a version does on a device before it is the active one. */
export const rolloutMethods = ['replace', 'shadow', 'split', 'stage'] as const
export type RolloutMethod = (typeof rolloutMethods)[number]

/** How the devices of a wave are found. Sizes are of the whole target and add up from the front: `10 %` after `1` ends where 10 % of the target is reached. */
export const waveSize = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('count'), devices: z.int().min(1).max(1_000_000) }),
  z.strictObject({ kind: z.literal('percent'), percent: z.number().gt(0).max(100) }),
  z.strictObject({ kind: z.literal('query'), query: text(4000).describe('Devices of the target that match, and are in no wave before.') }),
  z.strictObject({ kind: z.literal('rest') }),
])
export type WaveSize = z.infer<typeof waveSize>

/** When the next wave begins. All that is named must hold. */
export const gateRules = z.strictObject({
  leastReached: z.int().min(0).max(1_000_000).default(1).describe('Devices of the wave that must have answered, whatever they answered.'),
  success: share.default(0.9).describe('Share of the reached devices that must have committed.'),
  verdict: z
    .enum(['pass', 'not-fail', 'ignore'])
    .default('pass')
    .describe(
      'What the comparison with the incumbent must say. not-fail: not enough evidence is enough. A fail always stops the gate, but with ignore.',
    ),
  afterSeconds: z
    .int()
    .min(0)
    .max(90 * 86_400)
    .default(0)
    .describe('Time that must pass after the wave is reached.'),
  byPerson: z.boolean().default(false).describe('A person lets the next wave begin.'),
  patienceSeconds: seconds
    .nullable()
    .default(null)
    .describe('After so long without a decision the rollout pauses for a person; null: it waits.'),
})
export type GateRules = z.infer<typeof gateRules>

export const wavePlan = z.strictObject({
  name: text(64).default(''),
  size: waveSize,
  stratify: z.array(text(64)).max(4).default([]).describe('Attributes over whose values the wave is spread, e.g. site, arch.'),
  gate: gateRules.prefault({}),
})
export type WavePlan = z.infer<typeof wavePlan>

/** How fast devices of an open wave get the order. */
export const pacingRules = z.strictObject({
  maxInFlight: z.int().min(1).max(100_000).nullable().default(null).describe('Devices that are on their way at once.'),
  perMinute: z
    .strictObject({
      base: z.number().gt(0).max(100_000),
      factor: z.number().min(1).max(10).default(1),
      every: z.int().min(1).max(1_000_000).default(100).describe('Committed devices per step of the ramp.'),
      max: z.number().gt(0).max(100_000).default(1000),
    })
    .nullable()
    .default(null)
    .describe('Rate at step k: min(max, base x factor^k), k = floor(committed / every).'),
  perGroup: z
    .strictObject({ attribute: text(64).default('site'), atOnce: z.int().min(1).max(100_000).default(1) })
    .nullable()
    .default(null)
    .describe('Disruption budget: so many devices with the same value at once.'),
  bytesPerSecond: z
    .number()
    .gt(0)
    .nullable()
    .default(null)
    .describe('Offers wait while the transfers in flight would need more than this.'),
})
export type PacingRules = z.infer<typeof pacingRules>

/** A recurring time span. */
export const timeWindow = z.strictObject({
  cron: text(100).describe('Begins: minute hour day month weekday.'),
  minutes: z.int().min(1).max(10_080),
  timeZone: text(64).default('site').describe('An IANA zone, or site: the label `tz` of the device, else the zone of the console.'),
})
export type TimeWindow = z.infer<typeof timeWindow>

export const windowRules = z.strictObject({
  startAt: epochMs.nullable().default(null).describe('Not before; null: as soon as it is started.'),
  download: timeWindow.nullable().default(null),
  activation: timeWindow.nullable().default(null),
  isSpread: z
    .boolean()
    .default(true)
    .describe('Devices begin at a moment of the window that follows from their hash, not all at its start.'),
})
export type WindowRules = z.infer<typeof windowRules>

/** What ends, or holds, a rollout by itself. Looked at in order; the first that holds acts. */
export const abortRule = z.strictObject({
  of: z.enum(['failed', 'rejected', 'timed-out', 'fell-back', 'any']).default('any'),
  share: share.default(0.2).describe('Of the executed devices, strictly more than this.'),
  least: z.int().min(1).max(1_000_000).default(3).describe('Executed devices before the rule is looked at.'),
  action: z
    .enum(['pause', 'stop', 'revert'])
    .default('revert')
    .describe('stop: devices keep what they have; revert: they get back what they had.'),
})
export type AbortRule = z.infer<typeof abortRule>

/** How long a device may stay in a stage; a silent one counts as timed out after it. */
export const stageTimeouts = z.strictObject({
  offered: seconds.default(86_400),
  fetching: seconds.default(86_400),
  staged: seconds.default(86_400),
  probing: seconds.default(7200),
})

export const retryRules = z.strictObject({
  attempts: z
    .int()
    .min(0)
    .max(10)
    .default(2)
    .describe('Further tries after a passing failure; what a device refuses as unfit is not tried again.'),
  backoffSeconds: seconds.default(300),
  factor: z.number().min(1).max(10).default(2),
  penaltyFailures: z.int().min(1).max(100).default(3).describe('A device that failed so often with the same version waits.'),
  penaltySeconds: seconds.default(86_400),
})
export type RetryRules = z.infer<typeof retryRules>

/** The whole of what a rollout is to do: the content of a rollout file and of the wizard. */
export const rolloutPlan = z.strictObject({
  name: text(120).default('').describe('Empty: made from the version and the deployment.'),
  deployment: deploymentName,
  model: text(64),
  version: text(64).describe('A version, or an alias: what it stands for is decided when the rollout starts.'),
  query: text(4000)
    .default('')
    .describe('The target; asked again all the time: who joins later enters with the same waves and gates. Empty: the whole fleet.'),
  priority: z.int().min(0).max(1000).default(0).describe('Of two rollouts to one deployment the higher one has the devices of both.'),
  method: z.enum(rolloutMethods).default('replace'),
  percent: z.number().gt(0).max(100).default(10).describe('split: share of the keys that the version answers, percent.'),
  cpuShare: z.number().gt(0).max(1).default(0.5).describe('shadow: share of one core that it may use.'),
  disagreementsPerWindow: z.int().min(0).max(100).default(0).describe('shadow: disagreements kept as samples per window.'),
  isComparison: z
    .boolean()
    .default(false)
    .describe('shadow, split: an A/B or shadow test. Nothing is activated before a person promotes the version; discarding takes it away.'),
  probation: someOf(probationRules).optional(),
  serving: someOf(servingRules).optional(),
  waves: z
    .array(wavePlan)
    .min(1)
    .max(50)
    .default([{ name: '', size: { kind: 'rest' }, stratify: [], gate: gateRules.parse({}) }]),
  pacing: pacingRules.prefault({}),
  windows: windowRules.prefault({}),
  abort: z
    .array(abortRule)
    .max(10)
    .default([abortRule.parse({})]),
  unreachable: z
    .strictObject({
      afterSeconds: seconds.default(900).describe('Offline for so long after the offer.'),
      share: share.default(0.5).describe('Of the offered devices; strictly more pauses the rollout.'),
      least: z.int().min(1).default(10),
    })
    .prefault({}),
  timeouts: stageTimeouts.prefault({}),
  retry: retryRules.prefault({}),
  judge: judgeRules.prefault({}),
  budget: z
    .strictObject({ bytes: count.nullable().default(null), money: z.number().nonnegative().nullable().default(null) })
    .prefault({})
    .describe('Offers end before the forecast of what was offered passes it.'),
  whenDone: z
    .strictObject({ alias: aliasName.nullable().default(null) })
    .prefault({})
    .describe('The alias that then stands for the version.'),
  note: text(2000).default(''),
})
export type RolloutPlan = z.infer<typeof rolloutPlan>
export type RolloutPlanInput = z.input<typeof rolloutPlan>
