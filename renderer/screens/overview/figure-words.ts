import { formatDuration, formatNumber, formatPercent } from '../../components/format.ts'

/** What the words of a figure are made from. */
export interface FigureFacts {
  value: number | null
  before: number | null
  beforeMs: number
}

/** An amount changes by a part of itself; a proportion, which is a percentage already, by percentage points. */
export type FigureKind = 'amount' | 'proportion'

/** Less than this part of an amount, or these percentage points, is no change that a person could see. */
const LEAST = { amount: 0.005, proportion: 0.0005 } as const

/** The change of a figure against the time before, in words: "4 % lower than the hour before". */
export function changeInWords({ value, before, beforeMs }: FigureFacts, kind: FigureKind): string {
  const time = timeBefore(beforeMs)
  if (value === null) return before === null ? `nothing ${time} either` : 'nothing now'
  if (before === null) return `nothing ${time}`
  const change = value - before
  if (kind === 'proportion') {
    if (Math.abs(change) < LEAST.proportion) return `same as ${time}`
    return `${pointsOf(Math.abs(change))} ${change > 0 ? 'higher' : 'lower'} than ${time}`
  }
  if (change === 0 || (before !== 0 && Math.abs(change / before) < LEAST.amount)) return `same as ${time}`
  if (before === 0) return `none ${time}`
  const ratio = value / before
  if (ratio >= 3) return `${formatNumber(ratio, 2)} times as much as ${time}`
  return `${partOf(Math.abs(change / before))} ${change > 0 ? 'higher' : 'lower'} than ${time}`
}

function partOf(share: number): string {
  return formatPercent(share, share < 0.1 ? 1 : 0)
}

function pointsOf(share: number): string {
  const points = share * 100
  return `${points < 0.1 ? points.toFixed(2) : points.toFixed(1)} percentage points`
}

/** The time that a figure is compared with. */
export function timeBefore(ms: number): string {
  if (ms === 3_600_000) return 'the hour before'
  if (ms === 86_400_000) return 'the day before'
  return `the ${formatDuration(ms)} before`
}
