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

/** One named place on a device and the model version that fills it. */
export const assignedDeployment = z.looseObject({
  model: modelName,
  version: modelVersionName,
  bundle: bundleReference,
  role: z.literal('active').describe('What the bundle does in the deployment.'),
})

/** Runtime configuration that works without a new model. */
export const runtimeConfig = z.looseObject({
  windowSeconds: z.int().min(1).max(3600).default(60).describe('Length of a telemetry window, seconds.'),
  samplesPerWindow: z.int().min(0).max(100).default(0).describe('Inputs and outputs kept per window; 0: none leave the device.'),
})
export type RuntimeConfig = z.infer<typeof runtimeConfig>

/** The signed desired state of one device: the payload of the envelope in `desired`. */
export const assignment = z.looseObject({
  v: z.literal(1),
  fleet: fleetId,
  device: deviceId,
  counter: z.int().positive().describe('Only grows; a device refuses a lower one.'),
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
