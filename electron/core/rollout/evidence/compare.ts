import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import type { GateEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import { designEffect } from '../../../../shared/stats/canary/design-effect.ts'
import type { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import { addShadow } from '../../store/telemetry/shadow-totals.ts'
import { notKnown, rangedError, rangedQuantile, rangedShare, type Ranged } from './course-ranges.ts'
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

/** The value of both sides in every bucket, each with its interval. */
function pointsOf<Cell>(
  windows: readonly { at: number; candidate: Cell[]; incumbent: Cell[] }[],
  read: { candidate(cells: Cell[]): Ranged; incumbent(cells: Cell[]): Ranged },
): Series['points'] {
  return [...Map.groupBy(windows, ({ at }) => at)].map(([at, parts]) => {
    const candidate = read.candidate(parts.flatMap((one) => one.candidate))
    const incumbent = read.incumbent(parts.flatMap((one) => one.incumbent))
    return {
      ...{ at, candidate: candidate.value, incumbent: incumbent.value },
      ...{ candidateRange: candidate.range, incumbentRange: incumbent.range },
    }
  })
}

/** Errors as shares, and the 95th percentile of latency, of every bucket that has any. */
function trafficSeries({ windows }: Look): Series[] {
  const p95 = (cells: TrafficCell[]): Ranged => rangedQuantile(mergedLatency(cells), 0.95)
  return [
    {
      ...{ metric: 'errors', unit: 'share' },
      points: pointsOf(windows, {
        candidate: errorShare(windows.flatMap(({ candidate }) => candidate)),
        incumbent: errorShare(windows.flatMap(({ incumbent }) => incumbent)),
      }),
    },
    { metric: 'latency', unit: 'ms', points: pointsOf(windows, { candidate: p95, incumbent: p95 }) },
  ]
}

/** Errors that come in clusters say less than so many single ones: as in the verdict, by the design effect of all windows of a side. */
function errorShare(all: readonly TrafficCell[]): (cells: TrafficCell[]) => Ranged {
  const effect = designEffect(all.map(({ device, requests, errors }) => ({ device, trials: requests, events: errors })))
  return (cells) =>
    rangedShare(
      cells.reduce((sum, cell) => sum + cell.errors, 0),
      cells.reduce((sum, cell) => sum + cell.requests, 0),
      effect,
    )
}

function labelSeries(look: Look): Series {
  const { windows } = readLabels(look)
  const isRegression = windows.some(({ candidate }) => candidate.some(({ state }) => state.regression.rows > 0))
  const points = pointsOf(windows, { candidate: accuracyOf, incumbent: accuracyOf })
  return { metric: 'accuracy', unit: isRegression ? 'error' : 'share', points }
}

function accuracyOf(cells: LabelCell[]): Ranged {
  const state = mergedLabels(cells)
  if (state === null) return notKnown
  return state.regression.rows > 0 ? rangedError(state.regression) : rangedShare(state.right, state.classified)
}

function quantiles(sketch: LatencySketch): Latency {
  return sketch.count === 0 ? null : { p50: sketch.quantile(0.5)!, p95: sketch.quantile(0.95)!, p99: sketch.quantile(0.99)! }
}

function pairsOf({ shadows }: Look): Comparison['pairs'] {
  if (shadows.length === 0) return []
  const { pairs } = shadows.map(({ sums }) => sums).reduce(addShadow)
  return pairs.slice(0, MOST_PAIRS).map(([incumbent, candidate, rows]) => ({ incumbent, candidate, rows }))
}
