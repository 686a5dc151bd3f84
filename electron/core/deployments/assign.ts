import { randomUUID } from 'node:crypto'
import { deploymentName, deviceId, fleetId, modelName, modelVersionName } from '../../../shared/domain/ids.ts'
import {
  probationRules,
  servingRules,
  assignedBeside,
  type AssignedBeside,
  type AssignedDeployment,
  type Assignment,
  type BundleReference,
  type DesiredMessage,
  type RuntimeConfig,
} from '../../../shared/protocol/assignment.ts'
import { payloadTypes } from '../../../shared/protocol/envelope.ts'
import { WIRE_VERSION } from '../../../shared/protocol/message.ts'
import { topicOf, topics } from '../../../shared/protocol/topics.ts'
import { effectiveConfig, readCommonRules, rulesFor } from '../config/effective.ts'
import { openPrivacyView } from '../privacy/view.ts'
import { epochOf } from './epoch.ts'
import type { DeploymentRow, OrderedBeside } from '../store/fleet/deployments.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { Keyring } from '../trust/keys.ts'

/** An assignment is good for 30 days; it is made anew when a device connects with less than half of that left. */
const VALID_MS = 30 * 86_400_000

export interface AssignParts {
  store: FleetStore
  fleet: string
  keyring: Keyring
  reference(digest: string): BundleReference
}

/**
 * Signs the desired state of a device, its configuration as the rules say now, with the next counter, and puts it into the outbox. Call it in the transaction of the change.
 * @param options.deployments what is wanted; else what stands in the store
 * @returns the counter
 */
export function assign(parts: AssignParts, device: string, options: { now: number; deployments?: readonly DeploymentRow[] }): number {
  const { store, fleet, keyring } = parts
  const before = store.deployments.assignment(device)
  const config = configOf(store, device)
  // Never before an earlier order: to the device, the newest time that was signed is a lower bound of now. After a clock that ran ahead
  // was set right, it would take every order for expired.
  const issuedAt = Math.max(options.now, before?.issuedAt ?? 0)
  const expiresAt = issuedAt + VALID_MS
  const counter = nextCounter(Math.max(before?.counter ?? 0, reportedCounter(parts, device, options.now)), options.now)
  const payload: Assignment = {
    v: 1,
    fleet: fleetId.parse(fleet),
    device: deviceId.parse(device),
    epoch: epochOf(store),
    counter,
    hardware: hardwareOf(store, device),
    issuedAt,
    expiresAt,
    deployments: Object.fromEntries(
      (options.deployments ?? store.deployments.ofDevice(device)).map((row) => [
        deploymentName.parse(row.deployment),
        assignedOf(parts, row, counter),
      ]),
    ),
    config,
  }
  const bytes = Buffer.from(JSON.stringify(payload))
  const message: DesiredMessage = {
    v: WIRE_VERSION,
    sentAt: options.now,
    id: randomUUID(),
    envelope: {
      payloadType: payloadTypes.assignment,
      payload: bytes.toString('base64'),
      signatures: keyring.sign(payloadTypes.assignment, bytes),
    },
  }
  store.deployments.putAssignment({
    device,
    counter: payload.counter,
    issuedAt,
    expiresAt,
    config: JSON.stringify(config),
    message: JSON.stringify(message),
  })
  sendDesired(parts, device, options.now)
  return payload.counter
}

/** What the device said that it is; null: it has not spoken yet. */
function hardwareOf(store: FleetStore, device: string): string | null {
  const facts = store.devices.find(device)?.reported?.facts
  return facts === undefined ? null : `${facts.os}-${facts.arch}`.slice(0, 64)
}

/** The configuration that the rules say for a device now. */
export function configOf(store: FleetStore, device: string): RuntimeConfig {
  const common = readCommonRules(store.configRules)
  const entry = common.groups.length === 0 ? null : store.roster.entry(device)
  return effectiveConfig(rulesFor(common, entry, store.configRules.ofDevice(device)), openPrivacyView(store)(device))
}

/** @param counter of the assignment: what nobody asked for before is asked for by it */
function assignedOf({ reference }: AssignParts, row: DeploymentRow, counter: number): AssignedDeployment {
  return {
    model: modelName.parse(row.model),
    version: modelVersionName.parse(row.version),
    bundle: reference(row.digest),
    role: 'active',
    asked: row.asked ?? counter,
    beside: row.beside === null ? null : besideOf(row.beside, reference(row.beside.digest), counter),
    probation: probationRules.parse(row.terms.probation ?? {}),
    serving: servingRules.parse(row.terms.serving ?? {}),
  }
}

function besideOf({ model, version, role, terms, asked }: OrderedBeside, bundle: BundleReference, counter: number): AssignedBeside {
  const { percent, cpuShare, samplesPerWindow } = terms
  return assignedBeside.parse({ model, version, bundle, role, asked: asked ?? counter, percent, cpuShare, samplesPerWindow })
}

/**
 * The next counter: one more than the last, and never less than the seconds of the clock. A device that was taken out and joined again, or a
 * console that was restored from a backup, would otherwise issue numbers that the device has seen, and be refused as a replay.
 */
export function nextCounter(last: number, now: number): number {
  return Math.max(last + 1, Math.floor(now / 1000))
}

/** Beyond the seconds of the clock by more than ten years a counter is no memory of this console, but a lie that would use them up. */
const BELIEVABLE_AHEAD_S = 10 * 366 * 86_400

/** The counter of the order that the device works on: after a restored backup it may be one that this console does not know any more. */
function reportedCounter({ store }: AssignParts, device: string, now: number): number {
  const counter = store.devices.find(device)?.reported?.assignmentCounter ?? 0
  return counter <= now / 1000 + BELIEVABLE_AHEAD_S ? counter : 0
}

/** Puts the signed desired state of a device into the outbox again, fresh if it runs out soon. */
export function resendDesired(parts: AssignParts, device: string, now: number): void {
  const known = parts.store.deployments.assignment(device)
  if (known === null) return
  // An order that was made for other hardware, as after a swap of the board, is made again from what the device says now.
  const isMisfit = parts.store.devices.find(device)?.reported?.assignmentProblem?.code === 'assignment.wrong-target'
  if (isMisfit || known.expiresAt - now < VALID_MS / 2) assign(parts, device, { now })
  else sendDesired(parts, device, now)
}

function sendDesired({ store, fleet }: AssignParts, device: string, now: number): void {
  const known = store.deployments.assignment(device)
  if (known === null) return
  const { qos, retain } = topics.desired
  store.outbox.put({
    key: `desired/${device}`,
    topic: topicOf(fleet, 'desired', { device }),
    payload: Buffer.from(known.message),
    qos,
    retain,
    createdAt: now,
  })
}
