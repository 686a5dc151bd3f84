import type { TimeWindow } from '../../../../../shared/domain/rollout/plan.ts'

/** A window that begins at one time of day, on some days of the week: what most are. */
export interface DailyWindow {
  hour: number
  minute: number
  /** Days of the week, 0 is Sunday; empty: every day. */
  days: readonly number[]
}

export const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
/** Days as a week is read. */
export const weekOrder = [1, 2, 3, 4, 5, 6, 0] as const

/** A cron expression as a time of day; `null`: it is more than that. */
export function dailyOf(cron: string): DailyWindow | null {
  const found = /^(\d{1,2}) (\d{1,2}) \* \* (\*|[0-7](?:[-,][0-7])*)$/.exec(cron.trim())
  if (found === null) return null
  const [, minute, hour, days] = found
  const daily = { minute: Number(minute), hour: Number(hour), days: days === '*' ? [] : daysOf(days!) }
  return daily.minute < 60 && daily.hour < 24 ? daily : null
}

/** The cron expression of a time of day. */
export function cronOf({ hour, minute, days }: DailyWindow): string {
  const named = weekOrder.filter((day) => days.includes(day))
  return `${minute} ${hour} * * ${named.length === 0 || named.length === 7 ? '*' : [...named].toSorted((a, b) => a - b).join(',')}`
}

/** A window in words: "on Sat and Sun 02:00 to 06:00, on the clock of each site". */
export function windowWords({ cron, minutes, timeZone }: TimeWindow): string {
  const zone = timeZone === 'site' ? 'on the clock of each site' : timeZone
  const daily = dailyOf(cron)
  if (daily === null) return `at ${cron} for ${minutes} min, ${zone}`
  return `${daysWords(daily.days)} ${spanOf(daily, minutes)}, ${zone}`
}

/**
 * The next openings by the clock of the window's zone, which for `site` differs between devices.
 * @returns at most `count`, such as "Sat 28 Nov 02:00 to 06:00"; null for an expression that is more than a time of day
 */
export function nextOpenings({ cron, minutes, timeZone }: TimeWindow, now: number, count = 3): string[] | null {
  const daily = dailyOf(cron)
  const today = daily === null ? null : wallClock(now, timeZone)
  if (daily === null || today === null) return null
  const openings: string[] = []
  for (let ahead = 0; openings.length < count && ahead < 15; ahead += 1) {
    const day = new Date(Date.UTC(today.year, today.month, today.day + ahead))
    const isOver = ahead === 0 && daily.hour * 60 + daily.minute <= today.minutes
    if (isOver || (daily.days.length > 0 && !daily.days.includes(day.getUTCDay()))) continue
    openings.push(`${dayNames[day.getUTCDay()]} ${day.getUTCDate()} ${months.format(day)} ${spanOf(daily, minutes)}`)
  }
  return openings
}

const months = new Intl.DateTimeFormat('en-GB', { month: 'short', timeZone: 'UTC' })

function daysOf(text: string): number[] {
  const days = text.split(',').flatMap((part) => {
    const [from, through = from] = part.split('-').map(Number)
    return Array.from({ length: Math.max(0, through! - from! + 1) }, (_, i) => (from! + i) % 7)
  })
  return [...new Set(days)]
}

function daysWords(days: readonly number[]): string {
  const named = weekOrder.filter((day) => days.includes(day))
  if (named.length === 0 || named.length === 7) return 'every day'
  if (named.join() === '1,2,3,4,5') return 'on weekdays'
  if (named.join() === '6,0') return 'at weekends'
  return `on ${named.map((day) => dayNames[day]).join(', ')}`
}

function spanOf({ hour, minute }: DailyWindow, minutes: number): string {
  const end = hour * 60 + minute + minutes
  const days = Math.floor(end / 1440)
  return `${timeText(hour * 60 + minute)} to ${timeText(end % 1440)}${days === 0 ? '' : days === 1 ? ' the next day' : ` ${days} days later`}`
}

function timeText(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** What a clock in a zone shows; `site`: the zone of this machine. `null`: there is no such zone. */
function wallClock(now: number, timeZone: string): { year: number; month: number; day: number; minutes: number } | null {
  try {
    const zone = timeZone === 'site' ? {} : { timeZone }
    const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'short', timeStyle: 'short', ...zone })
    const at = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, Number(value)]))
    return { year: at['year']!, month: at['month']! - 1, day: at['day']!, minutes: at['hour']! * 60 + at['minute']! }
  } catch {
    return null
  }
}
