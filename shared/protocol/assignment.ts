import { z } from 'zod'
import { bundleDigest, deploymentName, deviceId, fleetId, modelName, modelVersionName } from '../domain/ids.ts'
import { envelope, signature } from './envelope.ts'
import { epochMs, head, sizeBytes, text } from './message.ts'

/** The bundle that fills a deployment: its digest, the size of its manifest (a hard cap) and the signatures over the manifest. */
export const bundleReference = z.looseObject({
  digest: bundleDigest,
  sizeBytes: sizeBytes.max(16 * 1024 * 1024),
  signatures: z.array(signature).min(1).max(8),
})
export type BundleReference = z.infer<typeof bundleReference>

/**
 * How a bundle proves itself on the device: budgets of the probe, then a watch of live inferences after the switch, while the bundle
 * before stays warm. A limit that is passed takes the switch back at once.
 */
export const probationRules = z.looseObject({
  inferences: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(500)
    .describe('The watch ends well after so many live inferences; 0: there is no watch.'),
  seconds: z.int().min(1).max(86_400).default(600).describe('The watch also ends after so long, seconds.'),
  maxErrorShare: z.number().min(0).max(1).default(0.05).describe('Share of live inferences that may fail in the model.'),
  maxNotFiniteShare: z.number().min(0).max(1).default(0).describe('Share of live inferences that may give NaN or infinity.'),
  maxLatencyRatio: z
    .number()
    .min(1)
    .max(1000)
    .nullable()
    .default(5)
    .describe('Median live latency over the median of the probe on this device; null: not watched.'),
  latencyMs: z.number().positive().max(600_000).nullable().default(null).describe('Budget of the median latency, probe and watch, ms.'),
  memoryBytes: sizeBytes.nullable().default(null).describe('Budget of resident memory that the bundle may add, probe and watch.'),
})
export type ProbationRules = z.infer<typeof probationRules>

/** How a deployment is served, effective without a restart. */
export const servingRules = z.looseObject({
  deadlineMs: z.int().min(10).max(600_000).default(10_000).describe('A request is answered, or fails, within so long, ms.'),
  cacheEntries: z.int().min(0).max(100_000).default(0).describe('Answers kept for exactly equal inputs; 0: no cache.'),
  batchRows: z.int().min(0).max(4096).default(0).describe('Requests are joined to runs of at most so many rows; 0: each runs alone.'),
  batchDelayMs: z.number().min(0).max(1000).default(2).describe('The first request of a joined run waits at most so long, ms.'),
  queueRequests: z.int().min(1).max(10_000).default(64).describe('Requests that may wait; more are refused as overloaded.'),
})
export type ServingRules = z.infer<typeof servingRules>

/** Not every order asks for every bundle that it names: a rule of the configuration is no reason to try again what failed. */
const asked = z
  .int()
  .positive()
  .nullable()
  .default(null)
  .describe(
    'Counter of the order that asked for the bundle; a device that refused it tries it again only under a higher one. null: every order asks.',
  )

/** What a second bundle does beside the active one. */
export const besideRoles = ['shadow', 'split', 'staged'] as const
export type BesideRole = (typeof besideRoles)[number]

/**
 * A second bundle of a deployment: `shadow` sees the same inputs and answers nobody, `split` answers a share of the keys, `staged` waits
 * on the disk for the order that makes it active.
 */
export const assignedBeside = z.looseObject({
  model: modelName,
  version: modelVersionName,
  bundle: bundleReference,
  role: z.enum(besideRoles),
  asked,
  percent: z.number().min(0).max(100).default(10).describe('split: share of the keys that it answers, percent.'),
  cpuShare: z.number().gt(0).max(1).default(0.2).describe('shadow: share of one core that it may use; beyond it requests are skipped.'),
  samplesPerWindow: z
    .int()
    .min(0)
    .max(100)
    .default(0)
    .describe('shadow: disagreements kept as samples per window; 0: none leave the device.'),
})
export type AssignedBeside = z.infer<typeof assignedBeside>

