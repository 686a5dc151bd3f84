import { isProblemCode, Problem } from '../../../shared/domain/problem.ts'
import { liveRolloutStates } from '../../../shared/domain/rollout/life.ts'
import type { RolloutPlan } from '../../../shared/domain/rollout/plan.ts'
import type { ParsedInputOf, ResultOf } from '../../../shared/rpc/contract.ts'
import type { CommandContext } from '../../../shared/rpc/dispatch.ts'
import { settleOrders } from '../api/settle-orders.ts'
import { selectEntries } from '../devices/summary.ts'
import { needsApproval } from './by-itself.ts'
import { takeBackAtOnce } from './conduct.ts'
import { consequencesOf } from './consequences.ts'
import { act, type Act } from './engine/acts.ts'
import type { Live } from './engine/live.ts'
import { isFailure } from './engine/tally.ts'
import type { Rollouts } from './open-rollouts.ts'
import { checkPlan } from './planning/check.ts'
import { planRollout } from './planning/dry-run.ts'
import { requireNoClash } from './planning/overlaps.ts'
import { summaryOf } from './summary.ts'

export type Acted = ResultOf<'rollouts.pause'>

/** What an act is, without who does it and when. */
type Request = Act extends infer One ? (One extends Act ? Omit<One, 'actor' | 'now'> : never) : never

/**
 * Does what a person asks, in the transaction of the command. Of two who do the same at once, the second changes nothing.
 * @throws Problem `rollout.not-allowed`
 */
export function perform(rollouts: Rollouts, live: Live, request: Request, context: CommandContext): Acted {
  const { parts, runs } = rollouts
  const now = parts.now()
  const { actor } = context.caller
  const events = act(live, { ...request, actor, now })
  if (events.length > 0) {
    const written = runs.record(live, events, now)
    const ordered = isTakenBack(live) ? takeBackAtOnce({ ...parts, runs, facts: rollouts.facts }, live, now) : []
    // Where the orders to take back are still to come, the halt is lifted with them.
    if (ordered !== null) consequencesOf({ ...parts, runs }, live, written)
    afterwards(rollouts, live.run.id, context)
    context.afterCommit(() => settleOrders(parts, ordered ?? []))
  }
  const { id, state } = live.run
  return { rollout: id, state, isChanged: events.length > 0, sentence: events.at(-1)?.sentence ?? summaryOf(live, { now }).sentence }
}

function isTakenBack({ run }: Live): boolean {
  return run.state === 'stopped' || run.state === 'reverting'
}

function afterwards({ parts, runs, wake }: Rollouts, id: number, context: CommandContext): void {
  context.afterCommit(() => {
    runs.settle(id)
    parts.onOutbox()
    parts.changed('rollouts')
    wake()
  })
}

/** Writes a draft. */
export function createDraft(rollouts: Rollouts, plan: RolloutPlan, context: CommandContext): { rollout: number } {
  const { parts, runs } = rollouts
  requireWaves(rollouts, plan)
  const live = runs.create(plan, { actor: context.caller.actor.slice(0, 200), at: parts.now() })
  afterwards(rollouts, live.run.id, context)
  return { rollout: live.run.id }
}

/** Replaces the plan of a draft. @throws Problem `rollout.not-allowed` */
export function editDraft(rollouts: Rollouts, { rollout, plan }: { rollout: number; plan: RolloutPlan }, context: CommandContext): Acted {
  const live = rollouts.runs.require(rollout)
  const isSame = JSON.stringify(live.run.plan) === JSON.stringify(plan)
  if (isSame && live.run.state === 'draft') {
    const { state } = live.run
    return { rollout, state, isChanged: false, sentence: 'The plan is the same.' }
  }
  requireWaves(rollouts, plan)
  return perform(rollouts, live, { kind: 'edit', plan }, context)
}

/** A draft may be incomplete, as long as what it says can be read: its queries, and the numbers of its waves. */
function requireWaves({ planning }: Rollouts, plan: RolloutPlan): void {
  const { findings } = checkPlan(planning, plan, null)
  const unreadable = findings.find(({ severity, code }) => severity === 'error' && code.startsWith('query.'))
  if (unreadable !== undefined)
    throw new Problem('rollout.invalid', `${unreadable.path === '' ? '' : `${unreadable.path}: `}${unreadable.message}`)
}

/** Removes a draft. @throws Problem `rollout.not-allowed` */
export function removeDraft({ parts, runs, facts }: Rollouts, rollout: number, context: CommandContext): { rollout: number } {
  const { state } = runs.require(rollout).run
  if (state !== 'draft') throw new Problem('rollout.not-allowed', `Rollout ${rollout} is ${state}: only a draft can be removed.`)
  parts.store.rollouts.remove(rollout)
  context.afterCommit(() => {
    runs.forget(rollout)
    facts.forget(rollout)
    parts.changed('rollouts')
  })
  return { rollout }
}

