import { z } from 'zod'
import { deploymentName, deviceId } from '../../domain/ids.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

const target = z.strictObject({ query: text(4000), model: text(64), version: text(64), deployment: deploymentName.optional() })

export const deploymentsMethods = {
  'deployments.preview': query(
    'What a deployment would change, before it starts.',
    target,
    z.object({
      deployment: deploymentName,
      devices: z.array(
        z.object({
          device: deviceId,
          status: text(16),
          current: z.object({ model: text(64), version: text(64) }).nullable(),
          change: z.boolean(),
        }),
      ),
      bundleBytes: count,
    }),
  ),
  'deployments.apply': command(
    'Orders a version for a deployment on every device that the query selects, at once.',
    target.extend({
      windowSeconds: z.int().min(1).max(3600).optional(),
      samplesPerWindow: z.int().min(0).max(100).optional(),
    }),
    z.object({ deployment: deploymentName, devices: z.array(deviceId), changed: z.array(deviceId) }),
  ),
  'deployments.remove': command(
    'Takes a deployment off every device that the query selects: the device stops serving it. Its telemetry stays.',
    z.strictObject({ query: text(4000), deployment: deploymentName }),
    z.object({ deployment: deploymentName, devices: z.array(deviceId) }),
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
