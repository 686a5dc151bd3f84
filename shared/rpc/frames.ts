import { z } from 'zod'

/** A call. A command carries the id that its caller made, so that a resend does nothing twice. */
export const callFrame = z.strictObject({
  id: z.int().nonnegative(),
  method: z.string().max(64),
  input: z.unknown(),
  commandId: z.string().min(1).max(64).optional(),
})
export type CallFrame = z.infer<typeof callFrame>

export const reportFrame = z.object({ code: z.string(), message: z.string(), hint: z.string().optional() })

/** The answer to a call. */
export const answerFrame = z.discriminatedUnion('ok', [
  z.object({ id: z.int(), ok: z.literal(true), output: z.unknown() }),
  z.object({ id: z.int(), ok: z.literal(false), error: reportFrame }),
])
export type AnswerFrame = z.infer<typeof answerFrame>

/** The one thing that is pushed: what changed, so that a view asks again. */
export const changeTopics = [
  'devices',
  'models',
  'deployments',
  'config',
  'telemetry',
  'transfers',
  'jobs',
  'system',
  'setup',
  'sampleFleet',
  'alerts',
  'labelling',
  'rollouts',
  'approvals',
  'costs',
  'audit',
  'people',
  'trust',
  'backups',
  'privacy',
  'metrics',
  'forward',
  'sources',
  'reports',
] as const
export type ChangeTopic = (typeof changeTopics)[number]
export const changedFrame = z.object({ event: z.literal('changed'), topics: z.array(z.enum(changeTopics)) })
export type ChangedFrame = z.infer<typeof changedFrame>
