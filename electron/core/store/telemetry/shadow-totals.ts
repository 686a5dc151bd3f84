import type { ShadowBody, SketchState } from '../../../../shared/protocol/telemetry.ts'
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
  /** Run time of the shadow. */
  latency: LatencySketch
  /** Run time of the active bundle for the same requests; null: the agent does not tell it. */
  activeLatency: LatencySketch | null
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
  activeLatency: string | null
}

/** Columns of `shadow_total` as `StoredShadow` names them. */
export const shadowColumns = `device, deployment, digest, against, model, version, against_version AS againstVersion, first_at AS firstAt,
  last_at AS lastAt, offered, skipped, failed, compared, agreed, not_finite AS notFinite, cpu_ms AS cpuMs, pairs, difference, latency,
  active_latency AS activeLatency`

/** The sums of a stored row. */
export function sumsOf(row: StoredShadow): ShadowSums {
  const { firstAt, lastAt, offered, skipped, failed, compared, agreed, notFinite, cpuMs } = row
  return {
    ...{ firstAt, lastAt, offered, skipped, failed, compared, agreed, notFinite, cpuMs },
    latency: sketchOf(readSketch(row.latency)),
    activeLatency: row.activeLatency === null ? null : sketchOf(readSketch(row.activeLatency)),
    pairs: JSON.parse(row.pairs) as Pair[],
    difference: row.difference === null ? null : (JSON.parse(row.difference) as Difference),
  }
}

/** Both together. */
export function addShadow(a: ShadowSums, b: ShadowSums): ShadowSums {
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
    latency: sketchOf(a.latency.state(), b.latency.state()),
    activeLatency:
      a.activeLatency === null || b.activeLatency === null
        ? (a.activeLatency ?? b.activeLatency)
        : sketchOf(a.activeLatency.state(), b.activeLatency.state()),
  }
}

/** States of sketches as one sketch. */
function sketchOf(...states: readonly (SketchState | null)[]): LatencySketch {
  const sketch = LatencySketch.empty()
  for (const state of states) mergeSketch(sketch, state)
  return sketch
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
      first_at, last_at, offered, skipped, failed, compared, agreed, not_finite, cpu_ms, pairs, difference, latency, active_latency)
    VALUES (@deployment, @digest, @against, @device, @model, @version, @againstVersion,
      @firstAt, @lastAt, @offered, @skipped, @failed, @compared, @agreed, @notFinite, @cpuMs, @pairs, @difference, @latency, @activeLatency)`)
  return {
    add(device: string, body: ShadowBody): void {
      const { deployment, digest, against, model, version, againstVersion } = body
      const before = find.get(deployment, digest, against, device)
      const now = sumsOfBody(body)
      const { pairs, difference, latency, activeLatency, ...counts } = before === undefined ? now : addShadow(sumsOf(before), now)
      put.run({
        ...{ deployment, digest, against, device, model, version, againstVersion, ...counts },
        pairs: JSON.stringify(pairs),
        difference: difference === null ? null : JSON.stringify(difference),
        latency: JSON.stringify(latency.state()),
        activeLatency: activeLatency === null ? null : JSON.stringify(activeLatency.state()),
      })
    },
  }
}

/** What one record says, as sums of one. */
export function sumsOfBody(body: ShadowBody): ShadowSums {
  const { startedAt, endedAt, offered, skipped, failed, compared, agreed, notFinite, cpuMs, pairs, difference } = body
  return {
    ...{ firstAt: startedAt, lastAt: endedAt, offered, skipped, failed, compared, agreed, notFinite, cpuMs, pairs, difference },
    latency: sketchOf(body.latencyMs),
    activeLatency: body.activeLatencyMs === undefined ? null : sketchOf(body.activeLatencyMs),
  }
}
