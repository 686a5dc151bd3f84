import type { Sort } from '../../components/grid/column.ts'
import { paths } from '../../data/paths.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import type { ShownRow } from './health-columns.tsx'
import type { HealthView } from './monitoring-view.ts'
import { rankOf, shownQuality, type HealthRow } from './monitoring-words.ts'

type SeriesAnswer = OutputOf<'telemetry.series'>

/** Rows with their address and course. */
export function shownRows(rows: readonly HealthRow[], { period, query }: HealthView, series: SeriesAnswer | undefined): ShownRow[] {
  const courses = new Map(series?.series.map((one) => [`${one.deployment} ${one.digest}`, one.requestsPerSecond] as const))
  return rows.map((row) => ({
    ...row,
    key: JSON.stringify([row.deployment, row.digest, row.device]),
    path: paths.monitoringVersion(row, {
      ...(period === '24h' ? {} : { period }),
      ...(row.device === null ? { query } : { device: row.device }),
    }),
    course: courses.get(`${row.deployment} ${row.digest}`) ?? [],
  }))
}

const values: Record<string, (row: ShownRow) => string | number | null> = {
  deployment: ({ deployment }) => deployment,
  version: ({ model, version }) => `${model} ${version}`,
  device: ({ device }) => device,
  devices: ({ devices }) => devices,
  rate: ({ traffic }) => traffic.requestsPerSecond,
  p95: ({ traffic }) => traffic.latencyMs?.p95 ?? null,
  errors: ({ traffic }) => traffic.errorRate,
  quality: (row) => shownQuality(row).value,
  drift: (row) => rankOf({ ...row, dataQuality: { state: 'ok', findings: [] } }),
  data: (row) => rankOf({ ...row, drift: { state: 'ok', features: [] } }),
}

const names = new Intl.Collator('en', { numeric: true })

/** Rows in the order of a column; without one the worst first. What is unknown comes last, whatever the direction. */
export function sortedRows(rows: readonly ShownRow[], sort: Sort | null): ShownRow[] {
  if (sort === null) return [...rows].sort((a, b) => rankOf(b) - rankOf(a) || b.traffic.requests - a.traffic.requests)
  const valueOf = values[sort.column]
  if (valueOf === undefined) return [...rows]
  return [...rows].sort((a, b) => {
    const [left, right] = [valueOf(a), valueOf(b)]
    if (left === null || right === null) return (left === null ? 1 : 0) - (right === null ? 1 : 0)
    const order = typeof left === 'number' && typeof right === 'number' ? left - right : names.compare(String(left), String(right))
    return sort.descending ? -order : order
  })
}
