import { lastPeriod, beginOfDay } from '../../../shared/domain/report/schedule.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Most of what devices send has come by then: the console takes back an end that nobody names by as much. */
const ARRIVED_AFTER_MS = 900_000

/** The zone of this machine. */
export const zoneHere = Intl.DateTimeFormat().resolvedOptions().timeZone

/** Zones that can be chosen: this one and UTC first. */
export function zoneNames(chosen: string): string[] {
  return [...new Set([zoneHere, 'UTC', chosen, ...Intl.supportedValuesOf('timeZone')])]
}

/** A period as people say it: whole days by their first and last, anything else with its times; a year that both share is said once. */
export function periodWords({ from, through, zone }: { from: number; through: number; zone: string }): string {
  const isWhole = isMidnight(from, zone) && isMidnight(through, zone) && through > from
  const last = isWhole ? through - 1 : through
  const written = (at: number, hasYear: boolean): string => momentText(at, { zone, hasYear, hasTime: !isWhole })
  if (isWhole && written(from, true) === written(last, true)) return written(from, true)
  return `${written(from, yearOf(from, zone) !== yearOf(last, zone))} to ${written(last, true)}`
}

function isMidnight(at: number, zone: string): boolean {
  return new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hour12: false }).format(at) === '00:00'
}

function yearOf(at: number, zone: string): string {
  return new Date(at).toLocaleDateString('sv-SE', { timeZone: zone }).slice(0, 4)
}

function momentText(at: number, { zone, hasYear, hasTime }: { zone: string; hasYear: boolean; hasTime: boolean }): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, day: '2-digit', month: 'short' },
    ...(hasYear ? { year: 'numeric' } : {}),
    ...(hasTime ? { hour: '2-digit', minute: '2-digit' } : {}),
  })
  return format.format(at).replace(',', '')
}

/** Periods that are offered. */
export const periodChoices = {
  yesterday: 'Yesterday',
  'last-week': 'Last week',
  'last-month': 'Last month',
  '7d': '7 days',
  '30d': '30 days',
  '90d': '90 days',
  days: 'Between days',
} as const
export type PeriodChoice = keyof typeof periodChoices
export const periodNames = Object.keys(periodChoices) as PeriodChoice[]

/** Each in a few words. */
export const periodHints: Record<PeriodChoice, string> = {
  yesterday: 'the last whole day',
  'last-week': 'the last whole week, from Monday',
  'last-month': 'the last whole month',
  '7d': 'up to the last whole hour',
  '30d': 'up to the last whole hour',
  '90d': 'up to the last whole hour',
  days: 'both days are in it',
}

/** What a period is chosen by. Days are written as 2026-01-31 and both count. */
export interface PeriodDraft {
  choice: PeriodChoice
  first: string
  last: string
}

/** The period of a choice; null: the days are missing, or the wrong way round. */
export function spanOf({ choice, first, last }: PeriodDraft, zone: string, now: number): { from: number; through: number } | null {
  if (choice === 'yesterday') return lastPeriod({ every: 'daily', zone }, now)
  if (choice === 'last-week') return lastPeriod({ every: 'weekly', zone }, now)
  if (choice === 'last-month') return lastPeriod({ every: 'monthly', zone }, now)
  const through = Math.floor((now - ARRIVED_AFTER_MS) / HOUR_MS) * HOUR_MS
  if (choice !== 'days') return { from: through - Number(choice.replace('d', '')) * DAY_MS, through }
  if (!/^\d{4}-\d{2}-\d{2}$/.test(first) || !/^\d{4}-\d{2}-\d{2}$/.test(last) || last < first) return null
  const span = { from: beginOfDay(first, zone), through: Math.min(through, beginOfDay(last, zone, 1)) }
  return span.through <= span.from ? null : span
}

/** The choice that is as long as so many days; else days that end yesterday. */
export function draftOfDays(days: number, zone: string, now: number): PeriodDraft {
  const plain = periodNames.find((name) => name === `${days}d`)
  if (plain !== undefined) return { choice: plain, first: '', last: '' }
  if (days === 1) return { choice: 'yesterday', first: '', last: '' }
  return { choice: 'days', first: isoDay(now - days * DAY_MS, zone), last: isoDay(now - DAY_MS, zone) }
}

/** The days of a period that was asked for before. */
export function draftOfSpan({ from, through, zone }: { from: number; through: number; zone: string }): PeriodDraft {
  return { choice: 'days', first: isoDay(from, zone), last: isoDay(through - 1, zone) }
}

function isoDay(at: number, zone: string): string {
  return new Date(at).toLocaleDateString('sv-SE', { timeZone: zone })
}
