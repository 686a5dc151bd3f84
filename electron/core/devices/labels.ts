import { ownValue } from '../../../shared/domain/own-value.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { DeviceRow } from '../store/fleet/devices.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'

type Change = Readonly<Record<string, string | null>>

/** Sets labels, or clears those that are null; the others stay. */
export function applyLabels(store: FleetStore, rows: readonly DeviceRow[], change: Change): void {
  for (const row of rows) {
    const labels = Object.entries({ ...row.labels, ...change }).filter((entry): entry is [string, string] => entry[1] !== null)
    store.devices.setLabels(row.device, Object.fromEntries(labels))
  }
}

/** What the labels of a change were before it, with the devices that had it so: devices of equal values together. */
export function previousOf(rows: readonly DeviceRow[], change: Change): ResultOf<'devices.setLabels'>['previous'] {
  const names = Object.keys(change)
  const groups = new Map<string, { labels: Record<string, string | null>; devices: string[] }>()
  for (const row of rows) {
    const labels = Object.fromEntries(names.map((name) => [name, ownValue(row.labels, name) ?? null]))
    const key = JSON.stringify(labels)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { labels, devices: [row.device] })
    else group.devices.push(row.device)
  }
  return [...groups.values()]
}
