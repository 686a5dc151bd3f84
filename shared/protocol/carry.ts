import { z } from 'zod'
import { bundleDigest, deploymentName, deviceId, fleetId, modelName, modelVersionName, spoolId } from '../domain/ids.ts'
import { envelope } from './envelope.ts'
import { count, epochMs, head, sizeBytes, text } from './message.ts'
import { reportedMessage } from './reported.ts'
import { batchLimits } from './telemetry.ts'

/** Most bytes and entries of what lies in a carried folder: nobody reads more, whoever filled it. */
export const carryLimits = {
  indexBytes: 8 * 1024 * 1024,
  messageBytes: 1024 * 1024,
  receiptBytes: 4 * 1024 * 1024,
  /** A batch as it would travel on the wire, with some room for its head. */
  batchBytes: 2 * batchLimits.bytes,
  files: 20_000,
  devices: 5000,
  batches: 10_000,
} as const

/** Files of a carried folder, all below it and all of lower case: no disk turns two of them into one. */
export const carryPaths = {
  index: 'carry.json',
  halt: 'halt.json',
  checkpoint: 'checkpoint.json',
  trust: 'trust',
  orders: 'orders',
  artifacts: 'artifacts',
  receipts: 'receipts',
} as const

const hexHash = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits')
const carriedPath = z
  .string()
  .regex(/^(?:(?:trust|orders)\/[a-z0-9_-]{1,80}\.json|artifacts\/[0-9a-f]{64}|halt\.json|checkpoint\.json)$/, 'a path of a carried folder')
const batchName = z.string().regex(/^batch-[0-9]{6}\.json$/)

/** A file that the index names. */
export const carriedFile = z.looseObject({ path: carriedPath, sizeBytes, sha256: hexHash })
export type CarriedFile = z.infer<typeof carriedFile>

/** What is for one device: its order, and how far its records are stored. */
export const carriedDevice = z.looseObject({
  device: deviceId,
  order: carriedPath.nullable().describe('File of the signed order, a `desired` message; null: there is none.'),
  spools: z
    .array(z.looseObject({ spool: spoolId, through: count }))
    .max(64)
    .describe('Acknowledgements.'),
})
export type CarriedDevice = z.infer<typeof carriedDevice>

/** The signed list of what a folder holds: the payload of the envelope in `carry.json`. */
export const carryIndex = z.looseObject({
  v: z.literal(1),
  fleet: fleetId,
  epoch: count,
  number: z.int().positive().describe('Only grows; a receipt says which folder it answers.'),
  createdAt: epochMs,
  expiresAt: epochMs.describe('After this no device takes it: its trust metadata would be too old as well.'),
  devices: z.array(carriedDevice).min(1).max(carryLimits.devices),
  files: z.array(carriedFile).max(carryLimits.files),
})
export type CarryIndex = z.infer<typeof carryIndex>

/** `carry.json`, and a receipt: a signed envelope. */
export const carriedEnvelope = z.looseObject({ ...head, id: text(64), envelope })
export type CarriedEnvelope = z.infer<typeof carriedEnvelope>

/** What stands in `carry.json` while an export is under way or was cut off: which files are of it. */
export const unfinishedCarry = z.looseObject({
  v: z.literal(1),
  unfinished: z.literal(true),
  files: z.array(carriedPath).max(2 * carryLimits.files),
})

/** States in which a deployment, or all of it, stands when a receipt is written. */
export const carriedStates = ['active', 'waiting', 'failed'] as const
const statedProblem = z.looseObject({ code: text(64), message: text(2000) }).nullable()

/** What became of one deployment of a carried order. */
export const carriedOutcome = z.looseObject({
  state: z.enum(carriedStates),
  model: modelName,
  version: modelVersionName,
  digest: bundleDigest,
  problem: statedProblem,
})
export type CarriedOutcome = z.infer<typeof carriedOutcome>

/** What a device says of a carried folder, signed with its own key. */
export const carryReceipt = z.looseObject({
  v: z.literal(1),
  fleet: fleetId,
  device: deviceId,
  carry: hexHash.describe('SHA-256 of the signed bytes of the index that it answers.'),
  carryNumber: z.int().positive(),
  carryCreatedAt: epochMs,
  number: z.int().positive().describe('Grows with each receipt of the device.'),
  issuedAt: epochMs.describe('Device clock.'),
  problem: statedProblem.describe('Why nothing was applied; null: it was.'),
  deployments: z.record(deploymentName, carriedOutcome),
  reported: reportedMessage,
  batches: z
    .array(z.looseObject({ name: batchName, sizeBytes: sizeBytes.max(carryLimits.batchBytes), sha256: hexHash, records: count }))
    .max(carryLimits.batches)
    .describe('Records of its spool as `telemetry` messages, in their order.'),
})
export type CarryReceipt = z.infer<typeof carryReceipt>

/** Names that FAT and Windows keep for devices of their own. */
const reserved = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])$/

/** The name of what belongs to a device: its id, but where a disk would not take that. No id holds an underscore. */
export function stemOf(device: string): string {
  return reserved.test(device) ? `device_${device}` : device
}

/** Path of the receipt of a device. */
export function receiptPath(device: string): string {
  return `${carryPaths.receipts}/${stemOf(device)}.json`
}

/** Folder with the batches of a device. */
export function batchFolder(device: string): string {
  return `${carryPaths.receipts}/${stemOf(device)}`
}

/** Name of the n-th batch, from 1. */
export function batchNameOf(n: number): string {
  return `batch-${String(n).padStart(6, '0')}.json`
}

/** Path of the order of a device. */
export function orderPath(device: string): string {
  return `${carryPaths.orders}/${stemOf(device)}.json`
}

/** Path of an artifact. */
export function artifactPath(sha256: string): string {
  return `${carryPaths.artifacts}/${sha256}`
}

/** Path of a file of the trust metadata, by its name on the wire. */
export function trustPath(name: string): string {
  return `${carryPaths.trust}/${name}.json`
}