/** One named place on a device and the model version that fills it. */
export const assignedDeployment = z.looseObject({
  model: modelName,
  version: modelVersionName,
  bundle: bundleReference,
  role: z.literal('active').describe('What the bundle does in the deployment.'),
  asked,
  beside: assignedBeside.nullable().default(null).describe('A second bundle, or none.'),
  probation: probationRules.prefault({}),
  serving: servingRules.prefault({}),
})
export type AssignedDeployment = z.infer<typeof assignedDeployment>

/** A feature flag: what applications on the device read at `GET /v1/config`. */
export const flagName = z.string().regex(/^[a-z][a-z0-9._-]{0,63}$/, 'a flag is named with a-z, 0-9, dot, dash and underscore')
export const flagValue = z.union([z.boolean(), z.number(), z.string().max(1000)])
export const featureFlags = z.record(flagName, flagValue)
export type FeatureFlags = z.infer<typeof featureFlags>

/** How a subject travels: a keyed hash, hex. */
export const subjectRef = z.string().regex(/^[0-9a-f]{32}$/, 'a subject is 32 hexadecimal digits')

/** What a device must know of the people in its data. */
export const privacyRules = z.looseObject({
  salt: text(64).describe('Of the fleet. Whom a request is about leaves the device only as a hash keyed with it.'),
  subjects: z.array(text(256)).max(64).default([]).describe('Features or inputs that say whom a row is about.'),
  erase: z
    .array(subjectRef)
    .max(256)
    .default([])
    .describe('Subjects that are taken out of the spool; the device reports those that it has taken out.'),
})
export type PrivacyRules = z.infer<typeof privacyRules>

/** Runtime configuration that works without a new model. */
export const runtimeConfig = z.looseObject({
  windowSeconds: z.int().min(1).max(3600).default(60).describe('Length of a telemetry window, seconds.'),
  samplesPerWindow: z.int().min(0).max(100).default(0).describe('Inputs and outputs kept per window; 0: none leave the device.'),
  logLevel: z.enum(['error', 'warn', 'info', 'debug']).nullable().default(null).describe('null: as the device is set.'),
  flags: featureFlags.default({}),
  distributionSeconds: z
    .int()
    .min(0)
    .max(3600)
    .default(300)
    .describe('Length of a window of distributions, seconds; 0: values are not counted.'),
  lowConfidenceSamples: z
    .int()
    .min(0)
    .max(100)
    .default(0)
    .describe('Inputs and outputs kept per window of those below `lowConfidenceBelow`.'),
  lowConfidenceBelow: z.number().min(0).max(1).default(0.6),
  outlierSamples: z
    .int()
    .min(0)
    .max(100)
    .default(0)
    .describe('Inputs and outputs kept per window of those with a value outside its range or fences.'),
  masks: z
    .record(text(256), z.enum(['drop', 'hash', 'round']))
    .default({})
    .describe(
      'Fields that never leave the device as they are, by feature, input or output. drop: nothing of it, also no counts; hash: a keyed hash that only this device can make again; round: two significant digits.',
    ),
  detectorSamples: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .default(100_000)
    .describe('Inferences that pass on average between two false alarms of a detector on the device; 0: no detectors.'),
  privacy: privacyRules.optional().describe('Absent: no field is marked, and nobody was erased.'),
})
export type RuntimeConfig = z.infer<typeof runtimeConfig>

/** The signed desired state of one device: the payload of the envelope in `desired`. */
export const assignment = z.looseObject({
  v: z.literal(1),
  fleet: fleetId,
  device: deviceId,
  epoch: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(0)
    .describe(
      'Raised when a console comes back from a backup or from a theft; a device refuses a lower one, and counters count within one.',
    ),
  counter: z.int().positive().describe('Only grows within an epoch; a device refuses a lower one.'),
  hardware: text(64)
    .nullable()
    .default(null)
    .describe('Operating system and architecture that the order is made for, such as linux-arm64; null: not known.'),
  issuedAt: epochMs,
  expiresAt: epochMs.describe('After this the device keeps serving but changes nothing.'),
  deployments: z.record(deploymentName, assignedDeployment),
  config: runtimeConfig,
})
export type Assignment = z.infer<typeof assignment>

/** Console → device, retained: the signed assignment. */
export const desiredMessage = z
  .looseObject({ ...head, id: text(64), envelope })
  .describe('Desired state of a device as a signed DSSE envelope whose payload is an Assignment.')
export type DesiredMessage = z.infer<typeof desiredMessage>