/**
 * Starts a draft: what the version stands for is decided now, and the forecast is kept with it.
 * @throws Problem `rollout.invalid`, `rollout.overlap`, `rollout.over-budget`, `model.not-found`
 */
export function start(rollouts: Rollouts, input: ParsedInputOf<'rollouts.start'>, context: CommandContext): Acted {
  const { parts, runs, planning } = rollouts
  const live = runs.require(input.rollout)
  const { plan, id, state } = live.run
  const version = parts.registry.version(plan.model, plan.version)
  const target = { digest: version.digest, model: version.model, version: version.version }
  const request = { kind: 'start', target, despiteAlerts: input.despiteAlerts } as const
  if (state !== 'draft') return perform(rollouts, live, { ...request, needsApproval: null }, context)
  requireStartable(rollouts, live)
  const { forecast } = planRollout(planning, { plan, rollout: id, limit: 0 })
  const alias = version.version === plan.version ? null : plan.version
  return perform(rollouts, live, { ...request, needsApproval: needsApproval(parts, target), detail: { forecast, alias } }, context)
}

function requireStartable({ planning }: Rollouts, { run }: Live): void {
  const { findings } = checkPlan(planning, run.plan, run.id)
  const errors = findings.filter(({ severity }) => severity === 'error')
  const [first] = errors
  if (first === undefined) return
  const code = first.code === 'budget.below-one-device' ? 'rollout.over-budget' : isProblemCode(first.code) ? first.code : 'rollout.invalid'
  const more = errors.length === 1 ? '' : ` There ${errors.length === 2 ? 'is 1 more error' : `are ${errors.length - 1} more errors`}.`
  throw new Problem(code, `${first.path === '' ? '' : `${first.path}: `}${first.message}${more}`)
}

/**
 * A person approves a rollout that waits.
 * @throws Problem `approval.second-person`, `approval.required`, `approval.withdrawn`, `rollout.overlap`, `rollout.not-allowed`
 */
export function approve(rollouts: Rollouts, { rollout, why }: { rollout: number; why: string }, context: CommandContext): Acted {
  const live = rollouts.runs.require(rollout)
  const { state, target, createdBy, editedBy, startedBy } = live.run
  if (state === 'awaiting-approval' && target !== null) {
    for (const maker of [createdBy, ...editedBy, startedBy]) rollouts.parts.approvals.requireOther(maker, context.caller.actor)
    rollouts.parts.approvals.requireReleasable(target)
    // Both may have waited when they were started.
    requireNoClash(rollouts.planning, live.run)
  }
  return perform(rollouts, live, { kind: 'approve', why }, context)
}

/** @throws Problem `rollout.overlap` if neither of two rollouts would win */
export function setPriority(
  rollouts: Rollouts,
  { rollout, priority }: { rollout: number; priority: number },
  context: CommandContext,
): Acted {
  const live = rollouts.runs.require(rollout)
  const { plan, state } = live.run
  if (liveRolloutStates.includes(state) && plan.priority !== priority)
    requireNoClash(rollouts.planning, { id: rollout, plan: { ...plan, priority } })
  return perform(rollouts, live, { kind: 'setPriority', priority }, context)
}

/** Offers the version once more to devices that failed, penalties included. */
export function retry(
  rollouts: Rollouts,
  { rollout, query }: { rollout: number; query: string },
  context: CommandContext,
): ResultOf<'rollouts.retry'> {
  const { parts, runs } = rollouts
  const live = runs.require(rollout)
  const { devices, target } = live.run
  const fitting = selectEntries(parts.store, query).flatMap(({ row }) => {
    const own = devices.get(row.device)
    const waits = own !== undefined && (isFailure(own.state) || (own.state === 'pending' && own.notBefore !== null))
    return waits ? [row.device] : []
  })
  const done = perform(rollouts, live, { kind: 'retry', devices: fitting }, context)
  if (done.isChanged && target !== null) for (const device of fitting) parts.store.penalties.lift(device, target.model, target.version)
  return { ...done, devices: fitting }
}

/** Lifts the penalty of a device, whichever rollout gave it. */
export function liftPenalty(
  { parts, wake }: Rollouts,
  { device, model, version }: ParsedInputOf<'rollouts.liftPenalty'>,
  context: CommandContext,
): ResultOf<'rollouts.liftPenalty'> {
  const isChanged = parts.store.penalties.lift(device, model, version)
  context.afterCommit(() => {
    if (!isChanged) return
    parts.changed('rollouts')
    wake()
  })
  return { device, isChanged }
}
