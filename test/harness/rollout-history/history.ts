import type { RolloutEvent } from '../../../shared/domain/rollout/event.ts'
import type { RolloutPlan } from '../../../shared/domain/rollout/plan.ts'

/** What a device itself knows: it wrote this down when it happened, and nobody else touches it. */
export type DeviceNote = { at: number; device: string } & (
  | { heard: 'order'; active: string | null; beside: string | null }
  | { did: 'commit' | 'refuse' | 'fall-back'; digest: string }
)

/** Everything that is known of a rollout that ran: what the console wrote, what devices saw, and what the console says at the end. */
export interface RolloutHistory {
  rollout: number
  plan: RolloutPlan
  /** Digest of the version. */
  target: string
  /** What each device served before; null: nothing. */
  before: ReadonlyMap<string, string | null>
  /** By seq. */
  events: readonly RolloutEvent[]
  /** In the order of time. */
  notes: readonly DeviceNote[]
  /** Devices that take whatever they are given, and have been connected for long enough at the end. */
  wellAndThere: ReadonlySet<string>
  /** As `rollouts.show` says at the end. */
  end: { state: string; counts: Readonly<Record<string, number>>; committed: number; reached: number }
}

/** A rule that a history breaks. */
export interface Violation {
  rule: string
  seq: number | null
  device: string | null
  message: string
}
