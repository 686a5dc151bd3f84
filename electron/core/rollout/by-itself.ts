import { messageOf } from '../../../shared/domain/problem.ts'
import { act } from './engine/acts.ts'
import { engineActor } from './engine/draft.ts'
import type { Live } from './engine/live.ts'
import { clashOf } from './planning/overlaps.ts'
import type { PlanningParts } from './planning/parts.ts'
import type { RolloutParts } from './rollout-parts.ts'
import type { RunBook } from './run-book.ts'

type Parts = RolloutParts & { runs: RunBook; planning: PlanningParts }

/** What a rollout waits for before it begins, in words; null: nothing. */
export function needsApproval({ approvals }: Pick<RolloutParts, 'approvals'>, version: { model: string; version: string }): string | null {
  const missing = approvals.missing(version)
  if (missing !== null) return missing
  return approvals.policy().rolloutsNeedApproval ? 'An approver approves each rollout before it begins.' : null
}

/** Lets a rollout go on that waited for the approval of its version alone, unless another one has its devices by now. @returns true if it did */
export function approveWhenReady(parts: Parts, live: Live): boolean {
  const { state, target, id } = live.run
  if (state !== 'awaiting-approval' || target === null || needsApproval(parts, target) !== null) return false
  if (clashOf(parts.planning, live.run) !== null) return false
  const now = parts.now()
  const why = `${target.model} ${target.version} may be released now.`
  parts.store.transact(() => parts.runs.record(live, act(live, { kind: 'approve', actor: engineActor, why, now }), now))
  parts.runs.settle(id)
  parts.changed('rollouts')
  return true
}

/** Pauses a rollout that cannot be decided about, so that a person looks at it. */
export function pauseAfterFault(parts: Parts, id: number, error: unknown): void {
  const live = parts.runs.find(id)
  if (live?.run.state === 'running' || live?.run.state === 'scheduled')
    pause(parts, live, `It could not be decided what comes next: ${messageOf(error)}`.slice(0, 500))
}

function pause(parts: Parts, live: Live, why: string): void {
  const { id } = live.run
  const now = parts.now()
  parts.store.transact(() => parts.runs.record(live, act(live, { kind: 'pause', actor: engineActor, halt: false, why, now }), now))
  parts.runs.settle(id)
  parts.changed('rollouts')
}
