import { z } from 'zod'
import { bootId, bundleDigest, deploymentName, deviceId, modelName, modelVersionName } from '../domain/ids.ts'
import { besideRoles, subjectRef } from './assignment.ts'
import { logHead } from './checkpoint.ts'
import { count, epochMs, head, sizeBytes, text } from './message.ts'
import { reportedTrust } from './trust.ts'

/** States of a deployment on the device, each journalled before the step that follows it. */
export const convergenceStates = [
  'idle',
  'fetching',
  'verified',
  'preflighted',
  'staged',
  'probing',
  'active',
  'reverted',
  'rejected',
] as const
export type ConvergenceState = (typeof convergenceStates)[number]

/** What fills a slot: the fingerprint, and the version that the console knows it by. */
export const slotContent = z.looseObject({
  digest: bundleDigest,
  model: modelName,
  version: modelVersionName,
  since: epochMs,
})
export type SlotContent = z.infer<typeof slotContent>

const transferProgress = z.looseObject({ blocksHave: count, blocksTotal: count, bytesReceived: sizeBytes })
const statedProblem = z.looseObject({ code: text(64), message: text(2000) })

/** The watch of live inferences after a switch; while there is one, the bundle before stays warm. */
export const watchState = z.looseObject({
  since: epochMs,
  inferences: count.describe('Live inferences seen.'),
  wanted: count.describe('So many end the watch well.'),
  failed: count,
  notFinite: count,
})
export type WatchState = z.infer<typeof watchState>

/** The second bundle of a deployment as the device has it. `active` says that it works in its role. */
export const reportedBeside = z.looseObject({
  role: z.enum(besideRoles),
  state: z.enum(convergenceStates),
  content: slotContent,
  progress: transferProgress.nullable(),
  problem: statedProblem.nullable(),
})
export type ReportedBeside = z.infer<typeof reportedBeside>

/** One deployment as the device has it. */
export const reportedDeployment = z.looseObject({
  state: z.enum(convergenceStates),
  active: slotContent.nullable(),
  candidate: slotContent.nullable(),
  lastGood: slotContent.nullable(),
  progress: transferProgress.nullable().describe('Transfer of the candidate, while fetching.'),
  problem: statedProblem.nullable(),
  watch: watchState.nullable().default(null).describe('null: the active bundle has passed its probation, or there is none.'),
  beside: reportedBeside.nullable().default(null),
})
export type ReportedDeployment = z.infer<typeof reportedDeployment>

/** An application on the device that must not be disturbed: activation waits until then, download does not. */
export const applicationLock = z.looseObject({ reason: text(500), since: epochMs, until: epochMs })
export type ApplicationLock = z.infer<typeof applicationLock>

/** Facts of the device: what queries can select it by. */
export const deviceFacts = z.looseObject({
  os: text(64),
  arch: text(64),
  hostname: text(255),
  cpus: count,
  memoryBytes: sizeBytes,
  diskFreeBytes: sizeBytes,
  agentVersion: text(64),
  runtimeVersion: text(64).describe('Version of onnxruntime on the device.'),
  executionProviders: z.array(text(64)).max(32),
  httpUrl: text(255).nullable().describe('Where the local API listens, as the device sees itself.'),
  sandbox: text(64).optional().describe('What shuts models in: bubblewrap, limits, or process (of their own, watched).'),
})
export type DeviceFacts = z.infer<typeof deviceFacts>

/** Device → console: facts and slots, sent on connect and on every change. */
export const reportedMessage = z
  .looseObject({
    ...head,
    device: deviceId,
    boot: bootId,
    sequence: count.describe('Grows within a boot; the console keeps the highest.'),
    facts: deviceFacts,
    assignmentCounter: count.describe('Counter of the assignment the device works on; 0: none yet.'),
    assignmentProblem: z.looseObject({ code: text(64), message: text(2000) }).nullable(),
    deployments: z.record(deploymentName, reportedDeployment),
    lock: applicationLock.nullable().default(null),
    witness: logHead.nullable().default(null).describe('The largest checkpoint of the audit log that the device keeps; null: none came.'),
    assignmentEpoch: count.default(0).describe('Epoch of that assignment.'),
    trust: reportedTrust.nullable().default(null).describe('null: an agent from before there was trust metadata.'),
    witnessBefore: logHead.nullable().default(null).describe('The one before it.'),
    erased: z
      .array(subjectRef)
      .max(256)
      .optional()
      .describe('Subjects of the order that the device has taken out of its spool; absent: an agent from before there was that.'),
    haltCounter: count.default(0).describe('Counter of the halt list that the device keeps to; 0: none.'),
  })
  .describe('Reported state of a device.')
export type ReportedMessage = z.infer<typeof reportedMessage>
