import type { FeatureBaseline } from '../stats/reference-bins.ts'

/** A bar of a histogram in px, and what it stands for. */
export interface HistogramBar {
  x: number
  y: number
  width: number
  height: number
  label: string
  /** Share of the rows; of equal-width bins it is an estimate. */
  share: number
}

export interface HistogramScene {
  width: number
  height: number
  bars: HistogramBar[]
}

/** Names that a histogram of categories has room for; the rest is one bar. */
const MOST_CATEGORIES = 20

/**
 * Lays out the training distribution of one feature as small bars. Bins of a numeric baseline hold equally many rows, so they are spread
 * over bins of equal width first: otherwise every distribution would look flat.
 */
export function histogramScene(
  feature: FeatureBaseline,
  { width, height, bins = 24, format }: { width: number; height: number; bins?: number; format(value: number): string },
): HistogramScene {
  const parts = feature.kind === 'numeric' ? equalWidths(feature, bins, format) : categories(feature)
  const total = parts.reduce((sum, { count }) => sum + count, 0)
  const most = Math.max(0, ...parts.map(({ count }) => count))
  if (total === 0 || most === 0) return { width, height, bars: [] }
  const step = width / parts.length
  const gap = step >= 4 ? 1 : 0
  return {
    width,
    height,
    bars: parts.map(({ label, count }, i) => {
      // A bin that holds anything is seen.
      const tall = count === 0 ? 0 : Math.max(1, (count / most) * height)
      return { x: i * step, y: height - tall, width: Math.max(0.5, step - gap), height: tall, label, share: count / total }
    }),
  }
}

interface Part {
  label: string
  count: number
}

type Numeric = Extract<FeatureBaseline, { kind: 'numeric' }>

/** Counts of bins of equal width: each bin of the baseline is spread evenly over what it covers. */
function equalWidths(feature: Numeric, bins: number, format: (value: number) => string): Part[] {
  const { min, max, edges, counts } = feature
  const span = max - min
  // The span of the whole range of doubles is infinite; halves are not.
  if (!(span > 0) || !Number.isFinite(span)) return [{ label: format(min), count: counts.reduce((sum, count) => sum + count, 0) }]
  const width = span / bins
  const heights = Array.from({ length: bins }, () => 0)
  const binAt = (value: number): number => Math.max(0, Math.min(bins - 1, Math.floor((value - min) / width)))
  for (const [i, count] of counts.entries()) {
    const low = Math.max(min, edges[i - 1] ?? min)
    const high = Math.min(max, edges[i] ?? max)
    const [first, last] = [binAt(low), binAt(high)]
    if (first === last || high <= low) {
      heights[last]! += count
      continue
    }
    for (let bin = first; bin <= last; bin += 1) {
      const covered = Math.min(high, min + (bin + 1) * width) - Math.max(low, min + bin * width)
      heights[bin]! += (count * Math.max(0, covered)) / (high - low)
    }
  }
  return heights.map((count, bin) => ({ label: `${format(min + bin * width)} to ${format(min + (bin + 1) * width)}`, count }))
}

type Categorical = Extract<FeatureBaseline, { kind: 'categorical' }>

/** Categories; numbers in their order, texts by how often they occur. */
function categories({ categories: known, other }: Categorical): Part[] {
  const shown = known.slice(0, MOST_CATEGORIES)
  const areNumbers = shown.every(([name]) => Number.isFinite(Number(name)))
  const parts = shown.map(([label, count]) => ({ label, count }))
  if (areNumbers) parts.sort((a, b) => Number(a.label) - Number(b.label))
  const rest = other + known.slice(MOST_CATEGORIES).reduce((sum, [, count]) => sum + count, 0)
  return rest === 0 ? parts : [...parts, { label: 'others', count: rest }]
}
