import type { RuntimeConfig } from '../../../shared/protocol/assignment.ts'
import { assign, type AssignParts } from '../deployments/assign.ts'
import type { DeploymentRow } from '../store/fleet/deployments.ts'
import type { OrderKind } from '../store/fleet/orders.ts'
import type { OrderRole, OrderSlot, Terms, Wanted } from '../store/fleet/terms.ts'
import type { OrderBook } from './book.ts'

/** What one device gets. */
export interface DeviceOrder {
  device: string
  /** null: the slot is emptied; of the active one, the deployment is taken off. */
  wanted: Wanted | null
  /** Of an order for the active slot: what then stands beside it. Left out: what stands there now, if it is another bundle. */
  beside?: Wanted | null
}

/** What an order is to do. */
export interface NewOrder {
  kind: OrderKind
  slot: OrderSlot
  role: OrderRole
  actor: string
  deployment: string
  /** Model that the order is about, also where a deployment is taken off. */
  model: string
  /** The one version that all devices get; null where it is none, or each gets its own. */
  target: Pick<Wanted, 'digest' | 'version'> | null
  /** Terms as they were ordered, for the record. */
  terms?: Terms
  alias: string | null
  query: string
  /** For cancel and undo: the order that it acts on. */
  of: number | null
  /** The rollout that makes it; left out: a person does. */
  rollout?: number
  devices: readonly DeviceOrder[]
  /** Becomes part of the configuration of each device. */
  config?: Partial<RuntimeConfig>
}

/**
 * Writes an order: the desired state of each device, its signed assignment in the outbox, and the order itself. Call it in the transaction
 * of the command; after the commit call `book.catchUp`. Whatever order was in force on these devices is left for this one.
 * @returns its number
 */
export function placeOrder(parts: AssignParts & { book: OrderBook }, order: NewOrder, at: number): number {
  const { store, book } = parts
  book.forgetDevices(order.devices.map(({ device }) => device))
  const { deployment, target, of, kind, slot, role } = order
  const id = store.orders.add({
    ...{ createdAt: at, actor: order.actor, kind, slot, role, terms: JSON.stringify(order.terms ?? {}), deployment, model: order.model },
    ...{ alias: order.alias, query: order.query, ofOrder: of, rollout: order.rollout ?? null, devices: order.devices.length },
    ...{ version: target?.version ?? null, digest: target?.digest ?? null },
  })
  for (const one of order.devices) {
    const { device } = one
    if (order.config !== undefined) store.configRules.mergeDevice(device, order.config, { at, by: order.actor })
    const standing = store.deployments.ofDevice(device)
    const before = standing.find((row) => row.deployment === deployment)
    const next = rowAfter(order, one, { before, at })
    // Signed before the rows are written: reading a device whose rows were changed in this transaction costs as much again.
    const counter = assign(parts, device, { now: at, deployments: afterwards(standing, deployment, next) })
    if (next === null) store.deployments.remove(device, deployment)
    else store.deployments.put(askedUnder(order, next, { before, counter }))
    const how = kind === 'cancel' ? 'cancelled' : 'superseded'
    store.orders.leave({ device, deployment, slot, how, by: id })
    const hasEndedBeside = slot === 'active' && before?.beside != null && next?.beside?.digest !== before.beside.digest
    if (hasEndedBeside) store.orders.leave({ device, deployment, slot: 'beside', how: 'superseded', by: id })
    store.orders.addDevice({
      ...{ order: id, device, deployment, slot, wanted: one.wanted, previous: filling(slot, before), counter },
      endedBeside: hasEndedBeside ? plain(before.beside!) : null,
    })
  }
  return id
}

/** The row of the deployment once the order stands; null: it is taken off. */
function rowAfter(
  { slot, deployment }: NewOrder,
  { device, wanted, beside }: DeviceOrder,
  { before, at }: { before: DeploymentRow | undefined; at: number },
): DeploymentRow | null {
  if (slot === 'beside')
    return before === undefined ? null : { ...before, beside: wanted === null ? null : { ...wanted, orderedAt: at, asked: null } }
  if (wanted === null) return null
  const { digest, model, version, terms } = wanted
  const kept = before?.beside?.digest === digest ? null : (before?.beside ?? null)
  const next = beside === undefined ? kept : beside === null ? null : { ...beside, orderedAt: at, asked: null }
  return { device, deployment, digest, model, version, terms, orderedAt: at, asked: null, beside: next }
}

/** The row with the counter of the order that asks for its bundles; what stood before and is only carried on keeps its own. */
function askedUnder(
  { slot }: NewOrder,
  next: DeploymentRow,
  { before, counter }: { before: DeploymentRow | undefined; counter: number },
): DeploymentRow {
  const isCarried = next.beside !== null && next.beside === before?.beside
  const beside = next.beside === null || isCarried ? next.beside : { ...next.beside, asked: counter }
  return { ...next, asked: slot === 'beside' ? next.asked : counter, beside }
}

/** What an order finds in its slot. */
function filling(slot: OrderSlot, before: DeploymentRow | undefined): Wanted | null {
  if (before === undefined) return null
  if (slot === 'beside') return before.beside === null ? null : plain(before.beside)
  return plain({ ...before, role: 'active' })
}

function plain({ digest, model, version, role, terms }: Wanted): Wanted {
  return { digest, model, version, role, terms }
}

/** What a device is to serve once the order stands, by name. */
function afterwards(standing: readonly DeploymentRow[], deployment: string, next: DeploymentRow | null): DeploymentRow[] {
  const others = standing.filter((one) => one.deployment !== deployment)
  return [...others, ...(next === null ? [] : [next])].sort((a, b) => (a.deployment < b.deployment ? -1 : 1))
}
