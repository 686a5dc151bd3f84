import { csvText, type CsvValue } from '../../../shared/domain/csv.ts'
import type { DeviceTableRow } from '../../../shared/rpc/contract/device-views.ts'
import { labelsText, placeText } from './device-words.ts'

const moment = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

/** How each column of the table is exported: names carry units, moments are ISO, sizes are bytes. */
const cells: Record<string, { headers: readonly string[]; values(row: DeviceTableRow): CsvValue[] }> = {
  health: { headers: ['state', 'why'], values: ({ health, sentence }) => [health, sentence] },
  device: { headers: ['device'], values: ({ device }) => [device] },
  site: { headers: ['site'], values: ({ site }) => [site] },
  deployments: { headers: ['deployments'], values: ({ deployments }) => [deployments.map(placeText).join('; ')] },
  labels: { headers: ['labels'], values: ({ labels }) => [labelsText(labels)] },
  agentVersion: { headers: ['agent_version'], values: ({ agentVersion }) => [agentVersion] },
  lastSeenAt: { headers: ['last_seen_at'], values: ({ lastSeenAt }) => [moment(lastSeenAt)] },
  enrolledAt: { headers: ['enrolled_at'], values: ({ enrolledAt }) => [moment(enrolledAt)] },
  os: { headers: ['os'], values: ({ os }) => [os] },
  arch: { headers: ['arch'], values: ({ arch }) => [arch] },
  hostname: { headers: ['hostname'], values: ({ hostname }) => [hostname] },
  cpus: { headers: ['cpus'], values: ({ cpus }) => [cpus] },
  memoryBytes: { headers: ['memory_bytes'], values: ({ memoryBytes }) => [memoryBytes] },
  diskFreeBytes: { headers: ['disk_free_bytes'], values: ({ diskFreeBytes }) => [diskFreeBytes] },
  runtimeVersion: { headers: ['runtime_version'], values: ({ runtimeVersion }) => [runtimeVersion] },
}

/** Devices as CSV with the columns that are shown, in their order; the id is always there. */
export function devicesCsv(columns: readonly string[], rows: readonly DeviceTableRow[]): string {
  const wanted = (columns.includes('device') ? columns : ['device', ...columns]).flatMap((id) =>
    Object.hasOwn(cells, id) ? [cells[id]!] : [],
  )
  return csvText(
    wanted.flatMap(({ headers }) => headers),
    rows.map((row) => wanted.flatMap(({ values }) => values(row))),
  )
}
