import type { ShadowBody } from '../../../../shared/protocol/telemetry.ts'
import { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import type { WriteDb } from '../open.ts'
import { addCounts, mergeSketch, readSketch } from './minute-sums.ts'

/** Classes that differ: [active, shadow, rows]. */
export type Pair = [string, string, number]
export type Difference = NonNullable<ShadowBody['difference']>

/** What a shadow and the active bundle have in common on one device, or on several together. */
export interface ShadowSums {
  firstAt: number
  lastAt: number
  offered: number
  skipped: number
  failed: number
  compared: number
  agreed: number
  notFinite: number
  cpuMs: number
  pairs: Pair[]
  difference: Difference | null
  latency: LatencySketch
}

/** The most frequent pairs that a sum keeps; rarer ones are in the counts alone. */
const MAX_PAIRS = 128

/** A row of `shadow_total`. */
export interface StoredShadow {
  device: string
  deployment: string
  digest: string
  against: string
  model: string
  version: string
  againstVersion: string
  firstAt: number
  lastAt: number
  offered: number
  skipped: number
  failed: number
  compared: number
  agreed: number
  notFinite: number
  cpuMs: number
  pairs: string
  difference: string | null
  latency: string
}

/** Columns of `shadow_total` as `StoredShadow` names them. */
export const shadowColumns = `device, deployment, digest, against, model, version, against_version AS againstVersion, first_at AS firstAt,
  last_at AS lastAt, offered, skipped, failed, compared, agreed, not_finite AS notFinite, cpu_ms AS cpuMs, pairs, difference, latency`

/** The sums of a stored row. */
export function sumsOf(row: StoredShadow): ShadowSums {
  const { firstAt, lastAt, offered, skipped, failed, compared, agreed, notFinite, cpuMs } = row
  const latency = LatencySketch.empty()
  mergeSketch(latency, readSketch(row.latency))
  return {
    ...{ firstAt, lastAt, offered, skipped, failed, compared, agreed, notFinite, cpuMs, latency },
    pairs: JSON.parse(row.pairs) as Pair[],
    difference: row.difference === null ? null : (JSON.parse(row.difference) as Difference),
  }
}

/** Both together. */
export function addShadow(a: ShadowSums, b: ShadowSums): ShadowSums {
  const latency = LatencySketch.empty()
  mergeSketch(latency, a.latency.state())
  mergeSketch(latency, b.latency.state())
  return {
    firstAt: Math.min(a.firstAt, b.firstAt),
    lastAt: Math.max(a.lastAt, b.lastAt),
    offered: addCounts(a.offered, b.offered),
    skipped: addCounts(a.skipped, b.skipped),
    failed: addCounts(a.failed, b.failed),
    compared: addCounts(a.compared, b.compared),
    agreed: addCounts(a.agreed, b.agreed),
    notFinite: addCounts(a.notFinite, b.notFinite),
    cpuMs: a.cpuMs + b.cpuMs,
    pairs: addPairs(a.pairs, b.pairs),
    difference: addDifference(a.difference, b.difference),
    latency,
  }
}

function addPairs(a: readonly Pair[], b: readonly Pair[]): Pair[] {
  const sums = new Map<string, Pair>()
  for (const [active, shadow, rows] of [...a, ...b]) {
    const key = JSON.stringify([active, shadow])
    sums.set(key, [active, shadow, addCounts(sums.get(key)?.[2] ?? 0, rows)])
  }
  return [...sums.values()].sort(([, , x], [, , y]) => y - x).slice(0, MAX_PAIRS)
}

function addDifference(a: Difference | null, b: Difference | null): Difference | null {
  if (a === null || b === null) return a ?? b
  return {
    count: addCounts(a.count, b.count),
    sum: a.sum + b.sum,
    sumOfSquares: a.sumOfSquares + b.sumOfSquares,
    max: Math.max(a.max, b.max),
  }
}

/** The sums of comparisons per device and pair of bundles. Call `add` in the transaction that stores the record. */
export function openShadowTotals(db: WriteDb) {
  const find = db.prepare<[string, string, string, string], StoredShadow>(
    `SELECT ${shadowColumns} FROM shadow_total WHERE deployment = ? AND digest = ? AND against = ? AND device = ?`,
  )
  const put = db.prepare(`INSERT OR REPLACE INTO shadow_total (deployment, digest, against, device, model, version, against_version,
      first_at, last_at, offered, skipped, failed, compared, agreed, not_finite, cpu_ms, pairs, difference, latency)
    VALUES (@deployment, @digest, @against, @device, @model, @version, @againstVersion,
      @firstAt, @lastAt, @offered, @skipped, @failed, @compared, @agreed, @notFinite, @cpuMs, @pairs, @difference, @latency)`)
  return {
    add(device: string, body: ShadowBody): void {
      const { deployment, digest, against, model, version, againstVersion } = body
      const before = find.get(deployment, digest, against, device)
      const now = sumsOfBody(body)
      const { pairs, difference, latency, ...counts } = before === undefined ? now : addShadow(sumsOf(before), now)
      put.run({
        ...{ deployment, digest, against, device, model, version, againstVersion, ...counts },
        pairs: JSON.stringify(pairs),
        difference: difference === null ? null : JSON.stringify(difference),
        latency: JSON.stringify(latency.state()),
      })
    },
  }
}

function sumsOfBody(body: ShadowBody): ShadowSums {
  const { startedAt, endedAt, offered, skipped, failed, compared, agreed, notFinite, cpuMs, pairs, difference, latencyMs } = body
  const latency = LatencySketch.empty()
  mergeSketch(latency, latencyMs)
  return { firstAt: startedAt, lastAt: endedAt, offered, skipped, failed, compared, agreed, notFinite, cpuMs, pairs, difference, latency }
}
