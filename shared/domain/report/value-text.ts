import { amountText } from '../money.ts'
import type { ReportChart, ReportDocument, ReportFigure, ReportTable, ReportValue, ValueUnit } from './document.ts'

/** How values of a report are written. */
export interface ValueStyle {
  zone: string
  currency: string
}

/** The style that a report says. */
export function styleOf({ question, currency }: Pick<ReportDocument, 'question' | 'currency'>): ValueStyle {
  return { zone: question.zone, currency }
}

const units: Partial<Record<ValueUnit, string>> = { ms: ' ms', seconds: ' s' }
const byteSteps = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** A value for people; null is a dash, never a zero. */
export function valueText(value: ReportValue, unit: ValueUnit, style: ValueStyle): string {
  if (value === null) return '–'
  if (typeof value === 'string') return value
  if (unit === 'time') return timeInZone(value, style.zone)
  if (unit === 'share') return `${rounded(2).format(value * 100)} %`
  if (unit === 'bytes') return bytesText(value)
  if (unit === 'money') return `${amountText(value)} ${style.currency}`
  return `${numberText(value)}${units[unit] ?? ''}`
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** A value beside an axis, where there is room for some signs only. */
export function axisText(value: number, unit: ValueUnit, style: ValueStyle): string {
  const isPlain = unit === 'count' || unit === 'number' || unit === 'money'
  return isPlain && Math.abs(value) >= 10_000 ? compact.format(value) : valueText(value, unit, style)
}

/** A figure with its interval and what it rests on. */
export function figureText(figure: ReportFigure, style: ValueStyle): string {
  const { own, rest } = figureParts(figure, style)
  return rest === '' ? own : `${own} (${rest})`
}

/** The value of a figure, and apart from it the interval and what it rests on. */
export function figureParts({ value, unit, low, high, n }: ReportFigure, style: ValueStyle): { own: string; rest: string } {
  const own = valueText(value, unit, style)
  if (value === null) return { own, rest: '' }
  const interval = low === null || high === null ? '' : `${valueText(low, unit, style)} to ${valueText(high, unit, style)}`
  return { own, rest: [interval, n === null ? '' : `n = ${numberText(n)}`].filter((text) => text !== '').join(', ') }
}

/** Three digits that count, as a person compares them; whole numbers and thousands have none behind the point. */
function numberText(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return rounded(0).format(value)
  return significant.format(value)
}
const significant = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

/** Formatters are kept: making one costs more than a hundred numbers do, and a report of a large fleet has a hundred thousand. */
const byDigits = new Map<number, Intl.NumberFormat>()
const byZone = new Map<string, Intl.DateTimeFormat>()

function rounded(digits: number): Intl.NumberFormat {
  const format = byDigits.get(digits) ?? new Intl.NumberFormat('en', { maximumFractionDigits: digits })
  byDigits.set(digits, format)
  return format
}

/** The Swedish way of writing a time is that of ISO 8601. */
function timesIn(zone: string): Intl.DateTimeFormat {
  const format =
    byZone.get(zone) ??
    new Intl.DateTimeFormat('sv-SE', {
      ...{ timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit' },
    })
  byZone.set(zone, format)
  return format
}

function bytesText(bytes: number): string {
  let step = 0
  let left = bytes
  while (Math.abs(left) >= 1000 && step < byteSteps.length - 1) {
    left /= 1000
    step += 1
  }
  return `${step === 0 ? left : left.toFixed(1)} ${byteSteps[step]}`
}

/** A time as `2026-01-31 13:05` in a zone. */
export function timeInZone(at: number, zone: string): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return `${at} ms after 1970`
  return timesIn(zone).format(date)
}

/** The period of a question as words. */
export function periodText({ from, through, zone }: { from: number; through: number; zone: string }): string {
  return `${timeInZone(from, zone)} to ${timeInZone(through, zone)} (${zone})`
}

/** What clocks in a zone show at a moment, as if it were UTC: what a program that knows no zones takes a time for. */
export function wallTime(at: number, zone: string): number {
  const wall = Date.parse(`${timeInZone(at, zone).replace(' ', 'T')}Z`)
  return Number.isNaN(wall) ? at : wall
}

/** The style of a chart and of the values behind it: its days may be those of another zone than the report's. */
export function styleOfChart({ zone }: Pick<ReportChart, 'zone'>, style: ValueStyle): ValueStyle {
  return zone === undefined ? style : { ...style, zone }
}

/** What stands in place of a table without rows. */
export function emptyText({ isGone }: Pick<ReportTable, 'isGone'>): string {
  return isGone === true ? 'Not known any more.' : 'Nothing to list.'
}
