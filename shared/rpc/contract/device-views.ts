import { z } from 'zod'
import { healths } from '../../domain/device-health.ts'
import { deviceId } from '../../domain/ids.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { query } from '../method.ts'
import { deviceSummary, historyEntry, severities } from './devices.ts'

/** Columns by which the table of devices can be sorted; `label.<name>` for a label. */
export const sortableColumns = [
  'device',
  'health',
  'status',
  'site',
  'labels',
  'deployments',
  'agentVersion',
  'lastSeenAt',
  'enrolledAt',
  'os',
  'arch',
  'hostname',
  'cpus',
  'memoryBytes',
  'diskFreeBytes',
  'runtimeVersion',
] as const

export const sortOrder = z.strictObject({
  column: z.union([z.enum(sortableColumns), z.string().regex(/^label\.[a-z0-9][a-z0-9_-]{0,63}$/)]),
  descending: z.boolean().default(false),
})

/** How many devices are in each state. */
export const healthCounts = z.object({ ok: count, working: count, attention: count, failed: count, offline: count })
export type HealthCounts = z.infer<typeof healthCounts>

/** A device as a row of the table. */
export const deviceTableRow = z.object({
  device: deviceId,
  health: z.enum(healths),
  sentence: text(4000).describe('One sentence: why the device is in this state.'),
  status: deviceSummary.shape.status,
  site: text(256).nullable().describe('Label `site`.'),
  labels: deviceSummary.shape.labels,
  deployments: z.array(
    z.object({
      deployment: text(64),
      desired: z.object({ model: text(64), version: text(64) }).nullable(),
      active: z.object({ model: text(64), version: text(64) }).nullable(),
      state: text(32).nullable(),
      shareOfBlocks: z.number().min(0).max(1).nullable().describe('While the bundle is fetched.'),
    }),
  ),
  agentVersion: text(64).nullable(),
  lastSeenAt: epochMs.nullable(),
  enrolledAt: epochMs,
  os: text(64).nullable(),
  arch: text(64).nullable(),
  hostname: text(255).nullable(),
  cpus: count.nullable(),
  memoryBytes: count.nullable(),
  diskFreeBytes: count.nullable(),
  runtimeVersion: text(64).nullable(),
})
export type DeviceTableRow = z.infer<typeof deviceTableRow>

const position = {
  from: count.describe('First character of the place, from 0.'),
  to: count.describe('Behind its last character.'),
}

export const deviceViewsMethods = {
  'devices.table': query(
    'One page of the table of devices: filtered, sorted, with the state of each and counts over all that match.',
    z.strictObject({
      query: text(4000).default(''),
      sort: sortOrder.optional().describe('Devices that are equal in the column, or lack it, follow by id; those that lack it come last.'),
      offset: count.default(0),
      limit: z.int().min(0).max(500).default(100),
    }),
    z.object({ rows: z.array(deviceTableRow), total: count, counts: healthCounts, fleet: count.describe('Devices in the whole fleet.') }),
  ),
  'devices.cells': query(
    'Every device that a query selects with its state, for the strip of all devices: grouped by the value of a label.',
    z.strictObject({ query: text(4000).default(''), by: text(64).default('site') }),
    z.object({
      groups: z.array(
        z.object({
          site: text(256).nullable().describe('Value of the label; null: devices without it, the last group.'),
          devices: z.array(text(64)),
          health: z
            .string()
            .max(1_000_000)
            .describe('One letter per device, in the same order: o ok, w working, a attention, f failed, x offline.'),
        }),
      ),
      counts: healthCounts,
    }),
  ),
  'devices.completions': query(
    'What can be written at a place of a query: attributes, operators and values that are in use.',
    z.strictObject({ query: text(4000), caret: count.describe('Characters before the caret.') }),
    z.object({
      ...position,
      items: z
        .array(
          z.object({
            text: text(1024).describe('Takes the place of the characters from `from` to `to`.'),
            kind: z.enum(['attribute', 'operator', 'value', 'word']),
            detail: text(300).describe('What it means, or how many devices have it.'),
          }),
        )
        .max(100),
    }),
  ),
  'devices.checkQuery': query(
    'Whether a query can be read, and how many devices it selects; else what is wrong and where.',
    z.strictObject({ query: text(4000) }),
    z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), total: count, fleet: count }),
      z.object({ ok: z.literal(false), problem: z.object({ code: text(64), message: text(2000), ...position }) }),
    ]),
  ),
  'devices.timeline': query(
    'Everything that happened to a device, the newest first: its events, and what people did to it.',
    z.strictObject({
      device: text(64),
      before: text(200).optional().describe('`next` of the page before.'),
      limit: z.int().min(1).max(200).default(50),
      severity: z.enum(severities).default('info').describe('Only what is at least so severe; what people did counts as info.'),
    }),
    z.object({ entries: z.array(historyEntry), next: text(200).nullable().describe('null: that was all.') }),
  ),
} as const
