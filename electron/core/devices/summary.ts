import { matches } from '../../../shared/domain/query/match.ts'
import { nearestName } from '../../../shared/domain/query/nearest.ts'
import { parseQuery } from '../../../shared/domain/query/query.ts'
import { ownValue } from '../../../shared/domain/own-value.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { ReportedDeployment } from '../../../shared/protocol/reported.ts'
import type { DeviceRow } from '../store/fleet/devices.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'

/** Names of the labels in use. */
export function labelsInUse(entries: readonly RosterEntry[]): Set<string> {
  const names = new Set<string>()
  for (const { row } of entries) for (const name of Object.keys(row.labels)) names.add(name)
  return names
}

/** The devices that a query selects, ordered by id. @throws QueryProblem */
export function selectEntries(store: Pick<FleetStore, 'roster'>, query: string): readonly RosterEntry[] {
  const entries = store.roster.all()
  const parsed = parseQuery(query, labelsInUse(entries))
  return parsed.op === 'all' ? entries : entries.filter((entry) => matches(parsed, entry.subject))
}

/** The rows of the devices that a query selects, ordered by id. @throws QueryProblem */
export function selectDevices(store: FleetStore, query: string): DeviceRow[] {
  return selectEntries(store, query).map((entry) => entry.row)
}

/** One device by id. @throws Problem `device.not-found` with the nearest id. */
export function requireEntry(store: FleetStore, device: string): RosterEntry {
  const entry = store.roster.entry(device)
  if (entry !== null) return entry
  const near = nearestName(
    device,
    store.devices.all().map((one) => one.device),
  )
  throw new Problem('device.not-found', `There is no device '${device}'.${near === null ? '' : ` Did you mean '${near}'?`}`)
}

/** The row of one device by id. @throws Problem `device.not-found` with the nearest id. */
export function requireDevice(store: FleetStore, device: string): DeviceRow {
  return requireEntry(store, device).row
}

/** What a device reported of a deployment; undefined if nothing. */
export function reportedOf(row: DeviceRow, deployment: string): ReportedDeployment | undefined {
  return ownValue<ReportedDeployment>(row.reported?.deployments ?? {}, deployment)
}
