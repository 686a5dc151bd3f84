import { scaleLinear } from 'd3-scale'
import { plotOf, type Plot, type Tick } from './scale.ts'

/** Rows whose confidence lies in one interval: how sure they were, and how often they were right. */
export interface ReliabilityBin {
  from: number
  to: number
  rows: number
  confidence: number | null
  share: number | null
  interval: { low: number; high: number } | null
}

export interface ReliabilityScene {
  plot: Plot
  diagonal: { x1: number; y1: number; x2: number; y2: number }
  /** Bins with rows: a point, larger the more rows it has, with its interval. */
  points: { index: number; x: number; y: number; radius: number; low: number; high: number }[]
  /** From each point to what it should be. */
  line: string
  ticks: { x: Tick[]; y: Tick[] }
}

const margin = { left: 42, right: 10, top: 8, bottom: 34 } as const
const RADIUS = { least: 2.5, most: 6 } as const

/** Lays out how often a model is right against how sure it is. On the diagonal both are the same. */
export function reliabilityScene(
  bins: readonly ReliabilityBin[],
  { width, height, format }: { width: number; height: number; format(share: number): string },
): ReliabilityScene {
  const plot = plotOf(width, height, margin)
  const seen = bins.flatMap((bin, index) =>
    bin.rows > 0 && bin.share !== null ? [{ bin, index, share: bin.share, sure: bin.confidence ?? (bin.from + bin.to) / 2 }] : [],
  )
  // Confidence of k classes never falls below 1/k: the axis begins where there is something to see.
  const lowest = Math.min(0.9, ...seen.flatMap(({ sure, share, bin }) => [sure, share, bin.interval?.low ?? share]))
  const start = Math.max(0, Math.floor(lowest * 5) / 5)
  const x = scaleLinear([start, 1], [plot.left, plot.left + plot.width])
  const y = scaleLinear([start, 1], [plot.top + plot.height, plot.top])
  const most = Math.max(1, ...seen.map(({ bin }) => bin.rows))
  const points = seen.map(({ bin, index, share, sure }) => ({
    ...{ index, x: x(sure), y: y(share) },
    radius: RADIUS.least + (RADIUS.most - RADIUS.least) * Math.sqrt(bin.rows / most),
    low: y(bin.interval?.low ?? share),
    high: y(bin.interval?.high ?? share),
  }))
  const tick = (scale: typeof x) => scale.ticks(5).map((value) => ({ at: scale(value), label: format(value) }))
  return {
    ...{ plot, points },
    diagonal: { x1: x(start), y1: y(start), x2: x(1), y2: y(1) },
    line: points.map((point, i) => `${i === 0 ? 'M' : 'L'}${point.x.toFixed(2)} ${point.y.toFixed(2)}`).join(''),
    ticks: { x: tick(x), y: tick(y) },
  }
}
