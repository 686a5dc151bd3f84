import { z } from 'zod'
import { deviceId } from '../../domain/ids.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { deviceFacts, reportedDeployment } from '../../protocol/reported.ts'
import { command, query } from '../method.ts'

const labels = z.record(z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/), text(256))

export const deviceSummary = z.object({
  device: deviceId,
  status: z.enum(['online', 'offline', 'never-seen']),
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

export const devicesMethods = {
  'devices.list': query(
    'Devices that a query selects, by id.',
    z.strictObject({ query: text(4000).default(''), limit: z.int().min(1).max(10_000).default(1000), after: text(64).optional() }),
    z.object({ devices: z.array(deviceSummary), total: count, next: text(64).nullable() }),
  ),
  'devices.show': query(
    'One device with its recent events.',
    z.strictObject({ device: text(64) }),
    deviceSummary.extend({
      assignment: z
        .object({
          counter: count,
          appliedCounter: count,
          issuedAt: epochMs,
          expiresAt: epochMs,
          problem: z.object({ code: text(64), message: text(2000) }).nullable(),
        })
        .nullable(),
      why: z.record(z.string(), text(4000)).describe('One sentence per deployment: why it is where it is.'),
      events: z.array(z.object({ at: epochMs, name: text(64), severity: text(16), message: text(2000), code: text(64).nullable() })),
    }),
  ),
  'devices.attributes': query(
    'Attributes that a query can use.',
    z.strictObject({}),
    z.array(z.object({ attribute: text(64), type: z.enum(['text', 'number', 'bytes', 'version', 'set']), summary: text(300) })),
  ),
  'devices.setLabels': command(
    'Sets or clears labels of the devices that a query selects; null clears.',
    z.strictObject({ query: text(4000), labels: z.record(z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/), text(256).nullable()) }),
    z.object({ devices: z.array(deviceId) }),
  ),
  'devices.createCode': command(
    'Makes a one-time code with which one device joins the fleet.',
    z.strictObject({ device: deviceId.optional(), labels: labels.default({}), minutes: z.int().min(1).max(1440).default(10) }),
    z.object({ code: text(256), expiresAt: epochMs, brokerUrl: text(512), command: text(1000) }),
  ),
  'devices.remove': command(
    'Takes a device out of the fleet: its credentials stop working at once. Its telemetry stays.',
    z.strictObject({ device: deviceId }),
    z.object({ device: deviceId }),
  ),
} as const
