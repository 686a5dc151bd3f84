import { Problem } from '../../../shared/domain/problem.ts'

const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Reads a time: an ISO time, or how long ago it was, such as 15m. @throws Problem `usage` */
export function timeOf(flag: string, text: string): number {
  const span = /^(\d+)([smhd])$/.exec(text)
  const time = span === null ? Date.parse(text) : Date.now() - Number(span[1]) * units[span[2]!]!
  if (Number.isNaN(time))
    throw new Problem('usage', `${flag}: '${text}' is no time.`, { hint: 'Write 15m, 24h, 7d or 2026-01-31T12:00:00Z' })
  return time
}

/** Reads a number of minutes. @throws Problem `usage` */
export function minutesOf(text: string, flag = '--minutes'): number {
  const minutes = Number(text)
  if (!Number.isInteger(minutes) || minutes < 1) throw new Problem('usage', `${flag}: '${text}' is no number of minutes.`)
  return minutes
}
