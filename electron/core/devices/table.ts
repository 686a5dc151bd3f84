import { healthLetters, healths, type Health } from '../../../shared/domain/device-health.ts'
import { ownValue } from '../../../shared/domain/own-value.ts'
import { compareVersions, isVersion } from '../../../shared/domain/query/values.ts'
import type { ReportedDeployment } from '../../../shared/protocol/reported.ts'
import type { ParsedInputOf, ResultOf } from '../../../shared/rpc/contract.ts'
import type { HealthCounts, sortableColumns } from '../../../shared/rpc/contract/device-views.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import { stateSentence } from './sentence.ts'

type Row = ResultOf<'devices.table'>['rows'][number]
type Sort = NonNullable<ParsedInputOf<'devices.table'>['sort']>
type Group = ResultOf<'devices.cells'>['groups'][number]
type Key = string | number | null

/** How many of the devices are in each state. */
export function countHealth(entries: readonly RosterEntry[]): HealthCounts {
  const counts: HealthCounts = { ok: 0, working: 0, attention: 0, failed: 0, offline: 0 }
  for (const { state } of entries) counts[state.health] += 1
  return counts
}

/** A device as a row of the table. */
export function tableRow(entry: RosterEntry, now: number): Row {
  const { row, state } = entry
  const facts = row.reported?.facts
  return {
    device: row.device,
    health: state.health,
    sentence: stateSentence(entry, now),
    status: row.status,
    site: ownValue(row.labels, 'site') ?? null,
    labels: row.labels,
    deployments: placesOf(entry),
    agentVersion: row.agentVersion,
    lastSeenAt: row.lastSeenAt,
    enrolledAt: row.enrolledAt,
    os: facts?.os ?? null,
    arch: facts?.arch ?? null,
    hostname: facts?.hostname ?? null,
    cpus: facts?.cpus ?? null,
    memoryBytes: facts?.memoryBytes ?? null,
    diskFreeBytes: facts?.diskFreeBytes ?? null,
    runtimeVersion: facts?.runtimeVersion ?? null,
  }
}

/** Names of the deployments that are ordered or reported, in order. */
export function deploymentNames({ row, orders }: RosterEntry): string[] {
  return [...new Set([...orders.map((one) => one.deployment), ...Object.keys(row.reported?.deployments ?? {})])].sort()
}

function placesOf(entry: RosterEntry): Row['deployments'] {
  return deploymentNames(entry).map((deployment) => {
    const order = entry.orders.find((one) => one.deployment === deployment)
    const reported = ownValue<ReportedDeployment>(entry.row.reported?.deployments ?? {}, deployment)
    const active = reported?.active
    return {
      deployment,
      desired: order === undefined ? null : { model: order.model, version: order.version },
      active: active == null ? null : { model: active.model, version: active.version },
      state: reported?.state ?? null,
      shareOfBlocks: shareOfBlocks(reported),
    }
  })
}

/** How much of the candidate is on the device, 0 to 1; null where nothing is being fetched. */
export function shareOfBlocks(reported: ReportedDeployment | undefined): number | null {
  const progress = reported?.progress
  if (progress == null) return null
  return progress.blocksTotal === 0 ? 1 : Math.min(1, progress.blocksHave / progress.blocksTotal)
}

/** Devices in the order of a column. Where they are equal they stay by id; those that lack the value come last, in either direction. */
export function sortEntries(entries: readonly RosterEntry[], sort: Sort): readonly RosterEntry[] {
  if (sort.column === 'device' && !sort.descending) return entries
  const keys = keysOf(entries, sort.column)
  const direction = sort.descending ? -1 : 1
  const order = entries.map((_, i) => i)
  order.sort((a, b) => compareKeys(keys[a]!, keys[b]!, direction) || a - b)
  return order.map((i) => entries[i]!)
}

function compareKeys(a: Key, b: Key, direction: number): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  return a < b ? -direction : direction
}

const healthRank = new Map<Health, number>(healths.map((health, rank) => [health, rank]))

type Column = (typeof sortableColumns)[number]

const keyOf: Record<Column, (entry: RosterEntry) => Key> = {
  device: ({ row }) => row.device,
  health: ({ state }) => healthRank.get(state.health)!,
  status: ({ row }) => row.status,
  site: ({ row }) => textKey(ownValue(row.labels, 'site')),
  labels: ({ row }) =>
    textKey(
      Object.entries(row.labels)
        .map(([name, value]) => `${name}=${value}`)
        .sort()
        .join(' '),
    ),
  deployments: ({ row, orders }) =>
    textKey(
      orders.length > 0
        ? orders.map((one) => `${one.deployment} ${one.model} ${one.version}`).join(' ')
        : Object.keys(row.reported?.deployments ?? {}).join(' '),
    ),
  agentVersion: ({ row }) => row.agentVersion,
  lastSeenAt: ({ row }) => row.lastSeenAt,
  enrolledAt: ({ row }) => row.enrolledAt,
  os: ({ row }) => textKey(row.reported?.facts.os),
  arch: ({ row }) => textKey(row.reported?.facts.arch),
  hostname: ({ row }) => textKey(row.reported?.facts.hostname),
  cpus: ({ row }) => row.reported?.facts.cpus ?? null,
  memoryBytes: ({ row }) => row.reported?.facts.memoryBytes ?? null,
  diskFreeBytes: ({ row }) => row.reported?.facts.diskFreeBytes ?? null,
  runtimeVersion: ({ row }) => row.reported?.facts.runtimeVersion ?? null,
}

function keysOf(entries: readonly RosterEntry[], column: Sort['column']): Key[] {
  if (!Object.hasOwn(keyOf, column)) {
    const label = column.slice('label.'.length)
    return entries.map(({ row }) => textKey(ownValue(row.labels, label)))
  }
  const keys = entries.map(keyOf[column as Column])
  return column === 'agentVersion' || column === 'runtimeVersion' ? ranked(keys) : keys
}

/** Versions as their rank among each other: a fleet has few, so comparing them happens once per pair of versions and not of devices. */
function ranked(keys: readonly Key[]): Key[] {
  const distinct = [...new Set(keys)].filter((key) => key !== null).map(String)
  const rank = new Map(distinct.sort(compareVersionTexts).map((version, i) => [version, i]))
  return keys.map((key) => (key === null ? null : rank.get(String(key))!))
}

function compareVersionTexts(a: string, b: string): number {
  const isKnown = [isVersion(a), isVersion(b)]
  if (isKnown[0] && isKnown[1]) return compareVersions(a, b)
  return isKnown[0] === isKnown[1] ? (a < b ? -1 : 1) : isKnown[0] ? 1 : -1
}

function textKey(text: string | undefined): Key {
  return text === undefined || text === '' ? null : text.toLowerCase()
}

/** Devices as cells, grouped by the value of a label; those without it come last. */
export function cellGroups(entries: readonly RosterEntry[], label: string): Group[] {
  const groups = new Map<string | null, { devices: string[]; letters: string[] }>()
  for (const { row, state } of entries) {
    const site = ownValue(row.labels, label) ?? null
    let group = groups.get(site)
    if (group === undefined) groups.set(site, (group = { devices: [], letters: [] }))
    group.devices.push(row.device)
    group.letters.push(healthLetters[state.health])
  }
  return [...groups]
    .sort(([a], [b]) => compareKeys(a, b, 1))
    .map(([site, { devices, letters }]) => ({ site, devices, health: letters.join('') }))
}
