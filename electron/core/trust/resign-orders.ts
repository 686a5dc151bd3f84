import { assign, type AssignParts } from '../deployments/assign.ts'

/** Signs every standing order, and the halt list, again: the key for orders, or the epoch, is another one. Call it in a transaction. */
export function resignOrders(parts: AssignParts, halts: { resign(at: number): void }, now: number): void {
  const { store } = parts
  for (const { device } of store.devices.all()) if (store.deployments.assignment(device) !== null) assign(parts, device, { now })
  halts.resign(now)
}
