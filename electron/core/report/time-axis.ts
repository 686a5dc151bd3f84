import type { ReportQuestion } from '../../../shared/domain/report/kinds.ts'
import { beginOfDay } from '../../../shared/domain/report/schedule.ts'
import { timeInZone } from '../../../shared/domain/report/value-text.ts'

const MINUTES_MS = 300_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** More intervals than this say nothing more. */
const MOST_DAYS = 200
const MOST_WEEKS = 200

/** The intervals of the charts of a report. */
export interface TimeAxis {
  /** Their length; a day in which clocks change is an hour longer or shorter. */
  bucketMs: number
  /** Length of the sums that they are added up from. */
  readMs: number
  /** Begin of each. */
  times: number[]
  /** The zone whose days they are, where it is not that of the report. */
  zone: string | undefined
  /** The interval that a time lies in. */
  of(at: number): number
  /** True if the whole interval lies in the period: parts of one are not compared with others. */
  isWhole(time: number): boolean
}

/**
 * Lays out the charts of a period. Days are those of the zone of the report where hours can be added up to them, else those of UTC.
 * @param finestMs the finest sums that are left of the begin of the period
 * @param hasHours hours are read fast enough: of the whole fleet, or of some devices
 */
export function timeAxis(
  { from, through, zone }: ReportQuestion,
  { finestMs, hasHours }: { finestMs: number; hasHours: boolean },
): TimeAxis {
  const span = through - from
  const wanted = span <= 4 * HOUR_MS ? MINUTES_MS : span <= 3 * DAY_MS ? HOUR_MS : span <= MOST_DAYS * DAY_MS ? DAY_MS : weeksOf(span)
  const bucketMs = Math.max(wanted, finestMs)
  if (bucketMs === DAY_MS && hasHours && finestMs < DAY_MS) {
    const begins = daysOfZone({ from, through, zone })
    if (begins !== null) return axisOf({ from, through }, begins, { bucketMs, readMs: HOUR_MS, zone: undefined })
  }
  const first = Math.floor(from / bucketMs)
  const begins = Array.from({ length: Math.max(0, Math.ceil(through / bucketMs) - first) + 1 }, (_, i) => (first + i) * bucketMs)
  return axisOf({ from, through }, begins, { bucketMs, readMs: bucketMs, zone: bucketMs < DAY_MS || zone === 'UTC' ? undefined : 'UTC' })
}

/** Whole weeks, so many together that there are not too many. */
function weeksOf(span: number): number {
  return 7 * DAY_MS * Math.ceil(span / (MOST_WEEKS * 7 * DAY_MS))
}

/** Begins of the days of a zone with the end of the last; null: some begin within an hour, and no sum ends there. */
function daysOfZone({ from, through, zone }: { from: number; through: number; zone: string }): number[] | null {
  const day = timeInZone(from, zone).slice(0, 10)
  const begins = [beginOfDay(day, zone)]
  for (let i = 1; begins.at(-1)! < through; i += 1) begins.push(beginOfDay(day, zone, i))
  return begins.every((at) => at % HOUR_MS === 0) ? begins : null
}

/** @param begins with the end of the last interval */
function axisOf(
  { from, through }: { from: number; through: number },
  begins: readonly number[],
  of: Pick<TimeAxis, 'bucketMs' | 'readMs' | 'zone'>,
): TimeAxis {
  const times = begins.slice(0, -1)
  const placeOf = (at: number): number =>
    Math.max(
      0,
      times.findLastIndex((time) => time <= at),
    )
  return {
    ...of,
    times,
    of: (at) => times[placeOf(at)] ?? at,
    isWhole(time) {
      const i = placeOf(time)
      return begins[i]! >= from && begins[i + 1]! <= through
    },
  }
}
