import { z } from 'zod'
import { text } from '../../protocol/message.ts'

/** Where a link leads, as data: a screen builds its address from it, the CLI its command. */
export const linkTarget = z.discriminatedUnion('page', [
  z.object({ page: z.literal('overview') }),
  z.object({ page: z.literal('devices'), query: text(4000).describe('Empty: all devices.') }),
  z.object({ page: z.literal('device'), device: text(64) }),
  z.object({ page: z.literal('models') }),
  z.object({ page: z.literal('model'), model: text(64) }),
  z.object({ page: z.literal('version'), model: text(64), version: text(64) }),
  z.object({ page: z.literal('deployments') }),
  z.object({ page: z.literal('configuration') }),
  z.object({ page: z.literal('deployment'), deployment: text(64) }),
  z.object({ page: z.literal('rollouts') }),
  z.object({ page: z.literal('rollout'), rollout: z.int().positive() }),
  z.object({ page: z.literal('events') }),
  z.object({ page: z.literal('alerts') }),
  z.object({ page: z.literal('alert'), alert: z.int().positive() }),
  z.object({ page: z.literal('monitoring'), deployment: text(64).nullable().describe('null: every deployment.') }),
  z.object({ page: z.literal('labelling') }),
  z.object({ page: z.literal('settings'), tab: z.enum(['backups']).optional().describe('Left out: the first one.') }),
])
export type LinkTarget = z.infer<typeof linkTarget>
