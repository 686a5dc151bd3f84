import type { JudgedMetric } from '../../../../shared/domain/rollout/judge.ts'
import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import type { GateEvidence } from '../../../../shared/rpc/contract/rollouts.ts'
import type { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import { addShadow } from '../../store/telemetry/shadow-totals.ts'
import type { Look } from './evidence-parts.ts'
import { mergedLabels, readLabels, type LabelCell } from './labels.ts'
import { runTimesOf } from './run-times.ts'
import { isTwoSided, mergedLatency, mergedSketches, type TrafficCell } from './traffic.ts'

type Comparison = Omit<ResultOf<'rollouts.comparison'>, 'isEnough' | 'advice'>
type Series = Comparison['series'][number]
type Latency = Comparison['latency']['candidate']

/** Pairs beyond these are in the counts alone. */
const MOST_PAIRS = 20

/** Both sides over time, with latency and the classes that differ. */
export function compareSides(look: Look, evidence: GateEvidence): Comparison {
  const series = [...trafficSeries(look), labelSeries(look)].filter(({ points }) => points.some(isKnown))
  return {
    evidence,
    series,
    latency: latencyOf(look),
    pairs: pairsOf(look),
  }
}

/** Times of a shadow's runs beside those of the active bundle; without a shadow, of answers at the same time. */
function latencyOf({ windows, shadows }: Look): Comparison['latency'] {
  if (shadows.length > 0) {
    const times = runTimesOf(shadows)
    return {
      candidate: quantiles(mergedSketches(times.map(({ shadow }) => shadow))),
      incumbent: quantiles(mergedSketches(times.map(({ active }) => active))),
    }
  }
  const both = windows.filter(isTwoSided)
  return {
    candidate: quantiles(mergedLatency(both.flatMap(({ candidate }) => candidate))),
    incumbent: quantiles(mergedLatency(both.flatMap(({ incumbent }) => incumbent))),
  }
}

function isKnown({ candidate, incumbent }: Series['points'][number]): boolean {
  return candidate !== null || incumbent !== null
}

/** Errors as shares, and the 95th percentile of latency, of every bucket that has any. */
function trafficSeries({ windows }: Look): Series[] {
  const buckets = Map.groupBy(windows, ({ at }) => at)
  const points = (read: (cells: TrafficCell[]) => number | null): Series['points'] =>
    [...buckets].map(([at, parts]) => ({
      at,
      candidate: read(parts.flatMap(({ candidate }) => candidate)),
      incumbent: read(parts.flatMap(({ incumbent }) => incumbent)),
    }))
  return [
    { metric: 'errors', unit: 'share', points: points(errorShare) },
    { metric: 'latency', unit: 'ms', points: points((cells) => mergedLatency(cells).quantile(0.95)) },
  ]
}

function errorShare(cells: readonly TrafficCell[]): number | null {
  const requests = cells.reduce((sum, cell) => sum + cell.requests, 0)
  return requests === 0 ? null : cells.reduce((sum, cell) => sum + cell.errors, 0) / requests
}

function labelSeries(look: Look): Series {
  const metric: JudgedMetric = 'accuracy'
  const buckets = Map.groupBy(readLabels(look).windows, ({ at }) => at)
  const of = (cells: LabelCell[]): number | null => {
    const state = mergedLabels(cells)
    if (state === null) return null
    if (state.regression.rows > 0) return state.regression.absolute / state.regression.rows
    return state.classified === 0 ? null : state.right / state.classified
  }
  const points = [...buckets].map(([at, parts]) => ({
    at,
    candidate: of(parts.flatMap(({ candidate }) => candidate)),
    incumbent: of(parts.flatMap(({ incumbent }) => incumbent)),
  }))
  const isRegression = [...buckets.values()].flat().some(({ candidate }) => candidate.some(({ state }) => state.regression.rows > 0))
  return { metric, unit: isRegression ? 'error' : 'share', points }
}

function quantiles(sketch: LatencySketch): Latency {
  return sketch.count === 0 ? null : { p50: sketch.quantile(0.5)!, p95: sketch.quantile(0.95)!, p99: sketch.quantile(0.99)! }
}

function pairsOf({ shadows }: Look): Comparison['pairs'] {
  if (shadows.length === 0) return []
  const { pairs } = shadows.map(({ sums }) => sums).reduce(addShadow)
  return pairs.slice(0, MOST_PAIRS).map(([incumbent, candidate, rows]) => ({ incumbent, candidate, rows }))
}
