import type { Approvals } from '../../approval/approvals.ts'
import type { Costs } from '../../costs/costs.ts'
import type { Registry } from '../../registry/registry.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import type { RolloutRun } from '../rollout-run.ts'
import type { Windows } from './windows.ts'

/** A rollout that is under way, as far as another one must know of it. */
export type OtherRollout = Pick<RolloutRun, 'id' | 'plan' | 'state'>

/** What checking and planning read. */
export interface PlanningParts {
  store: Pick<FleetStore, 'roster' | 'alerts'>
  registry: Registry
  windows: Windows
  costs: Costs
  approvals: Approvals
  /** Rollouts that are started and not ended. */
  underWay(): readonly OtherRollout[]
  /** One rollout, for its waves as they are; null: there is none. */
  runOf(rollout: number): RolloutRun | null
  /** The number that the next rollout gets: its waves follow from it. */
  nextRollout(): number
  now(): number
}
