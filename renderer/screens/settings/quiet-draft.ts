import type { LinkClass } from '../../../shared/rpc/contract/costs.ts'

export type QuietWindow = LinkClass['quiet'][number]

/** Days on which quiet hours begin; each is a field of a cron expression. */
export const quietDays = { '*': 'Every day', '1-5': 'Monday to Friday', '0,6': 'Saturday and Sunday' } as const
export type QuietDays = keyof typeof quietDays

const DAY_MINUTES = 1440

/** Quiet hours as a person reads them: from a time to a time, on some days. */
export interface PlainQuiet {
  from: string
  to: string
  days: QuietDays
  timeZone: string
}

/** Quiet hours as times of the day; null: the cron expression says more than that, and is edited as it is. */
export function plainQuiet({ cron, minutes, timeZone }: QuietWindow): PlainQuiet | null {
  const match = /^(\d{1,2}) (\d{1,2}) \* \* (\*|1-5|0,6)$/.exec(cron.trim())
  if (match === null || minutes > DAY_MINUTES) return null
  const start = Number(match[2]) * 60 + Number(match[1])
  if (start >= DAY_MINUTES || Number(match[1]) > 59) return null
  return { from: clockOf(start), to: clockOf((start + minutes) % DAY_MINUTES), days: match[3] as QuietDays, timeZone }
}

/** The window of these times; one that ends when it begins lasts a whole day. */
export function quietWindow({ from, to, days, timeZone }: PlainQuiet): QuietWindow {
  const [start, end] = [minutesOf(from), minutesOf(to)]
  const minutes = (end - start + DAY_MINUTES) % DAY_MINUTES
  return { cron: `${start % 60} ${Math.floor(start / 60)} * * ${days}`, minutes: minutes === 0 ? DAY_MINUTES : minutes, timeZone }
}

/** Quiet hours that are offered first. */
export const usualQuiet: QuietWindow = quietWindow({ from: '07:00', to: '19:00', days: '1-5', timeZone: 'site' })

function minutesOf(clock: string): number {
  const [hours, minutes] = clock.split(':').map(Number)
  return (hours ?? 0) * 60 + (minutes ?? 0)
}

function clockOf(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}
