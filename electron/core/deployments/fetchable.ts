import type { DeploymentRow } from '../store/fleet/deployments.ts'

/** Digests that a device may fetch: what is ordered, also beside the active version. */
export function fetchable(orders: readonly DeploymentRow[]): string[] {
  return [...new Set(orders.flatMap(({ digest, beside }) => (beside === null ? [digest] : [digest, beside.digest])))]
}
