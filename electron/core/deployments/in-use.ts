import type { ResultOf } from '../../../shared/rpc/contract.ts'
import { reportedOf } from '../devices/summary.ts'
import { isBesideInRole } from '../orders/device-state.ts'
import type { DeploymentRow } from '../store/fleet/deployments.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'

type InUse = Omit<ResultOf<'deployments.list'>['deployments'][number], 'lastOrder'>
type VersionInUse = InUse['versions'][number]
type BesideInUse = InUse['beside'][number]
type Version = { digest: string; model: string; version: string }

/** Versions that are shown of a deployment; a device may report any. */
const MOST_VERSIONS = 50

interface Found extends InUse {
  byDigest: Map<string, VersionInUse>
  besideByKey: Map<string, BesideInUse>
}

/**
 * Every deployment that is ordered somewhere, or still served after an order, by name.
 * @param known names that orders ever had: what a device serves under another name is nobody's deployment
 */
export function deploymentsInUse(entries: readonly RosterEntry[], known: ReadonlySet<string>): InUse[] {
  const found = new Map<string, Found>()
  const of = (deployment: string): Found => {
    const before = found.get(deployment) ?? {
      ...{ deployment, devices: 0, versions: [], beside: [], converged: 0, working: 0, waiting: 0, failed: 0 },
      ...{ byDigest: new Map<string, VersionInUse>(), besideByKey: new Map<string, BesideInUse>() },
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
      if (order.beside !== null) countBeside(one.besideByKey, entry, { deployment: order.deployment, beside: order.beside })
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
    .map(({ byDigest, besideByKey, ...one }) => ({
      ...one,
      versions: [...byDigest.values()].sort((a, b) => b.desired - a.desired || b.active - a.active).slice(0, MOST_VERSIONS),
      beside: [...besideByKey.values()].sort((a, b) => b.desired - a.desired).slice(0, MOST_VERSIONS),
    }))
    .sort((a, b) => (a.deployment < b.deployment ? -1 : 1))
}

function versionOf(byDigest: Map<string, VersionInUse>, { digest, model, version }: Version): VersionInUse {
  const known = byDigest.get(digest) ?? { digest, model, version, desired: 0, active: 0 }
  byDigest.set(digest, known)
  return known
}

function countBeside(
  byKey: Map<string, BesideInUse>,
  { row }: RosterEntry,
  { deployment, beside }: { deployment: string; beside: NonNullable<DeploymentRow['beside']> },
): void {
  const { digest, model, version, role } = beside
  const key = `${role} ${digest}`
  const known = byKey.get(key) ?? { role, digest, model, version, desired: 0, working: 0 }
  byKey.set(key, known)
  known.desired += 1
  if (isBesideInRole(reportedOf(row, deployment), beside)) known.working += 1
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
