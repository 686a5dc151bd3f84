import { scaleLinear } from 'd3-scale'
import { plotOf, type Plot, type Tick } from './scale.ts'

/** Counts of one bin on both sides; open ends are null. */
export interface OverlayBin {
  label: string
  from: number | null
  to: number | null
  reference: number
  current: number
}

/** Lowest and highest value on both sides, as far as they are known: they close the outer bins. */
export interface OverlaySpan {
  low: number | null
  high: number | null
}

type Side = 'reference' | 'current'

/** A bin as it is read: where it lies, and its exact shares; null: nothing was counted on that side. */
export interface OverlayBar {
  x: number
  width: number
  label: string
  reference: number | null
  current: number | null
}

export interface OverlayScene {
  plot: Plot
  bars: OverlayBar[]
  /** Outlines of both sides, closed at the base. */
  reference: string
  current: string
  ticks: Tick[]
  base: number
  hasReference: boolean
  hasCurrent: boolean
}

const margin = { left: 8, right: 8, top: 6, bottom: 20 } as const
/** An outer bin that one wild value stretches would press everything else against the edge: it is drawn no wider than this part of the inner ones. */
const MOST_OUTER = 0.6
/** Columns of the outlines. */
const COLUMNS = 28

/**
 * Lays out two distributions of a number over each other on the axis of its values. Bins of the reference hold about equally many rows, so that a
 * narrow one would stand out like a spike: for the outlines each bin is spread over columns of equal width. What is read at a place is exact.
 */
export function overlayScene(
  bins: readonly OverlayBin[],
  { width, height, span, format }: { width: number; height: number; span: OverlaySpan; format(value: number): string },
): OverlayScene {
  const plot = plotOf(width, height, margin)
  const edges = closed(bins, span)
  const first = edges[0]?.from ?? 0
  const last = Math.max(edges.at(-1)?.to ?? 1, first + Number.MIN_VALUE)
  const x = scaleLinear([first, last], [plot.left, plot.left + plot.width])
  const columns = { reference: spread(bins, edges, 'reference'), current: spread(bins, edges, 'current') }
  const most = Math.max(...columns.reference, ...columns.current, Number.MIN_VALUE)
  const base = plot.top + plot.height
  const y = (share: number): number => base - (share / most) * plot.height
  const totals = { reference: sum(bins, 'reference'), current: sum(bins, 'current') }
  const shareOf = (bin: OverlayBin, side: Side): number | null => (totals[side] === 0 ? null : bin[side] / totals[side])
  const bars = bins.map((bin, i) => {
    const left = x(edges[i]!.from)
    const wide = Math.max(1, x(edges[i]!.to) - left)
    return { x: left, width: wide, label: bin.label, reference: shareOf(bin, 'reference'), current: shareOf(bin, 'current') }
  })
  const line = (side: Side): string => (totals[side] === 0 ? '' : outline(columns[side].map(y), plot, base))
  return {
    ...{ plot, bars, base, hasReference: totals.reference > 0, hasCurrent: totals.current > 0 },
    ...{ reference: line('reference'), current: line('current') },
    ticks:
      bins.length === 0 ? [] : x.ticks(Math.max(2, Math.floor(plot.width / 80))).map((value) => ({ at: x(value), label: format(value) })),
  }
}

/** Shares by columns of equal width: each bin is spread evenly over what it covers. */
function spread(bins: readonly OverlayBin[], edges: readonly { from: number; to: number }[], side: Side): number[] {
  const columns = Array.from({ length: COLUMNS }, () => 0)
  const total = sum(bins, side)
  const [first, last] = [edges[0]?.from ?? 0, edges.at(-1)?.to ?? 0]
  const width = (last - first) / COLUMNS
  if (total === 0) return columns
  const columnAt = (value: number): number => (width > 0 ? Math.max(0, Math.min(COLUMNS - 1, Math.floor((value - first) / width))) : 0)
  for (const [i, bin] of bins.entries()) {
    const { from, to } = edges[i]!
    const [left, right] = [columnAt(from), columnAt(to)]
    if (left === right || to <= from) columns[right]! += bin[side] / total
    else
      for (let column = left; column <= right; column += 1) {
        const covered = Math.min(to, first + (column + 1) * width) - Math.max(from, first + column * width)
        columns[column]! += ((bin[side] / total) * Math.max(0, covered)) / (to - from)
      }
  }
  return columns
}

/** One category on both sides. */
export interface CategoryPair {
  label: string
  reference: number | null
  current: number | null
}

/**
 * Shares of categories, those that changed most first; beyond `most` they are one row.
 * @param most rows that there is room for
 */
export function categoryPairs(bins: readonly OverlayBin[], most: number): CategoryPair[] {
  const totals = { reference: sum(bins, 'reference'), current: sum(bins, 'current') }
  const share = (count: number, total: number): number | null => (total === 0 ? null : count / total)
  const counted = bins.filter(({ reference, current }) => reference > 0 || current > 0)
  const pairs = (counted.length === 0 ? bins : counted)
    .map(({ label, reference, current }) => ({
      label,
      reference: share(reference, totals.reference),
      current: share(current, totals.current),
    }))
    .sort((a, b) => change(b) - change(a))
  if (pairs.length <= most) return pairs
  const rest = pairs.slice(most - 1)
  const added = (side: Side): number | null => (totals[side] === 0 ? null : rest.reduce((total, pair) => total + (pair[side] ?? 0), 0))
  return [...pairs.slice(0, most - 1), { label: `${rest.length} others`, reference: added('reference'), current: added('current') }]
}

function change({ reference, current }: CategoryPair): number {
  return Math.abs((current ?? 0) - (reference ?? 0))
}

function sum(bins: readonly OverlayBin[], side: Side): number {
  return bins.reduce((total, bin) => total + bin[side], 0)
}

/** Bins with ends: the outer ones end at the lowest and highest value, but are not stretched far beyond the inner ones. */
function closed(bins: readonly OverlayBin[], { low, high }: OverlaySpan): { from: number; to: number }[] {
  const inner = bins.flatMap(({ from, to }) => [from, to].filter((edge): edge is number => edge !== null))
  const [least, greatest] = inner.length === 0 ? [low ?? 0, high ?? 1] : [Math.min(...inner), Math.max(...inner)]
  const room = greatest > least ? (greatest - least) * MOST_OUTER : Math.max(Math.abs(least) * 0.1, 0.5)
  const start = Math.max(Math.min(low ?? least - room / 4, least), least - room)
  const end = Math.min(Math.max(high ?? greatest + room / 4, greatest), greatest + room)
  return bins.map(({ from, to }) => ({ from: from ?? start, to: to ?? end }))
}

function outline(tops: readonly number[], { left, width }: Plot, base: number): string {
  const px = (value: number): string => String(Math.round(value * 100) / 100)
  const step = width / tops.length
  return `M${px(left)} ${px(base)}${tops.map((top, i) => `V${px(top)}H${px(left + (i + 1) * step)}`).join('')}V${px(base)}Z`
}
