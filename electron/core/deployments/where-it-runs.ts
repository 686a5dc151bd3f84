import type { DeploymentRow } from '../store/fleet/deployments.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'

/** Devices of one bundle, by id. */
export interface WhereItRuns {
  desired: string[]
  active: string[]
  deployments: Set<string>
}

/** Where each bundle is ordered and where it is active or works beside the active one, by digest; one pass over the fleet. */
export function whereBundlesRun(entries: readonly RosterEntry[]): ReadonlyMap<string, WhereItRuns> {
  const found = new Map<string, WhereItRuns>()
  const of = (digest: string): WhereItRuns => {
    const known = found.get(digest) ?? { desired: [], active: [], deployments: new Set() }
    found.set(digest, known)
    return known
  }
  for (const { row, orders } of entries) {
    for (const digest of new Set(orders.flatMap(orderedDigests))) of(digest).desired.push(row.device)
    for (const order of orders) for (const digest of orderedDigests(order)) of(digest).deployments.add(order.deployment)
    const active = Object.values(row.reported?.deployments ?? {}).flatMap(({ active, beside }) => [
      ...(active === null ? [] : [active.digest]),
      ...(beside?.state === 'active' ? [beside.content.digest] : []),
    ])
    for (const digest of new Set<string>(active)) of(digest).active.push(row.device)
  }
  return found
}

function orderedDigests({ digest, beside }: DeploymentRow): string[] {
  return beside === null ? [digest] : [digest, beside.digest]
}
