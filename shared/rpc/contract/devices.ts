import { z } from 'zod'
import { healths } from '../../domain/device-health.ts'
import { deviceId } from '../../domain/ids.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { besideRoles } from '../../protocol/assignment.ts'
import { deviceFacts, reportedDeployment } from '../../protocol/reported.ts'
import { command, query } from '../method.ts'

/** A problem as it is reported; texts of devices are only ever shown as text. */
export const shownProblem = z.object({ code: text(64), message: text(2000) })

const labelKey = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/)
const labels = z.record(labelKey, text(256))

export const deviceSummary = z.object({
  device: deviceId,
  status: z.enum(['online', 'offline', 'never-seen']),
  health: z.enum(healths),
  sentence: text(4000).describe('One sentence: why the device is in this state.'),
  lastSeenAt: epochMs.nullable(),
  enrolledAt: epochMs,
  agentVersion: text(64).nullable(),
  labels,
  facts: deviceFacts.nullable(),
  desired: z.record(z.string(), z.object({ model: text(64), version: text(64), digest: text(64) })),
  deployments: z.record(z.string(), reportedDeployment),
  converged: z.boolean().describe('Every desired deployment is active as ordered.'),
})
export type DeviceSummary = z.infer<typeof deviceSummary>

const labelChange = z.record(labelKey, text(256).nullable()).describe('null clears the label.')
/** Values that labels had, with the devices that had them. */
const previousLabels = z.array(z.strictObject({ labels: labelChange, devices: z.array(text(64)).max(100_000) })).max(100_000)

const slot = z.object({ model: text(64), version: text(64), digest: text(64) })

/** One thing that happened to a device. */
export const historyEntry = z.object({
  at: epochMs.describe('Events: clock of the device. Commands: clock of the console.'),
  kind: z.enum(['event', 'command', 'enrolment']),
  name: text(64).describe('Name of the event, or the method that was called.'),
  severity: text(16),
  message: text(2000),
  code: text(64).nullable(),
  actor: text(128).nullable().describe('Who did it; null for events of the device.'),
})
export type HistoryEntry = z.infer<typeof historyEntry>

/** Severities of events, from the lowest. */
export const severities = ['info', 'warning', 'error'] as const

