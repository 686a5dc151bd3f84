import type { OrderDeviceState } from '../../../shared/rpc/contract/orders.ts'
import type { OrderState } from '../store/fleet/orders.ts'

/** What the devices of an order say together, or a person does with it. */
export type OrderEvent = 'moving' | 'reached' | 'refused' | 'replaced' | 'cancel'

/**
 * The life of an order. `moving`: a device has still to answer. `reached`: all have answered, and none refused. `refused`: all have answered,
 * and at least one refused. `replaced`: newer orders took every device before it ran what this one wanted.
 * A refusal is no end: a device that recovers by itself takes the order up again. A done order fails when a device falls back later.
 */
export const orderTransitions = {
  running: { moving: 'running', reached: 'done', refused: 'failed', replaced: 'superseded', cancel: 'cancelled' },
  failed: { moving: 'running', reached: 'done', refused: 'failed', replaced: 'failed', cancel: 'cancelled' },
  done: { moving: 'done', reached: 'done', refused: 'failed', replaced: 'done' },
  cancelled: { moving: 'cancelled', reached: 'cancelled', refused: 'cancelled', replaced: 'cancelled' },
  superseded: { moving: 'superseded', reached: 'superseded', refused: 'superseded', replaced: 'superseded' },
} as const satisfies Record<OrderState, Partial<Record<OrderEvent, OrderState>>>

/** The state after an event. @throws Error for a pair that the table does not have: that is a bug */
export function nextOrderState(from: OrderState, event: OrderEvent): OrderState {
  const row: Partial<Record<OrderEvent, OrderState>> = orderTransitions[from]
  const next = row[event]
  if (next === undefined) throw new Error(`order: '${event}' is not allowed in '${from}'`)
  return next
}

/** True if a person may still stop it. */
export function isCancellable(state: OrderState): boolean {
  return Object.hasOwn(orderTransitions[state], 'cancel')
}

/** Devices by state. */
export type StateCounts = Record<OrderDeviceState, number>

/** No device in any state. */
export function emptyCounts(): StateCounts {
  return { waiting: 0, ordered: 0, fetching: 0, checking: 0, active: 0, removed: 0, failed: 0, superseded: 0, cancelled: 0, gone: 0 }
}

/** What the devices say together. @param reached devices that ran it at some time */
export function eventOf(counts: StateCounts, reached: number): OrderEvent {
  if (counts.waiting + counts.ordered + counts.fetching + counts.checking > 0) return 'moving'
  if (counts.failed > 0) return 'refused'
  return counts.active + counts.removed + reached > 0 ? 'reached' : 'replaced'
}
