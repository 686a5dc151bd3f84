import type { ReportedDeployment, ReportedMessage } from '../protocol/reported.ts'
import { ownValue } from './own-value.ts'

/** The state words of a device, from the worst that asks for action to the one that tells nothing. */
export const healths = ['failed', 'attention', 'working', 'ok', 'offline'] as const
export type Health = (typeof healths)[number]

/** One letter per state: what the strip of all devices travels as. */
export const healthLetters: Record<Health, string> = { ok: 'o', working: 'w', attention: 'a', failed: 'f', offline: 'x' }

/** What decided the state; the first that holds. */
export const healthCauses = [
  'revoked',
  'quarantined',
  'never-seen',
  'offline',
  'refused',
  'reverted',
  'not-serving',
  'order-problem',
  'deployment-problem',
  'beside-problem',
  'dropping-records',
  'disk-low',
  'converging',
  'removing',
  'no-orders',
  'as-ordered',
] as const
export type HealthCause = (typeof healthCauses)[number]

/** Free space below which a device is said to be short of disk: two versions of a model of usual size no longer fit. */
export const LOW_DISK_BYTES = 256 * 1024 * 1024

/** What fills a place on a device, as it is ordered. */
export interface OrderedSlot {
  deployment: string
  digest: string
  model: string
  version: string
  /** What is ordered to stand beside it; null or absent: nothing. */
  beside?: { digest: string } | null
}

/** Everything that the state of a device depends on. */
export interface HealthFacts {
  status: 'online' | 'offline' | 'never-seen'
  reported: Pick<ReportedMessage, 'assignmentCounter' | 'assignmentProblem' | 'deployments' | 'facts'> | null
  ordered: readonly OrderedSlot[]
  /** Counter of the newest order that was signed for the device; null: none yet. */
  orderCounter: number | null
  /** True if the device said of late that it gave records up. */
  isDropping: boolean
  /** Somebody has shut the device out, or in. */
  shut?: 'revoked' | 'quarantined' | null
}

/** The state of a device with what decided it; `deployment` where it is about one. */
export interface DeviceHealth {
  health: Health
  cause: HealthCause
  deployment: string | null
}

/** The state of a device: offline, then what failed, then what needs attention, then what is under way; else ok. */
export function deviceHealth(facts: HealthFacts): DeviceHealth {
  const { status, reported, ordered, orderCounter } = facts
  if (facts.shut === 'revoked') return { health: 'offline', cause: 'revoked', deployment: null }
  // Also where it is away: a person has to release it.
  if (facts.shut === 'quarantined') return { health: 'attention', cause: 'quarantined', deployment: null }
  if (status !== 'online') return { health: 'offline', cause: status, deployment: null }
  const isOnNewestOrder = orderCounter === null || (reported?.assignmentCounter ?? 0) >= orderCounter
  const places = ordered.map((order) => placeOf(order, ownValue(reported?.deployments ?? {}, order.deployment), isOnNewestOrder))
  const failed = places.find((place) => place.health === 'failed')
  if (failed !== undefined) return failed
  if (reported?.assignmentProblem != null) return { health: 'attention', cause: 'order-problem', deployment: null }
  const troubled = places.find((place) => place.health === 'attention')
  if (troubled !== undefined) return troubled
  if (facts.isDropping) return { health: 'attention', cause: 'dropping-records', deployment: null }
  if (reported !== null && reported.facts.diskFreeBytes < LOW_DISK_BYTES)
    return { health: 'attention', cause: 'disk-low', deployment: null }
  const under = places.find((place) => place.health === 'working')
  if (under !== undefined) return under
  const extra = Object.entries(reported?.deployments ?? {}).find(
    ([deployment, one]) => one.active !== null && !ordered.some((order) => order.deployment === deployment),
  )
  if (extra !== undefined) return { health: 'working', cause: 'removing', deployment: extra[0] }
  return { health: 'ok', cause: ordered.length === 0 ? 'no-orders' : 'as-ordered', deployment: null }
}

function placeOf(order: OrderedSlot, reported: ReportedDeployment | undefined, isOnNewestOrder: boolean): DeviceHealth {
  const { deployment } = order
  const runsOrdered = reported?.active?.digest === order.digest
  // What is reported of an older order says nothing about the newest one.
  if (reported === undefined || (!isOnNewestOrder && !runsOrdered)) return { health: 'working', cause: 'converging', deployment }
  if (!runsOrdered && reported.state === 'rejected') return { health: 'failed', cause: 'refused', deployment }
  if (!runsOrdered && reported.state === 'reverted') return { health: 'failed', cause: 'reverted', deployment }
  if (reported.problem !== null) {
    return reported.active === null
      ? { health: 'failed', cause: 'not-serving', deployment }
      : { health: 'attention', cause: 'deployment-problem', deployment }
  }
  const { beside } = reported
  const isRefused = beside?.state === 'rejected' || beside?.state === 'reverted'
  if (isRefused && beside.content.digest === order.beside?.digest) return { health: 'attention', cause: 'beside-problem', deployment }
  return runsOrdered ? { health: 'ok', cause: 'as-ordered', deployment } : { health: 'working', cause: 'converging', deployment }
}
