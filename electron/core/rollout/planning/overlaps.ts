import { liveRolloutStates } from '../../../../shared/domain/rollout/life.ts'
import { matches } from '../../../../shared/domain/query/match.ts'
import { parseQuery } from '../../../../shared/domain/query/query.ts'
import { Problem } from '../../../../shared/domain/problem.ts'
import type { RolloutPlan } from '../../../../shared/domain/rollout/plan.ts'
import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import { labelsInUse } from '../../devices/summary.ts'
import { nameOfPlan } from './plan-name.ts'
import type { PlanningParts } from './parts.ts'
import { surveyOf, type Survey } from './survey.ts'

type Overlap = ResultOf<'rollouts.plan'>['overlaps'][number]

/** Rollouts under way to the same deployment that have devices of this target. */
export function overlapsOf({ store, underWay }: Pick<PlanningParts, 'store' | 'underWay'>, survey: Survey): Overlap[] {
  const { plan, targets } = survey
  const others = underWay().filter(
    (one) => one.id !== survey.rollout && one.plan.deployment === plan.deployment && liveRolloutStates.includes(one.state),
  )
  if (others.length === 0) return []
  const labels = labelsInUse(store.roster.all())
  return others.flatMap((other) => {
    const query = parseQuery(other.plan.query, labels)
    const devices = targets.filter((entry) => matches(query, entry.subject)).length
    const { priority } = other.plan
    const wins = priority === plan.priority ? 'neither' : priority > plan.priority ? 'other' : 'this'
    return devices === 0 ? [] : [{ rollout: other.id, name: nameOfPlan(other.plan), devices, wins }]
  })
}

/** The rollout under way that has devices of this one and the same priority, in words: neither would win. null: there is none. */
export function clashOf(parts: PlanningParts, { id, plan }: { id: number; plan: RolloutPlan }): string | null {
  const isAlone = !parts.underWay().some((one) => one.id !== id && one.plan.deployment === plan.deployment)
  const clash = isAlone ? undefined : overlapsOf(parts, surveyOf(parts, plan, id)).find(({ wins }) => wins === 'neither')
  if (clash === undefined) return null
  return `Rollout ${clash.rollout} (${clash.name}) has the priority ${plan.priority} as well, and ${clash.devices} of the devices.`
}

/** @throws Problem `rollout.overlap` if neither of two rollouts would win */
export function requireNoClash(parts: PlanningParts, of: { id: number; plan: RolloutPlan }): void {
  const clash = clashOf(parts, of)
  if (clash !== null) throw new Problem('rollout.overlap', clash)
}
