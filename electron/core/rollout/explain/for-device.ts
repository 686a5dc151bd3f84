import { liveRolloutStates } from '../../../../shared/domain/rollout/life.ts'
import type { RosterEntry } from '../../store/fleet/roster-rows.ts'
import type { RolloutAtHand } from './case.ts'

/** A deployment of a device. */
interface Place {
  device: string
  deployment: string
  entry: RosterEntry | null
}

/** The rollout that has a say in a deployment of a device; else one under way to the same deployment, which leaves the device out. null: none. */
export function rolloutFor(rollouts: readonly RolloutAtHand[], of: Place): RolloutAtHand | null {
  return (
    rolloutWith(rollouts, of) ??
    rollouts
      .filter((one) => one.run.plan.deployment === of.deployment && isUnderWay(one))
      .sort(byRank)
      .at(0) ??
    null
  )
}

/**
 * The rollout that has a say in a deployment of a device: one under way that has the device, or will have it; else the last one that had it, if
 * nothing was ordered since. null: none.
 */
export function rolloutWith(rollouts: readonly RolloutAtHand[], { device, deployment, entry }: Place): RolloutAtHand | null {
  const candidates = rollouts.filter(({ run }) => run.plan.deployment === deployment && run.state !== 'draft').sort(byRank)
  const live = candidates.filter(isUnderWay)
  const standing = entry?.orders.find((one) => one.deployment === deployment) ?? null
  const isLast = ({ run }: RolloutAtHand): boolean => standing === null || run.endedAt === null || standing.orderedAt <= run.endedAt
  return (
    live.find((one) => has(one, device)) ??
    live.find(({ facts }) => facts.isTarget(device)) ??
    candidates.toSorted((a, b) => b.run.id - a.run.id).find((one) => has(one, device) && isLast(one)) ??
    null
  )
}

function isUnderWay({ run }: RolloutAtHand): boolean {
  return run.state === 'awaiting-approval' || liveRolloutStates.includes(run.state)
}

function byRank(a: RolloutAtHand, b: RolloutAtHand): number {
  return b.run.plan.priority - a.run.plan.priority || b.run.id - a.run.id
}

function has({ run }: RolloutAtHand, device: string): boolean {
  const state = run.devices.get(device)?.state
  return state !== undefined && state !== 'superseded' && state !== 'skipped'
}