export const devicesMethods = {
  'devices.list': query(
    'Devices that a query selects, by id.',
    z.strictObject({ query: text(4000).default(''), limit: z.int().min(1).max(10_000).default(1000), after: text(64).optional() }),
    z.object({ devices: z.array(deviceSummary), total: count, next: text(64).nullable() }),
  ),
  'devices.show': query(
    'One device: state, slots, orders, note and recent events.',
    z.strictObject({ device: text(64) }),
    deviceSummary.extend({
      note: z.object({ text: text(4000), notedAt: epochMs, notedBy: text(128) }).nullable(),
      slots: z
        .array(
          z.object({
            deployment: text(64),
            ordered: slot.extend({ orderedAt: epochMs }).nullable().describe('null: it was not ordered, or was taken off.'),
            active: slot.extend({ since: epochMs }).nullable(),
            candidate: slot.extend({ since: epochMs }).nullable(),
            lastGood: slot.extend({ since: epochMs }).nullable(),
            state: text(32).nullable().describe('null: the device has not reported it.'),
            shareOfBlocks: z.number().min(0).max(1).nullable().describe('Of the candidate, while it is fetched.'),
            bytesReceived: count.nullable(),
            problem: shownProblem.nullable(),
            watch: z
              .object({ since: epochMs, inferences: count, wanted: count, failed: count, notFinite: count })
              .nullable()
              .describe('Probation of the active version with live inferences; null: it has passed, or there is none.'),
            beside: z
              .object({
                ordered: slot
                  .extend({
                    role: z.enum(besideRoles),
                    percent: z.number().nullable().describe('split: share of the keys.'),
                    cpuShare: z.number().nullable().describe('shadow: share of one core.'),
                    orderedAt: epochMs,
                  })
                  .nullable()
                  .describe('null: it was ended, or never ordered.'),
                reported: slot
                  .extend({
                    role: z.enum(besideRoles),
                    since: epochMs,
                    state: text(32),
                    shareOfBlocks: z.number().min(0).max(1).nullable(),
                    problem: shownProblem.nullable(),
                  })
                  .nullable(),
                isInRole: z.boolean().describe('What is ordered is at work, or staged.'),
                why: text(4000),
              })
              .nullable()
              .describe('A second version beside the active one; null: none.'),
            serving: z
              .object({ deadlineMs: count, cacheEntries: count, batchRows: count, queueRequests: count })
              .nullable()
              .describe('How it is to be served; null: it was not ordered.'),
            why: text(4000),
          }),
        )
        .describe('One per deployment that is ordered or reported, by name.'),
      lock: z
        .object({ reason: text(500), since: epochMs, until: epochMs })
        .nullable()
        .describe('An application holds activations off.'),
      orders: z.array(historyEntry).describe('What people ordered of the device, the newest first, at most 20; devices.timeline has all.'),
      assignment: z
        .object({
          counter: count,
          appliedCounter: count,
          issuedAt: epochMs,
          expiresAt: epochMs,
          problem: shownProblem.nullable(),
        })
        .nullable(),
      why: z.record(z.string(), text(4000)).describe('One sentence per deployment: why it is where it is.'),
      events: z.array(z.object({ at: epochMs, name: text(64), severity: text(16), message: text(2000), code: text(64).nullable() })),
    }),
  ),
  'devices.predict': query(
    'Asks a deployment of a device for an inference, over the broker, and waits for the answer.',
    z.strictObject({
      device: text(64),
      deployment: text(64),
      rows: z
        .array(z.array(z.union([z.number(), text(100_000), z.boolean(), z.null()])).max(100_000))
        .max(1000)
        .optional()
        .describe('Values in the order of the inputs of the model, one list per row.'),
      request: z.looseObject({}).optional().describe('Instead of rows: a request in the JSON form of the Open Inference Protocol v2.'),
      timeoutMs: z.int().min(100).max(60_000).default(10_000),
    }),
    z.object({
      device: deviceId,
      deployment: text(64),
      response: z.looseObject({}).describe('The answer of the Open Inference Protocol v2, as the device gave it.'),
      roundTripMs: z.number().nonnegative(),
    }),
    'operator',
  ),
  'devices.attributes': query(
    'Attributes that a query can use.',
    z.strictObject({}),
    z.array(z.object({ attribute: text(64), type: z.enum(['text', 'number', 'bytes', 'version', 'set']), summary: text(300) })),
  ),
  'devices.setLabels': command(
    'Sets or clears labels of the devices that a query selects; null clears.',
    z.strictObject({ query: text(4000), labels: labelChange }),
    z.object({ devices: z.array(deviceId), previous: previousLabels.describe('Give it to devices.restoreLabels to undo.') }),
  ),
  'devices.restoreLabels': command(
    'Undoes devices.setLabels: gives devices back the values that they had. Devices that have left the fleet are passed over.',
    z.strictObject({ previous: previousLabels }),
    z.object({ devices: z.array(deviceId), missing: z.array(text(64)) }),
  ),
  'devices.setNote': command(
    'Sets the note of a device; empty clears it.',
    z.strictObject({ device: text(64), text: text(4000) }),
    z.object({ device: deviceId, previous: text(4000).describe('What stood there before, for an undo.') }),
  ),
  'devices.createCode': command(
    'Makes a one-time code with which one device joins the fleet.',
    z.strictObject({
      device: deviceId.optional(),
      labels: labels.default({}),
      minutes: z.int().min(1).max(1440).default(10),
      confirm: z
        .boolean()
        .optional()
        .describe('Whether a person compares the fingerprint before the device joins; left out: as the policy says. false needs an admin.'),
    }),
    z.object({
      code: text(256),
      expiresAt: epochMs,
      brokerUrl: text(512),
      confirms: z.boolean().describe('A person has to compare the fingerprint of the device before it joins.'),
      command: text(1000).describe('For a checkout of Muster, on any system.'),
      commands: z
        .object({ linux: text(2000), windows: text(2000), docker: text(2000) })
        .describe(
          'For a device that has the built agent (the folder dist/agent): enrol, then run. Lines of a POSIX shell, PowerShell, and a POSIX shell with Docker.',
        ),
      note: text(1000).nullable().describe('What must be true before the commands work, such as a broker that only this machine reaches.'),
    }),
  ),
  'devices.remove': command(
    'Takes a device out of the fleet: its credentials stop working at once. Its telemetry stays.',
    z.strictObject({ device: deviceId }),
    z.object({ device: deviceId }),
  ),
  'devices.removeMany': command(
    'Takes every device that a query selects out of the fleet. It cannot be undone: each must be enrolled again to come back.',
    z.strictObject({
      query: text(4000),
      expect: count.describe('How many devices the person saw and confirmed; if it is not that many any more, nothing is done.'),
    }),
    z.object({ devices: z.array(deviceId) }),
  ),
} as const
