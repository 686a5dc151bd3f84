import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import type { Grid } from '../store/telemetry/grid.ts'
import type { VersionRequests } from '../store/telemetry/fleet-series.ts'

type Overview = ResultOf<'overview.show'>
export type FieldVersion = Overview['versions'][number]
type OverTime = Overview['versionsOverTime']

const MOST_VERSIONS = 200
const MOST_SERIES = 40

/** The versions that are ordered or active on any device; per deployment the most ordered first. */
export function fieldVersions(entries: readonly RosterEntry[]): FieldVersion[] {
  // Two levels of keys: a joined key would be made anew for each device.
  const versions = new Map<string, Map<string, FieldVersion>>()
  const of = (deployment: string, { model, version, digest }: { model: string; version: string; digest: string }): FieldVersion => {
    let inPlace = versions.get(deployment)
    if (inPlace === undefined) versions.set(deployment, (inPlace = new Map()))
    let known = inPlace.get(digest)
    if (known === undefined) inPlace.set(digest, (known = { deployment, model, version, digest, desired: 0, active: 0 }))
    return known
  }
  for (const { row, orders } of entries) {
    for (const order of orders) of(order.deployment, order).desired += 1
    for (const [deployment, { active }] of Object.entries(row.reported?.deployments ?? {}))
      if (active !== null) of(deployment, active).active += 1
  }
  return [...versions.values()]
    .flatMap((inPlace) => [...inPlace.values()])
    .sort((a, b) => compareText(a.deployment, b.deployment) || b.desired - a.desired || b.active - a.active)
    .slice(0, MOST_VERSIONS)
}

/** Requests per version over time, and their share of all requests of the deployment. */
export function versionsOverTime(rows: readonly VersionRequests[], grid: Grid): OverTime {
  const totals = new Map<string, number[]>()
  const series = new Map<string, { deployment: string; model: string; version: string; requests: (number | null)[]; total: number }>()
  for (const { deployment, digest, model, version, bucket, requests } of rows) {
    let total = totals.get(deployment)
    if (total === undefined) totals.set(deployment, (total = Array.from({ length: grid.buckets }, () => 0)))
    total[bucket]! += requests
    const key = `${deployment} ${digest}`
    let one = series.get(key)
    if (one === undefined) {
      const gaps = Array.from({ length: grid.buckets }, () => null)
      series.set(key, (one = { deployment, model, version, requests: gaps, total: 0 }))
    }
    one.requests[bucket] = requests
    one.total += requests
  }
  const shown = [...series.values()].sort((a, b) => b.total - a.total).slice(0, MOST_SERIES)
  return {
    from: grid.from,
    bucketMs: grid.bucketMs,
    buckets: grid.buckets,
    series: shown.map(({ deployment, model, version, requests }) => ({
      ...{ deployment, model, version, requests },
      share: requests.map((count, bucket) => {
        const total = totals.get(deployment)![bucket]!
        if (total === 0) return null
        return Math.min(1, (count ?? 0) / total)
      }),
    })),
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
