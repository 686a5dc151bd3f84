import type { QuerySubject } from '../../../shared/domain/query/attributes.ts'
import { matches } from '../../../shared/domain/query/match.ts'
import { nearestName } from '../../../shared/domain/query/nearest.ts'
import { parseQuery } from '../../../shared/domain/query/query.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { DeploymentRow } from '../store/fleet/deployments.ts'
import type { DeviceRow } from '../store/fleet/devices.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'

type Summary = ResultOf<'devices.list'>['devices'][number]

/** A device as a query sees it. */
export function subjectOf(row: DeviceRow): QuerySubject {
  const active = Object.entries(row.reported?.deployments ?? {}).flatMap(([deployment, reported]) =>
    reported.active === null ? [] : [{ deployment, model: reported.active.model, version: reported.active.version }],
  )
  return { device: row.device, status: row.status, labels: row.labels, facts: row.reported?.facts ?? null, active }
}

/** Names of the labels in use. */
export function labelsInUse(rows: readonly DeviceRow[]): Set<string> {
  return new Set(rows.flatMap((row) => Object.keys(row.labels)))
}

/** The devices that a query selects, ordered by id. @throws Problem `query.*` */
export function selectDevices(store: FleetStore, query: string): DeviceRow[] {
  const rows = store.devices.all()
  const parsed = parseQuery(query, labelsInUse(rows))
  return rows.filter((row) => matches(parsed, subjectOf(row)))
}

/** One device by id. @throws Problem `device.not-found` with the nearest id. */
export function requireDevice(store: FleetStore, device: string): DeviceRow {
  const row = store.devices.find(device)
  if (row !== null) return row
  const near = nearestName(
    device,
    store.devices.all().map((one) => one.device),
  )
  throw new Problem('device.not-found', `There is no device '${device}'.${near === null ? '' : ` Did you mean '${near}'?`}`)
}

/** A device as lists show it. */
export function summaryOf(row: DeviceRow, desired: readonly DeploymentRow[]): Summary {
  const deployments = row.reported?.deployments ?? {}
  return {
    device: row.device,
    status: row.status,
    lastSeenAt: row.lastSeenAt,
    enrolledAt: row.enrolledAt,
    agentVersion: row.agentVersion,
    labels: row.labels,
    facts: row.reported?.facts ?? null,
    desired: Object.fromEntries(desired.map((one) => [one.deployment, { model: one.model, version: one.version, digest: one.digest }])),
    deployments,
    converged: desired.every((one) => reportedOf(row, one.deployment)?.active?.digest === one.digest),
  }
}

/** What a device reported of a deployment; undefined if nothing. */
export function reportedOf(row: DeviceRow, deployment: string) {
  const deployments: Record<
    string,
    NonNullable<DeviceRow['reported']>['deployments'][keyof NonNullable<DeviceRow['reported']>['deployments']]
  > = row.reported?.deployments ?? {}
  return Object.hasOwn(deployments, deployment) ? deployments[deployment] : undefined
}
