import type { OrderRole } from '../../../shared/rpc/contract/orders.ts'
import type { Approvals } from '../approval/approvals.ts'

/** A version by its names. */
interface Named {
  model: string
  version: string
}

/** Roles in which a version answers clients; the others answer nobody, and are no release. */
const answering: ReadonlySet<OrderRole> = new Set(['active', 'split'])

/** What stands in the way of ordering a version in a role, in words; null: nothing. A withdrawn version is ordered in none. */
export function missingForRole(approvals: Approvals, version: Named, role: OrderRole): string | null {
  return answering.has(role) || approvals.stageOf(version) === 'withdrawn' ? approvals.missing(version) : null
}

/** Refuses an order that the policy of approval does not allow. @throws Problem `approval.required`, `approval.withdrawn` */
export function requireForRole(approvals: Approvals, version: Named, role: OrderRole): void {
  if (missingForRole(approvals, version, role) !== null) approvals.requireReleasable(version)
}

/** Notes that a version is on its way to devices, where it is ordered to answer. Call it in the transaction of the order. */
export function noteForRole(approvals: Approvals, version: Named, of: { role: OrderRole; by: string; at: number }): void {
  if (answering.has(of.role)) approvals.noteReleased(version, of.by, of.at)
}
