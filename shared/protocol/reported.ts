import { z } from 'zod'
import { bootId, bundleDigest, deploymentName, deviceId, modelName, modelVersionName } from '../domain/ids.ts'
import { count, epochMs, head, sizeBytes, text } from './message.ts'

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

/** One deployment as the device has it. */
export const reportedDeployment = z.looseObject({
  state: z.enum(convergenceStates),
  active: slotContent.nullable(),
  candidate: slotContent.nullable(),
  lastGood: slotContent.nullable(),
  progress: z
    .looseObject({ blocksHave: count, blocksTotal: count, bytesReceived: sizeBytes })
    .nullable()
    .describe('Transfer of the candidate, while fetching.'),
  problem: z.looseObject({ code: text(64), message: text(2000) }).nullable(),
})
export type ReportedDeployment = z.infer<typeof reportedDeployment>

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
  })
  .describe('Reported state of a device.')
export type ReportedMessage = z.infer<typeof reportedMessage>
