import type { ResultOf } from '../../../shared/rpc/contract.ts'
import { reportedOf } from '../devices/summary.ts'
import type { DeploymentRow } from '../store/fleet/deployments.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'

type InUse = Omit<ResultOf<'deployments.list'>['deployments'][number], 'lastOrder'>
type VersionInUse = InUse['versions'][number]

/** Versions that are shown of a deployment; a device may report any. */
const MOST_VERSIONS = 50

/**
 * Every deployment that is ordered somewhere, or still served after an order, by name.
 * @param known names that orders ever had: what a device serves under another name is nobody's deployment
 */
export function deploymentsInUse(entries: readonly RosterEntry[], known: ReadonlySet<string>): InUse[] {
  const found = new Map<string, InUse & { byDigest: Map<string, VersionInUse> }>()
  const of = (deployment: string) => {
    const before = found.get(deployment) ?? {
      ...{ deployment, devices: 0, versions: [], converged: 0, working: 0, waiting: 0, failed: 0 },
      byDigest: new Map<string, VersionInUse>(),
    }
    found.set(deployment, before)
    return before
  }
  for (const entry of entries) {
    for (const order of entry.orders) {
      const one = of(order.deployment)
      one.devices += 1
      one[standing(entry, order)] += 1
      versionOf(one.byDigest, order).desired += 1
    }
  }
  for (const entry of entries) {
    for (const deployment of Object.keys(entry.row.reported?.deployments ?? {})) {
      if (!found.has(deployment) && !known.has(deployment)) continue
      const active = reportedOf(entry.row, deployment)?.active
      if (active != null) versionOf(of(deployment).byDigest, active).active += 1
    }
  }
  return [...found.values()]
    .map(({ byDigest, ...one }) => ({
      ...one,
      versions: [...byDigest.values()].sort((a, b) => b.desired - a.desired || b.active - a.active).slice(0, MOST_VERSIONS),
    }))
    .sort((a, b) => (a.deployment < b.deployment ? -1 : 1))
}

function versionOf(
  byDigest: Map<string, VersionInUse>,
  { digest, model, version }: { digest: string; model: string; version: string },
): VersionInUse {
  const known = byDigest.get(digest) ?? { digest, model, version, desired: 0, active: 0 }
  byDigest.set(digest, known)
  return known
}

/** How a device stands to what it was ordered. */
function standing({ row, orderCounter }: RosterEntry, order: DeploymentRow): 'converged' | 'working' | 'waiting' | 'failed' {
  const reported = reportedOf(row, order.deployment)
  if (reported?.active?.digest === order.digest) return 'converged'
  const isOnIt = row.reported !== null && row.reported.assignmentCounter >= (orderCounter ?? 0)
  if (isOnIt && (reported?.state === 'rejected' || reported?.state === 'reverted')) return 'failed'
  if (!isOnIt && row.reported?.assignmentProblem != null) return 'failed'
  return row.status === 'online' ? 'working' : 'waiting'
}
