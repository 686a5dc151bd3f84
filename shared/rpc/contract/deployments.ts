import { z } from 'zod'
import { deploymentName, deviceId } from '../../domain/ids.ts'
import { someOf } from '../../domain/rollout/some-of.ts'
import { probationRules, servingRules } from '../../protocol/assignment.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'
import { orderId, orderRoles, orderSummary } from './orders.ts'

const target = z.strictObject({
  query: text(4000),
  model: text(64),
  version: text(64).describe('A version, or an alias of the model: what it stands for is decided now.'),
  deployment: deploymentName.optional(),
  as: z
    .enum(orderRoles)
    .default('active')
    .describe('active: it takes the place of what runs. shadow, split, staged: it stands beside what runs.'),
})

/** How a version proves itself and is served, as an order names it. */
const rules = {
  probation: someOf(probationRules).optional().describe('How the version proves itself; what is not named stays as it is ordered.'),
  serving: someOf(servingRules).optional().describe('How the deployment is served, effective without a restart.'),
}

/** Said by somebody who has read the alert. */
const despiteAlerts = z
  .boolean()
  .default(false)
  .describe('Releases although an alert holds releases to the deployment; else it is refused with deployment.held.')

/** An alert that holds releases to a deployment. */
const heldBy = z
  .object({ alert: z.int().positive(), sentence: text(1000) })
  .nullable()
  .describe('null: nothing holds releases to the deployment.')

/** Devices that an order passes over, with the reason. */
const skipped = z
  .array(
    z.object({
      reason: z.enum([
        'no-active',
        'is-active',
        'other-inputs',
        'not-on-order',
        'no-last-good',
        'unknown-version',
        'withdrawn',
        'nothing-beside',
        'not-ready',
      ]),
      message: text(500),
      devices: z.array(deviceId),
    }),
  )
  .describe('Selected devices that get no order, by reason.')

const changedDevices = z.object({ order: orderId, deployment: deploymentName, devices: z.array(deviceId), skipped })

const versionReference = z.object({ model: text(64), version: text(64) })

/** Why devices may not be able to take a version; each is a warning, not a refusal. */
export const previewWarnings = ['disk', 'memory', 'runtime', 'agent', 'refused-before'] as const

