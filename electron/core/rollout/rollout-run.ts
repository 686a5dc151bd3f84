import type { GateEvidence } from '../../../shared/rpc/contract/gate-evidence.ts'
import type { RolloutDeviceState, RolloutState, WaveState } from '../../../shared/domain/rollout/life.ts'
import type { RolloutPlan } from '../../../shared/domain/rollout/plan.ts'
import type { Wanted } from '../store/fleet/terms.ts'

/** A device in a rollout, as its events add up. */
export interface RolloutDevice {
  device: string
  /** From 0. */
  wave: number
  state: RolloutDeviceState
  /** When it came into the state. */
  since: number
  /** Offers so far. */
  attempts: number
  /** The order that it got last, and the counter of its assignment; null: none yet. */
  order: number | null
  counter: number | null
  /** What it had before the first offer: what a revert gives back; null: nothing. */
  previous: Wanted | null
  /** The order that it got last, as it was paced; null: none yet. */
  last: { slot: 'beside' | 'active'; group: string | null; bytes: number; seconds: number | null } | null
  /** Times that the version failed on it. */
  failures: number
  /** Somebody saw the failure, or that it is away, when the rollout went on. */
  isAcknowledged: boolean
  /** When it counts as timed out in its stage; null: it may stay. */
  deadline: number | null
  /** Forecast of what it was offered, over all tries. */
  bytes: number
  money: number
  problem: { code: string; message: string } | null
  /** It is not offered the version again before this; null: nothing holds it. */
  notBefore: number | null
  /** Order, or rollout, that took it; null: none did. */
  takenBy: { order: number | null; rollout: number | null } | null
  /** Why it is skipped; null: it is not. */
  skipped: string | null
}

/** A wave, as its events add up. */
export interface WaveRun {
  state: WaveState
  openedAt: number | null
  reachedAt: number | null
  passedAt: number | null
  /** Of methods with two orders (shadow, split, stage): when the activation of its devices began. */
  activatedAt: number | null
  /** A person let the next wave begin. */
  isLetThrough: boolean
  /** Hash up to which devices belong to it, for those that join later; null: it takes no more. */
  boundary: string | null
  evidence: GateEvidence | null
}

/** A rollout as its events add up: the state that everything is decided from. Built by `replay` and moved on by `applyEvent` alone. */
export interface RolloutRun {
  id: number
  plan: RolloutPlan
  state: RolloutState
  /** What the version stood for when it was started; null: it was not. */
  target: { digest: string; model: string; version: string } | null
  createdAt: number
  createdBy: string
  /** Who changed the plan before it was approved. */
  editedBy: readonly string[]
  /** Who started it; null: it was not, or is a draft again. */
  startedBy: string | null
  startedAt: number | null
  /** When devices were put into waves; null: not yet. */
  begunAt: number | null
  /** When it went on last after a pause. */
  resumedAt: number | null
  endedAt: number | null
  waves: WaveRun[]
  devices: Map<string, RolloutDevice>
  /** Failures that somebody saw when the rollout went on: they do not count against the abort rules again. */
  acknowledged: number
  /** What keeps it from going on by a rule, e.g. an alert or the budget; null: nothing. */
  held: { code: 'alert' | 'budget' | 'gate' | 'person' | 'unreachable' | 'abort' | 'verdict'; sentence: string } | null
  /** Started in spite of an alert: alerts do not hold it. */
  despiteAlerts: boolean
  /** Times of the last offers, for the rate. */
  offeredAt: number[]
  /** Devices that have not activated the version keep from it while it is paused. */
  isHalted: boolean
  approvals: { at: number; by: string; decision: 'approved' | 'refused'; why: string }[]
  /** Of a comparison: what a person decided; null: nothing yet. */
  decided: 'promote' | 'discard' | null
  /** The last event that is in it. */
  seq: number
}
