import type { RosterEntry } from '../store/fleet/roster-rows.ts'

/** Devices of one bundle, by id. */
export interface WhereItRuns {
  desired: string[]
  active: string[]
  deployments: Set<string>
}

/** Where each bundle is ordered and where it is active, by digest; one pass over the fleet. */
export function whereBundlesRun(entries: readonly RosterEntry[]): ReadonlyMap<string, WhereItRuns> {
  const found = new Map<string, WhereItRuns>()
  const of = (digest: string): WhereItRuns => {
    const known = found.get(digest) ?? { desired: [], active: [], deployments: new Set() }
    found.set(digest, known)
    return known
  }
  for (const { row, orders } of entries) {
    for (const digest of new Set(orders.map((one) => one.digest))) of(digest).desired.push(row.device)
    for (const order of orders) of(order.digest).deployments.add(order.deployment)
    const active = Object.values(row.reported?.deployments ?? {}).flatMap((one) => (one.active === null ? [] : [one.active.digest]))
    for (const digest of new Set<string>(active)) of(digest).active.push(row.device)
  }
  return found
}
