import { wilsonInterval } from '../../../../shared/stats/proportion-interval.ts'
import { regressionScores } from '../../../../shared/stats/regression.ts'
import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import type { ReadDb } from '../open.ts'
import type { QualitySum } from './quality-sum.ts'
import { qualityParts } from './quality-slices.ts'
import type { Part } from './slice-parts.ts'
import type { CountedSubject, PartKey, TrafficState } from './slice.ts'
import { trafficParts } from './traffic-slices.ts'

type SummaryRow = ResultOf<'telemetry.summary'>['rows'][number]

export interface SummaryQuestion {
  /** null: all. */
  devices: ReadonlySet<string> | null
  from: number
  /** Inclusive. */
  through: number
  by: 'device' | 'version'
}

/** Latency, throughput, errors and quality per device (or over all of them), deployment and bundle. */
export function summarise(db: ReadDb, { devices, from, through, by }: SummaryQuestion): SummaryRow[] {
  const slice = { devices: devices === null ? null : [...devices], from, through: Math.min(through, Number.MAX_SAFE_INTEGER - 1) + 1 }
  const cut = { bucketMs: null, by: by === 'device' ? ('device and version' as const) : ('version' as const) }
  const rows = new Map<string, SummaryRow>()
  const rowOf = ({ key, subject }: Pick<Part<unknown>, 'key' | 'subject'>): SummaryRow => {
    const name = JSON.stringify([key.device, key.deployment, key.digest])
    let row = rows.get(name)
    if (row === undefined) rows.set(name, (row = emptyRow(key, subject!)))
    return row
  }
  for (const { sum, ...part } of trafficParts(db, slice, cut)) addTraffic(rowOf(part), sum.state())
  for (const { sum, ...part } of qualityParts(db, slice, cut)) addQuality(rowOf(part), sum)
  return [...rows.values()].sort(
    (a, b) => compareText(a.device ?? '', b.device ?? '') || compareText(a.deployment, b.deployment) || a.firstAt - b.firstAt,
  )
}

function emptyRow({ device }: PartKey, { deployment, model, version }: CountedSubject): SummaryRow {
  return {
    ...{ device, deployment, model, version, requests: 0, rows: 0, errors: 0, errorsByCause: {} },
    ...{ requestsPerSecond: null, latencyMs: null, quality: null, firstAt: Number.MAX_SAFE_INTEGER, lastAt: 0 },
  }
}

function addTraffic(row: SummaryRow, { requests, rows, errors, causes, coveredMs, latency, firstAt, lastAt }: TrafficState): void {
  Object.assign(row, { requests, rows, errors, errorsByCause: causes })
  if (coveredMs > 0) row.requestsPerSecond = (requests * 1000) / coveredMs
  if (latency.count > 0) row.latencyMs = { p50: latency.quantile(0.5)!, p95: latency.quantile(0.95)!, p99: latency.quantile(0.99)! }
  span(row, firstAt, lastAt)
}

function addQuality(row: SummaryRow, { state, firstAt, lastAt }: QualitySum): void {
  const interval = wilsonInterval(state.right, state.classified)
  row.quality = {
    labelled: state.rows,
    accuracy: state.classified === 0 ? null : state.right / state.classified,
    accuracyLow: interval?.low ?? null,
    accuracyHigh: interval?.high ?? null,
    mae: regressionScores(state.regression).mae,
  }
  span(row, firstAt, lastAt)
}

function span(row: SummaryRow, firstAt: number, lastAt: number): void {
  row.firstAt = Math.min(row.firstAt, firstAt)
  row.lastAt = Math.max(row.lastAt, lastAt)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
