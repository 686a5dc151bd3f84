import type { GateEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import type { OfferForecast } from '../../costs/costs.ts'
import type { Wanted } from '../../store/fleet/terms.ts'

/**
 * What a device says of the version that a rollout wants there, by its newest report.
 * `not-taken`: it has not taken the order up. `fetching`, `on-disk`: where the bundle is. `beside`: it is at work as shadow or split, or staged as ordered.
 * `probing`: tried, or serving on its watch. `active`: it serves, its probation is over. `refused`: it gave the version up, or could not take the order.
 * `back`: it serves something else after it had served the version.
 */
export type DevicePlaceInRollout = 'not-taken' | 'fetching' | 'on-disk' | 'beside' | 'probing' | 'active' | 'refused' | 'back'

/** What is known of a device at one moment, for one rollout. */
export interface DeviceFacts {
  device: string
  isOnline: boolean
  isNeverSeen: boolean
  lastSeenAt: number | null
  /** The first wave with a query that it matches; null: none does. */
  queryWave: number | null
  /** Values of the attributes that waves are spread over, joined. */
  stratum: string
  /** Value of the attribute of the disruption budget; null: the device has none, and counts alone. */
  group: string | null
  /** What the fleet orders it to have in the deployment now; null: nothing. */
  standing: Wanted | null
  /** A newer order, or a rollout that outranks this one, has it; null: nobody else has. */
  takenBy: { order: number | null; rollout: number | null } | null
  /** The version stands there by an order of somebody else, who keeps it: another rollout of it, or a person after this one lost the device. */
  isOrderedByOther?: boolean
  /** Why it cannot be in the rollout, for people, e.g. a shadow beside nothing; null: it can. */
  unfit: string | null
  place: DevicePlaceInRollout
  /** Of `refused` and `back`. `isPassing`: trying again may help (no network, no space); else the device is unfit for the version. */
  problem: { code: string; message: string; isPassing: boolean } | null
  /** Ends of what holds it; null: does not hold it. */
  penaltyUntil: number | null
  quietUntil: number | null
  /** When the windows let it begin: now or before: it may. */
  downloadFrom: number
  activationFrom: number
  isLocked: boolean
  offer: OfferForecast
}

/** Everything that `advance` decides from, besides the run itself. Reading a device is lazy: what is not asked costs nothing. */
export interface Facts {
  now: number
  /** Devices that match the target, by id. */
  targets: readonly string[]
  isTarget(device: string): boolean
  /**
   * Devices of which something may be new since the last look; null or left out: every device is looked at. After a look at some devices
   * `wakeAt` speaks for these alone: the earliest of all looks since the last full one counts.
   */
  changed?: readonly string[] | null
  of(device: string): DeviceFacts | null
  /** No stage ends before: after a start, what devices did meanwhile may not have been heard yet. Left out: everything was heard. */
  patientUntil?: number
  /** Why the version may not be ordered in the slot (any more), as after it was withdrawn; null or left out: it may. */
  forbidden?(slot: 'beside' | 'active'): string | null
  /** An alert that holds releases to the deployment; null: none does. */
  alert: string | null
  isMonthSpent: boolean
  /** Money that the budget of the month has left for this look; null or left out: there is no budget. */
  monthLeft?: number | null
  /** The newest evidence of a wave; null: nothing was read yet. */
  evidence(wave: number): GateEvidence | null
}

/** An event before it is written. */
export interface NewEvent {
  kind: string
  actor: string
  device: string | null
  wave: number | null
  from: string | null
  to: string | null
  sentence: string
  detail: Record<string, unknown>
}

/** What is to be ordered of a device. The number of the order becomes part of its event when it is written. */
export interface Offer {
  device: string
  /** `beside`: shadow, split or staged as the plan says; `active`: the version is made active. */
  slot: 'beside' | 'active'
}

/** What the engine wants done, in one transaction: events first appended, orders placed in the order given. */
export interface Decision {
  events: NewEvent[]
  offers: Offer[]
  /** Devices that get back what they had. */
  reverts: string[]
  /** When something may change by the clock alone; null: only by a report, a person or evidence. */
  wakeAt: number | null
}
