import type { ResourcesBody } from '../../../../shared/protocol/telemetry.ts'
import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import type { ReadDb } from '../open.ts'
import { bucketAt, type Grid } from './grid.ts'

type Resources = Omit<ResultOf<'telemetry.resources'>, 'from' | 'bucketMs' | 'buckets'>

const measures: Record<keyof Resources, (body: ResourcesBody) => number | null> = {
  cpuCores: (body) => body.cpuShare,
  agentRssBytes: (body) => body.agentRssBytes,
  memoryUsedBytes: (body) => Math.max(0, body.memoryTotalBytes - body.memoryFreeBytes),
  memoryTotalBytes: (body) => body.memoryTotalBytes,
  diskFreeBytes: (body) => body.diskFreeBytes,
  diskTotalBytes: (body) => body.diskTotalBytes,
  temperatureCelsius: (body) => body.temperatureCelsius,
  spoolRecords: (body) => body.spoolRecords,
}

/** Use of the machine of a device over time: means of each bucket, of the temperature the highest. */
export function resourcesOf(db: ReadDb | null, device: string, grid: Grid): Resources {
  const names = Object.keys(measures) as (keyof Resources)[]
  const sums = Object.fromEntries(names.map((name) => [name, { counts: gaps(grid).map(() => 0), values: gaps(grid) }])) as Record<
    keyof Resources,
    { counts: number[]; values: (number | null)[] }
  >
  const rows = db
    ?.prepare<unknown[], { at: number; body: string }>('SELECT at, body FROM resources WHERE device = ? AND at >= ? AND at < ?')
    .iterate(device, grid.from, grid.through)
  for (const row of rows ?? []) {
    const body = JSON.parse(row.body) as ResourcesBody
    for (const name of names) add(sums[name], bucketAt(grid, row.at), measures[name](body), name === 'temperatureCelsius')
  }
  return Object.fromEntries(names.map((name) => [name, sums[name].values])) as Resources
}

/** A running mean: a sum of what devices claim could leave the range of numbers. */
function add(into: { counts: number[]; values: (number | null)[] }, bucket: number, value: number | null, isHighest: boolean): void {
  if (value === null) return
  const before = into.values[bucket] ?? null
  const count = (into.counts[bucket] ?? 0) + 1
  into.counts[bucket] = count
  into.values[bucket] = before === null ? value : isHighest ? Math.max(before, value) : before + (value - before) / count
}

function gaps({ buckets }: Grid): null[] {
  return Array.from({ length: buckets }, () => null)
}
