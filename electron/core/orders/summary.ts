import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { OrderRow, OrderTable } from '../store/fleet/orders.ts'

type Summary = ResultOf<'orders.list'>['orders'][number]

/** An order as lists show it. */
export function summaryOfOrder(orders: OrderTable, row: OrderRow): Summary {
  const children = orders.children(row.id)
  return {
    order: row.id,
    ...{ kind: row.kind, role: row.role, state: row.state, deployment: row.deployment },
    target: row.version === null ? null : { model: row.model, version: row.version },
    ...{
      digest: row.digest,
      alias: row.alias,
      query: row.query,
      actor: row.actor.slice(0, 200),
      createdAt: row.createdAt,
      endedAt: row.endedAt,
    },
    of: row.ofOrder,
    rollout: row.rollout,
    undoneBy: children.findLast(({ kind }) => kind === 'undo')?.id ?? null,
    cancelledBy: children.findLast(({ kind }) => kind === 'cancel')?.id ?? null,
    ...{ devices: row.devices, reached: row.reached },
  }
}
