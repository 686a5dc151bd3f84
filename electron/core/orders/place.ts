import type { RuntimeConfig } from '../../../shared/protocol/assignment.ts'
import { assign, type AssignParts } from '../deployments/assign.ts'
import type { DeploymentRow } from '../store/fleet/deployments.ts'
import type { OrderKind, Wanted } from '../store/fleet/orders.ts'
import type { OrderBook } from './book.ts'

/** What an order is to do. */
export interface NewOrder {
  kind: OrderKind
  actor: string
  deployment: string
  /** Model that the order is about, also where a deployment is taken off. */
  model: string
  /** The one version that all devices get; null where it is none, or each gets its own. */
  target: Wanted | null
  alias: string | null
  query: string
  /** For cancel and undo: the order that it acts on. */
  of: number | null
  /** What each device gets; null: the deployment is taken off. */
  devices: readonly { device: string; wanted: Wanted | null }[]
  config?: Partial<RuntimeConfig>
}

/**
 * Writes an order: the desired state of each device, its signed assignment in the outbox, and the order itself. Call it in the transaction
 * of the command; after the commit call `book.refresh`. Whatever order was in force on these devices is left for this one.
 * @returns its number
 */
export function placeOrder(parts: AssignParts & { book: OrderBook }, order: NewOrder, at: number): number {
  const { store, book } = parts
  book.forget()
  const { deployment, target, of, kind } = order
  const id = store.orders.add({
    ...{ createdAt: at, actor: order.actor, kind, deployment, model: order.model, alias: order.alias, query: order.query, ofOrder: of },
    ...{ version: target?.version ?? null, digest: target?.digest ?? null, devices: order.devices.length },
  })
  for (const { device, wanted } of order.devices) {
    const standing = store.deployments.ofDevice(device)
    const before = standing.find((one) => one.deployment === deployment)
    const next = wanted === null ? null : { device, deployment, ...wanted, orderedAt: at }
    // Signed before the rows are written: reading a device whose rows were changed in this transaction costs as much again.
    const deployments = afterwards(standing, deployment, next)
    const counter = assign(parts, device, { now: at, deployments, ...(order.config === undefined ? {} : { config: order.config }) })
    if (next === null) store.deployments.remove(device, deployment)
    else store.deployments.put(next)
    store.orders.leave({ device, deployment, how: kind === 'cancel' ? 'cancelled' : 'superseded', by: id })
    const previous = before === undefined ? null : { digest: before.digest, model: before.model, version: before.version }
    store.orders.addDevice({ order: id, device, deployment, wanted, previous, counter })
  }
  return id
}

/** What a device is to serve once the order stands, by name. */
function afterwards(standing: readonly DeploymentRow[], deployment: string, next: DeploymentRow | null): DeploymentRow[] {
  const others = standing.filter((one) => one.deployment !== deployment)
  return [...others, ...(next === null ? [] : [next])].sort((a, b) => (a.deployment < b.deployment ? -1 : 1))
}
