import { z } from 'zod'
import { deviceId } from '../../domain/ids.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { flagName, flagValue } from '../../protocol/assignment.ts'
import { command, query } from '../method.ts'

/** Scopes of configuration rules; of a field, the value of the most specific one counts: device, then group, then fleet. */
export const configScopes = ['fleet', 'group', 'device'] as const
export type ConfigScope = (typeof configScopes)[number]

const groupName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a group is named with a-z, 0-9 and dash')

const logLevel = z.enum(['error', 'warn', 'info', 'debug']).nullable()

/** Fields that are a number; beside them there are `logLevel`, `flags.NAME` and `masks.NAME`. */
export const numberFields = [
  'windowSeconds',
  'samplesPerWindow',
  'lowConfidenceSamples',
  'lowConfidenceBelow',
  'outlierSamples',
  'distributionSeconds',
  'detectorSamples',
] as const
export type NumberField = (typeof numberFields)[number]

/** What a mask makes of the values of a field. */
export const maskKinds = ['drop', 'hash', 'round'] as const
/** A field as a mask names it: a feature, an input or an output. */
const maskName = z.string().min(1).max(256)

/** Fields that a rule sets; what it does not name comes from a less specific rule. */
export const configSettings = z.strictObject({
  windowSeconds: z.int().min(1).max(3600).optional().describe('Length of a telemetry window, seconds.'),
  samplesPerWindow: z.int().min(0).max(100).optional().describe('Inputs and outputs kept per window; 0: none leave the device.'),
  lowConfidenceSamples: z.int().min(0).max(100).optional().describe('Kept beside these of requests below `lowConfidenceBelow`.'),
  lowConfidenceBelow: z.number().min(0).max(1).optional().describe('Confidence below which a request is of low confidence.'),
  outlierSamples: z.int().min(0).max(100).optional().describe('Kept beside these of requests with a value outside its range or fences.'),
  distributionSeconds: z
    .int()
    .min(0)
    .max(3600)
    .optional()
    .describe('Length of a window of distributions, seconds; 0: values are not counted.'),
  detectorSamples: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .optional()
    .describe('Inferences between two false alarms of a detector on the device; 0: no detectors.'),
  logLevel: logLevel.optional().describe('Log level of the agent; null: as the device is set.'),
  flags: z.record(flagName, flagValue).optional().describe('Feature flags, which applications on the device read.'),
  masks: z
    .record(maskName, z.enum(maskKinds))
    .optional()
    .describe('Fields that never leave the device as they are, by feature, input or output: dropped, hashed or rounded.'),
})
export type ConfigSettings = z.infer<typeof configSettings>

/** Which rule is meant. */
const ruleTarget = z.discriminatedUnion('scope', [
  z.strictObject({ scope: z.literal('fleet') }),
  z.strictObject({ scope: z.literal('group'), group: groupName }),
  z.strictObject({ scope: z.literal('device'), device: text(64) }),
])
export type ConfigTarget = z.infer<typeof ruleTarget>

/** One field of a rule: a setting, one flag, or the mask of one field. */
const fieldName = z.union(
  [z.enum([...numberFields, 'logLevel']), z.string().regex(/^(flags\.[a-z][a-z0-9._-]{0,63}|masks\..{1,256})$/su)],
  'a field, flags.NAME or masks.NAME',
)

const rule = z.object({
  scope: z.enum(configScopes),
  name: text(64).describe('Of a group its name, of a device its id, of the fleet empty.'),
  query: text(4000).nullable().describe('Of a group: which devices it is for.'),
  priority: z.int().describe('Of groups: the higher wins; of equal ones the name that comes first.'),
  settings: configSettings,
  devices: count.describe('Devices that the rule is for now.'),
  setAt: epochMs,
  setBy: text(200),
})

const effect = z.object({
  devices: count.describe('Devices that the rule is for.'),
  changing: count.describe('Of all devices, those whose configuration becomes another one.'),
  changingOffline: count.describe('Of these, devices that are not connected: they get it when they connect.'),
  examples: z.array(deviceId).max(10),
})

const setInput = {
  target: ruleTarget,
  query: text(4000).optional().describe('Of a group: which devices it is for; needed where the group is new.'),
  priority: z.int().min(-1000).max(1000).optional().describe('Of a group; 0 where it is new and nothing is said.'),
  settings: configSettings.default({}).describe('What is named is set; what else the rule says stays.'),
  isWhole: z.boolean().default(false).describe('The settings are all that the rule says: what is not named is taken out.'),
}

const unsetInput = {
  target: ruleTarget,
  fields: z.array(fieldName).max(100).optional().describe('Left out: the whole rule.'),
}

export const configMethods = {
  'config.list': query(
    'Rules of the runtime configuration. Change topic: config.',
    z.strictObject({
      after: text(64).default('').describe('Rules of devices after this id.'),
      limit: z.int().min(0).max(1000).default(100),
    }),
    z.object({
      fleet: rule.nullable(),
      groups: z.array(rule).describe('The one that wins comes first.'),
      devices: z.array(rule),
      deviceRules: count.describe('Devices that have a rule of their own.'),
      pending: count.describe('Devices whose signed configuration is not yet the one that the rules say.'),
    }),
  ),
  'config.show': query(
    'The configuration that counts for a device: each field, flag and mask with the rule that decides it.',
    z.strictObject({ device: text(64) }),
    z.object({
      device: deviceId,
      fields: z.array(
        z.object({
          field: text(300),
          value: z.union([flagValue, z.null()]),
          from: z.enum(['default', ...configScopes]),
          rule: text(64).nullable().describe('Name of the group or device whose rule it is; null: the fleet, or no rule.'),
        }),
      ),
      isSigned: z.boolean().describe('The newest assignment of the device carries this configuration.'),
      isTaken: z.boolean().describe('The device works on that assignment.'),
    }),
  ),
  'config.preview': query(
    'How many devices a change of a rule would change. Changes nothing.',
    z.strictObject({
      change: z.discriminatedUnion('do', [
        z.strictObject({ do: z.literal('set'), ...setInput }),
        z.strictObject({ do: z.literal('unset'), ...unsetInput }),
      ]),
    }),
    effect,
  ),
  'config.set': command(
    'Sets fields of a rule. Every device that it concerns gets a newly signed assignment; many devices are done as a job.',
    z.strictObject(setInput),
    effect.extend({ job: text(64).nullable().describe('The job that signs; null: it is done.') }),
  ),
  'config.unset': command(
    'Takes fields out of a rule, or the whole rule.',
    z.strictObject(unsetInput),
    effect.extend({ job: text(64).nullable() }),
  ),
} as const
