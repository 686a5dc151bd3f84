import { wilsonInterval } from '../../../../shared/stats/proportion-interval.ts'
import { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import type { ReadDb } from '../open.ts'
import { addShadow, shadowColumns, sumsOf, type ShadowSums, type StoredShadow } from './shadow-totals.ts'

type Comparison = ResultOf<'telemetry.shadow'>['comparisons'][number]
type Sums = Comparison['sums']

/** Fewer compared rows than this say little: the interval of the agreement is wider than some percent. */
const ENOUGH_ROWS = 100
const MOST_COMPARISONS = 20
const MOST_DEVICES = 500
const MOST_PAIRS = 20

export interface ShadowQuestion {
  deployment: string
  /** null: all. */
  devices: ReadonlySet<string> | null
}

/** Comparisons of shadows with what was active, the one that was heard of last first. */
export function shadowComparisons(db: ReadDb, { deployment, devices }: ShadowQuestion): Comparison[] {
  const rows = db.prepare<[string], StoredShadow>(`SELECT ${shadowColumns} FROM shadow_total WHERE deployment = ?`)
  const groups = new Map<string, StoredShadow[]>()
  for (const row of rows.iterate(deployment)) {
    if (devices?.has(row.device) === false) continue
    const key = `${row.digest} ${row.against}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return [...groups.values()]
    .map(comparisonOf)
    .sort((a, b) => b.lastAt - a.lastAt)
    .slice(0, MOST_COMPARISONS)
}

function comparisonOf(rows: readonly StoredShadow[]): Comparison {
  const first = rows[0]!
  const each = rows.map((row) => ({ device: row.device, sums: sumsOf(row) }))
  const all = each.map(({ sums }) => sums).reduce(addShadow)
  const { difference } = all
  return {
    ...{ model: first.model, version: first.version, digest: first.digest },
    ...{ againstVersion: first.againstVersion, againstDigest: first.against },
    ...{ firstAt: all.firstAt, lastAt: all.lastAt, isEnough: all.compared >= ENOUGH_ROWS, enoughRows: ENOUGH_ROWS },
    sums: plainSums(all),
    pairs: all.pairs.slice(0, MOST_PAIRS).map(([active, shadow, count]) => ({ active, shadow, rows: count })),
    difference:
      difference === null || difference.count === 0
        ? null
        : { mean: difference.sum / difference.count, rms: Math.sqrt(difference.sumOfSquares / difference.count), max: difference.max },
    devices: each
      .map(({ device, sums }) => ({ device, lastAt: sums.lastAt, ...plainSums(sums) }))
      .sort((a, b) => (a.agreement ?? 2) - (b.agreement ?? 2) || (a.device < b.device ? -1 : 1))
      .slice(0, MOST_DEVICES),
    totalDevices: rows.length,
  }
}

function plainSums({ offered, skipped, failed, compared, agreed, notFinite, cpuMs, latency }: ShadowSums): Sums {
  const interval = wilsonInterval(agreed, compared)
  return {
    ...{ offered, skipped, failed, compared, agreed, notFinite, cpuMs },
    agreement: compared === 0 ? null : agreed / compared,
    agreementLow: interval?.low ?? null,
    agreementHigh: interval?.high ?? null,
    latencyMs: quantilesOf(latency),
  }
}

function quantilesOf(sketch: LatencySketch): Sums['latencyMs'] {
  return sketch.count === 0 ? null : { p50: sketch.quantile(0.5)!, p95: sketch.quantile(0.95)!, p99: sketch.quantile(0.99)! }
}
