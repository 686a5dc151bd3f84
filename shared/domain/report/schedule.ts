import { z } from 'zod'
import { reportFormats, zoneName } from './kinds.ts'

export const reportRhythms = ['daily', 'weekly', 'monthly'] as const
export type ReportRhythm = (typeof reportRhythms)[number]

/** When a report is made by itself, as what, and how long it is kept. */
export const reportPlan = z.strictObject({
  every: z.enum(reportRhythms).describe('The day, the week from Monday, or the month that has just ended.'),
  at: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 06:00')
    .default('06:00')
    .describe('Time of the day in the zone.'),
  zone: zoneName,
  formats: z.array(z.enum(reportFormats)).max(reportFormats.length).default(['html']),
  keepCount: z.int().min(1).max(10_000).default(30).describe('So many of this schedule are kept, the newest.'),
  keepDays: z.int().min(1).max(36_500).nullable().default(null).describe('Older ones go; null: their number alone decides.'),
})
export type ReportPlan = z.infer<typeof reportPlan>

const DAY_MS = 86_400_000

/** A day of the calendar; month from 1. */
interface Day {
  year: number
  month: number
  day: number
}

/** The day and time of day of a moment in a zone. */
function localOf(at: number, zone: string): Day & { minutes: number } {
  const text = new Date(at).toLocaleString('sv-SE', { timeZone: zone })
  const [, year, month, day, hours, minutes] = /^(\d+)-(\d+)-(\d+) (\d+):(\d+)/.exec(text) ?? []
  return { year: Number(year), month: Number(month), day: Number(day), minutes: Number(hours) * 60 + Number(minutes) }
}

/** The moment of a time of day in a zone; one that the change of clocks leaves out is so much later, and never on the day before. */
function momentOf({ year, month, day }: Day, minutes: number, zone: string): number {
  const wanted = Date.UTC(year, month - 1, day, 0, minutes)
  // The offset of the zone is known at a moment only: two steps come to the right one on either side of a change.
  let at = wanted
  for (let step = 0; step < 2; step += 1) at += wanted - wallOf(at, zone)
  // West of UTC the steps end before a change that leaves the time out: midnight would be eleven in the evening.
  return at + Math.max(0, wanted - wallOf(at, zone))
}

/** What clocks in a zone show at a moment, as if it were UTC. */
function wallOf(at: number, zone: string): number {
  const { year, month, day, minutes } = localOf(at, zone)
  return Date.UTC(year, month - 1, day, 0, minutes)
}

/** The moment at which a day such as `2026-01-31` begins in a zone. @param later so many days after it */
export function beginOfDay(day: string, zone: string, later = 0): number {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number)
  return momentOf(dayAfter({ year, month, day: date }, later), 0, zone)
}

/** A day of the calendar so many days on. */
function dayAfter({ year, month, day }: Day, days: number): Day {
  const date = new Date(Date.UTC(year, month - 1, day) + days * DAY_MS)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

/** The first day of the period that a moment lies in. */
function firstDayOf(at: number, every: ReportRhythm, zone: string): Day {
  const { year, month, day } = localOf(at, zone)
  if (every === 'monthly') return { year, month, day: 1 }
  const weekday = (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7
  return every === 'weekly' ? dayAfter({ year, month, day }, -weekday) : { year, month, day }
}

/** The last whole period that had ended at a moment, in the zone of the plan: it begins and ends at midnight. */
export function lastPeriod({ every, zone }: Pick<ReportPlan, 'every' | 'zone'>, at: number): { from: number; through: number } {
  const first = firstDayOf(at, every, zone)
  const through = momentOf(first, 0, zone)
  const before = every === 'monthly' ? firstDayOf(through - 1, every, zone) : dayAfter(first, every === 'weekly' ? -7 : -1)
  return { from: momentOf(before, 0, zone), through }
}

/**
 * The period that is due: the last one that has ended and was not reported, once its time of day has come; null: none. Of a console that slept
 * over several, the last alone is due.
 * @param doneThrough end of the last period that was reported
 */
export function duePeriod(plan: ReportPlan, doneThrough: number, now: number): { from: number; through: number } | null {
  const period = lastPeriod(plan, now)
  if (period.through <= doneThrough || now < readyAt(plan, period.through)) return null
  return period
}

/** When the next report is made. @param doneThrough end of the last period that was reported */
export function nextReportAt(plan: ReportPlan, doneThrough: number, now: number): number {
  const { through } = lastPeriod(plan, now)
  if (through > doneThrough) return readyAt(plan, through)
  const { year, month, day } = localOf(through, plan.zone)
  const next =
    plan.every === 'monthly'
      ? { year: month === 12 ? year + 1 : year, month: (month % 12) + 1, day: 1 }
      : dayAfter({ year, month, day }, plan.every === 'weekly' ? 7 : 1)
  return readyAt(plan, momentOf(next, 0, plan.zone))
}

function readyAt({ at, zone }: ReportPlan, through: number): number {
  const [hours = 0, minutes = 0] = at.split(':').map(Number)
  return momentOf(localOf(through, zone), hours * 60 + minutes, zone)
}

/** Which reports of a schedule may go: beyond the number, and older than the days; the newest always stays. */
export function spareReports(
  newestFirst: readonly { id: number; madeAt: number }[],
  keep: Pick<ReportPlan, 'keepCount' | 'keepDays'>,
  now: number,
): number[] {
  const { keepCount, keepDays } = keep
  const oldest = keepDays === null ? Number.NEGATIVE_INFINITY : now - keepDays * DAY_MS
  return newestFirst.filter(({ madeAt }, i) => i > 0 && (i >= keepCount || madeAt < oldest)).map(({ id }) => id)
}
