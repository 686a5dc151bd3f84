import type { RolloutState } from '../../../shared/domain/rollout/life.ts'
import type { OrderDeviceRow, OrderRow } from '../store/fleet/orders.ts'
import type { DeviceFacts } from './engine/facts.ts'
import type { RolloutDevice, RolloutRun } from './rollout-run.ts'

/** The newest order of a device in a slot, with who made it. */
export type OrderInForce = OrderDeviceRow & Pick<OrderRow, 'rollout' | 'createdAt'>

/** States in which a rollout has its devices to itself. */
const holding: readonly RolloutState[] = ['running', 'paused', 'reverting']

/**
 * Who has the device instead of the rollout. A newer order for something else takes it, whoever made it; so does a rollout that outranks this one
 * as long as it is under way. What another rollout gave back takes nothing.
 */
export function takenBy(
  { run, own, device }: { run: RolloutRun; own: RolloutDevice | null; device: string },
  known: { orders: readonly OrderInForce[]; others: readonly RolloutRun[]; runOf(rollout: number): RolloutRun | null },
): DeviceFacts['takenBy'] {
  const outranking = known.others.find((other) => outranks(other, run) && hasDevice(other, device))
  if (outranking !== undefined) return { order: null, rollout: outranking.id }
  const newer = known.orders.find((one) => isTaking(one, { run, own }, known.runOf))
  return newer === undefined ? null : { order: newer.order, rollout: newer.rollout }
}

/** True if the other one wins where both have a device. */
function outranks(other: RolloutRun, run: RolloutRun): boolean {
  return other.plan.priority > run.plan.priority && other.begunAt !== null && holding.includes(other.state)
}

function hasDevice(other: RolloutRun, device: string): boolean {
  const state = other.devices.get(device)?.state
  return state !== undefined && state !== 'superseded' && state !== 'skipped'
}

function isTaking(
  order: OrderInForce,
  { run, own }: { run: RolloutRun; own: RolloutDevice | null },
  runOf: (rollout: number) => RolloutRun | null,
): boolean {
  if (order.rollout === run.id || order.wanted?.digest === run.target?.digest) return false
  // What stands beside is no matter to a version that is, or becomes, the active one.
  if (order.slot === 'beside' && own?.last?.slot !== 'beside') return false
  // What another rollout ordered while this one waited for its approval or its time takes nothing: this one comes after it.
  const since = (order.rollout === null ? run.startedAt : run.begunAt) ?? Number.POSITIVE_INFINITY
  const isNewer = own?.order == null ? order.createdAt >= since : order.order > own.order
  if (!isNewer || order.rollout === null) return isNewer
  const other = runOf(order.rollout)
  return other !== null && other.plan.priority >= run.plan.priority && other.target?.digest === order.wanted?.digest
}
