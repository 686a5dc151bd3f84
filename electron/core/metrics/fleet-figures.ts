import { healths } from '../../../shared/domain/device-health.ts'
import { consoleCatalog } from '../../../shared/metrics/console-catalog.ts'
import { numbers, type Family, type Labels } from '../../../shared/metrics/family.ts'
import { liveRolloutStates } from '../../../shared/domain/rollout/life.ts'
import { fieldVersions } from '../overview/versions.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'

type Numbers = readonly { labels: Labels; value: number }[]

/** The label that says where a device stands. */
const SITE = 'site'
/** Sites are words that people give: beyond so many, the rest counts together. */
const MOST_SITES = 200

/** What is known of devices, orders, alerts and rollouts now. */
export function fleetFamilies(store: Pick<FleetStore, 'roster' | 'alerts' | 'rollouts'>): Family[] {
  const entries = store.roster.all()
  const online = entries.filter(({ row }) => row.status === 'online').length
  return [
    numbers(
      consoleCatalog,
      'muster_devices',
      healths.map((health) => ({ labels: { health }, value: entries.filter(({ state }) => state.health === health).length })),
    ),
    numbers(consoleCatalog, 'muster_devices_online', [{ labels: {}, value: online }]),
    numbers(consoleCatalog, 'muster_site_devices', sites(entries)),
    numbers(consoleCatalog, 'muster_deployment_devices', deployments(entries)),
    numbers(consoleCatalog, 'muster_alerts', alerts(store)),
    numbers(
      consoleCatalog,
      'muster_rollouts',
      liveRolloutStates.map((state) => ({ labels: { state }, value: store.rollouts.inStates([state]).length })),
    ),
  ]
}

function sites(entries: readonly RosterEntry[]): Numbers {
  const counts = new Map<string, { online: number; offline: number }>()
  for (const { row } of entries) {
    const named = row.labels[SITE]
    if (named === undefined) continue
    const site = counts.has(named) || counts.size < MOST_SITES ? named : 'other'
    const count = counts.get(site) ?? { online: 0, offline: 0 }
    count[row.status === 'online' ? 'online' : 'offline'] += 1
    counts.set(site, count)
  }
  return [...counts].flatMap(([site, { online, offline }]) => [
    { labels: { site, state: 'online' }, value: online },
    { labels: { site, state: 'offline' }, value: offline },
  ])
}

function deployments(entries: readonly RosterEntry[]): Numbers {
  const sums = new Map<string, { labels: Labels; ordered: number; active: number }>()
  for (const { deployment, model, version, desired, active } of fieldVersions(entries)) {
    // A version that was imported anew has another digest and the same name: one series.
    const key = JSON.stringify([deployment, model, version])
    const sum = sums.get(key) ?? { labels: { deployment, model, version }, ordered: 0, active: 0 }
    sum.ordered += desired
    sum.active += active
    sums.set(key, sum)
  }
  return [...sums.values()].flatMap(({ labels, ordered, active }) => [
    { labels: { ...labels, state: 'ordered' }, value: ordered },
    { labels: { ...labels, state: 'active' }, value: active },
  ])
}

function alerts(store: Pick<FleetStore, 'alerts'>): Numbers {
  const counts = new Map<string, { labels: Labels; value: number }>()
  for (const severity of ['critical', 'warning', 'info'])
    counts.set(JSON.stringify([severity, 'firing', '']), { labels: { severity, state: 'firing', deployment: '' }, value: 0 })
  for (const { severity, state, subject } of store.alerts.open()) {
    const deployment = subject.deployment ?? ''
    const key = JSON.stringify([severity, state, deployment])
    const count = counts.get(key) ?? { labels: { severity, state, deployment }, value: 0 }
    count.value += 1
    counts.set(key, count)
  }
  return [...counts.values()]
}