export const deploymentsMethods = {
  'deployments.list': query(
    'Deployments in use: which versions are ordered and active on how many devices, and the last order. Change topic: deployments.',
    z.strictObject({}),
    z.object({
      deployments: z.array(
        z.object({
          deployment: deploymentName,
          devices: count.describe('Devices that are ordered to fill it.'),
          beside: z
            .array(z.object({ role: text(16), model: text(64), version: text(64), digest: text(64), desired: count, working: count }))
            .describe('Versions that stand beside the active one: ordered so, and at work in their role.'),
          versions: z
            .array(z.object({ model: text(64), version: text(64), digest: text(64), desired: count, active: count }))
            .describe('Every version that is ordered or active somewhere; the most ordered first.'),
          converged: count.describe('Devices that run what is ordered.'),
          working: count.describe('Devices that are connected and on their way to it.'),
          waiting: count.describe('Devices that are not on it and are offline.'),
          failed: count.describe('Devices that refused it.'),
          lastOrder: orderSummary.nullable(),
        }),
      ),
    }),
  ),
  'deployments.preview': query(
    'What a deployment would change, before it starts: counts over all devices, and a page of them.',
    target.extend({
      onlyChanges: z.boolean().default(false).describe('The page shows only devices that change.'),
      offset: z.int().nonnegative().default(0),
      limit: z.int().min(0).max(1000).default(100),
    }),
    z.object({
      deployment: deploymentName,
      model: text(64),
      version: text(64).describe('The version; where an alias was asked for, what it stands for.'),
      alias: text(64).nullable(),
      total: count.describe('Devices in the list that is paged.'),
      devices: z.array(
        z.object({
          device: deviceId,
          status: text(16),
          current: versionReference.nullable(),
          change: z.boolean(),
          bytesToFetch: count.describe('Bytes on the wire of blocks that are in none of the bundles that the device reports to have.'),
          warnings: z.array(z.enum(previewWarnings)),
        }),
      ),
      counts: z.object({
        selected: count,
        changing: count,
        unchanged: count,
        changingOffline: count.describe('Devices that change and are offline or were never seen: they get the order when they connect.'),
      }),
      from: z
        .array(z.object({ current: versionReference.nullable(), devices: count }))
        .describe('What the changing devices have ordered now; null: nothing.'),
      bundleBytes: count.describe('On the disk.'),
      bytes: z.object({
        whole: count.describe('Bundle bytes times the devices that change, on the disk.'),
        toFetch: count.describe('What those devices lack, by the bundles that they report to have, on the wire.'),
        published: count.describe('What the console sends where devices fetch together: each block that anybody lacks, once, on the wire.'),
      }),
      skipped: skipped.describe('Selected devices that the version cannot stand beside; they are in no count above.'),
      heldBy,
      missing: text(500).nullable().describe('What approval lacks for this order; null: nothing. While it lacks, the order is refused.'),
      warnings: z.array(z.object({ warning: z.enum(previewWarnings), devices: count, examples: z.array(deviceId), message: text(500) })),
    }),
  ),
  'deployments.apply': command(
    'Orders a version for a deployment on every device that the query selects, at once. Where nothing changes, the order that stands is returned.',
    target.extend({
      windowSeconds: z.int().min(1).max(3600).optional(),
      samplesPerWindow: z.int().min(0).max(100).optional(),
      percent: z.number().min(0).max(100).optional().describe('split: share of the keys that it answers, percent.'),
      cpuShare: z.number().gt(0).max(1).optional().describe('shadow: share of one core that it may use.'),
      disagreementsPerWindow: z.int().min(0).max(100).optional().describe('shadow: disagreements kept as samples per window.'),
      despiteAlerts,
      ...rules,
    }),
    z.object({
      order: orderId
        .nullable()
        .describe('The new order; where nothing changes, the newest one that ordered this on a selected device, or null.'),
      isNew: z.boolean(),
      deployment: deploymentName,
      model: text(64),
      version: text(64),
      devices: z.array(deviceId),
      changed: z.array(deviceId),
      skipped,
    }),
  ),
  'deployments.remove': command(
    'Takes a deployment off every device that the query selects: the device stops serving it. Its telemetry stays.',
    z.strictObject({ query: text(4000), deployment: deploymentName }),
    z.object({ order: orderId, deployment: deploymentName, devices: z.array(deviceId) }),
  ),
  'deployments.endBeside': command(
    'Ends what stands beside the active version (shadow, split or staged) on every device that the query selects.',
    z.strictObject({ query: text(4000), deployment: deploymentName }),
    changedDevices,
  ),
  'deployments.promote': command(
    'Makes the version beside the active one the active version, on every device that the query selects.',
    z.strictObject({ query: text(4000), deployment: deploymentName, despiteAlerts, ...rules }),
    changedDevices,
  ),
  'deployments.revert': command(
    'Gives each device that the query selects the last good version that it reports: the device has it and switches without a download. One that has none, or a withdrawn one, gets the fallback version of the deployment, if one is set, and fetches it.',
    z.strictObject({ query: text(4000), deployment: deploymentName }),
    changedDevices.extend({
      versions: z.array(z.object({ model: text(64), version: text(64), devices: count })),
      fetching: z
        .array(deviceId)
        .describe('Devices without a last good version of their own that may come back: they get the fallback version.'),
    }),
  ),
  'deployments.previewRevert': query(
    'What a revert would give each device, before it is ordered: what it has, or the fallback version that it would have to fetch.',
    z.strictObject({ query: text(4000), deployment: deploymentName }),
    z.object({
      devices: count.describe('Devices that would change.'),
      versions: z.array(versionReference.extend({ devices: count })),
      fetching: z.array(deviceId),
      fallback: versionReference.nullable().describe('The fallback version of the deployment; null: none is set, or it was withdrawn.'),
      skipped,
    }),
  ),
  'deployments.progress': query(
    'Where a deployment stands on each device.',
    z.strictObject({ deployment: deploymentName, query: text(4000).default('') }),
    z.object({
      deployment: deploymentName,
      devices: z.array(
        z.object({
          device: deviceId,
          status: text(16),
          desired: z.object({ model: text(64), version: text(64) }).nullable(),
          active: z.object({ model: text(64), version: text(64), since: epochMs }).nullable(),
          state: text(32).nullable(),
          isOnNewestOrder: z.boolean().describe('What is reported speaks of the newest order, not of one before.'),
          blocksHave: count.nullable(),
          blocksTotal: count.nullable(),
          problem: z.object({ code: text(64), message: text(2000) }).nullable(),
          why: text(4000),
        }),
      ),
    }),
  ),
} as const
