import { z } from 'zod'
import { rolloutPlan } from '../../../../shared/domain/rollout/plan.ts'
import { gateEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import { besideRoles, probationRules, servingRules } from '../../../../shared/protocol/assignment.ts'
import type { NewEvent } from './facts.ts'

const id = z.string()
const reference = z.object({ digest: id, model: id, version: id })
const terms = z.looseObject({ probation: probationRules.partial().optional(), serving: servingRules.partial().optional() })
const wanted = reference.extend({ role: z.enum(['active', ...besideRoles]), terms })
const problem = z.object({ code: z.string(), message: z.string() })
const order = { order: z.int().nullable().optional(), counter: z.int().nullable().optional() }

const held = z.object({ code: z.enum(['alert', 'budget', 'gate', 'person', 'unreachable', 'abort', 'verdict']), sentence: id })

/** What the detail of an event holds, where the state needs it. Orders get their numbers when the event is written. */
export const eventDetails = {
  plan: z.object({ plan: rolloutPlan }),
  start: z.object({ target: reference, despiteAlerts: z.boolean().default(false) }),
  target: z.object({ waves: z.array(z.array(id)), boundaries: z.array(id.nullable()) }),
  offer: z.object({
    ...{ slot: z.enum(['beside', 'active']), group: id.nullable(), bytes: z.number(), seconds: z.number().nullable(), money: z.number() },
    previous: wanted.nullable().optional(),
    ...order,
  }),
  order: z.object(order),
  failure: z.object({ problem: problem.nullable(), notBefore: z.number().nullable() }),
  taken: z.object({ takenBy: z.object({ order: z.int().nullable(), rollout: z.int().nullable() }) }),
  skip: z.object({ reason: z.string() }),
  penalty: z.object({ until: z.number() }),
  evidence: z.object({ evidence: gateEvidence.nullable() }),
  held: z.object({ held }),
  cause: z.object({ held: held.nullable().default(null) }),
  halt: z.object({ halt: z.boolean().default(false) }),
  decided: z.object({ decided: z.literal('discard').optional() }),
  priority: z.object({ priority: z.int() }),
  why: z.object({ why: z.string().default('') }),
} as const

/** Detail of an event. */
export type EventDetail = NewEvent['detail']
