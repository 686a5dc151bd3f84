import { z } from 'zod'
import { shellWord } from '../../components/copy.tsx'

const DAY_MS = 86_400_000

/** Keys by which a report can be cut, in the order of the switch. */
export const reportKeys = ['device', 'cause', 'link', 'site', 'day', 'rollout'] as const
export type ReportKey = (typeof reportKeys)[number]

/** Periods that are offered. Days and months are those of the ledgers: UTC. */
export const periods = { '7d': '7 days', '30d': '30 days', month: 'This month', 'last-month': 'Last month' } as const
export type Period = keyof typeof periods
export const periodNames = Object.keys(periods) as [Period, ...Period[]]

/** What the address of the page holds. */
export const costsView = z.object({
  period: z.enum(periodNames).default('month'),
  by: z.enum(reportKeys).default('device'),
  query: z.string().max(4000).default(''),
})
export type CostsView = z.output<typeof costsView>

/** A period as whole days. It changes once a day, so that the same question is asked all day. */
export function spanOf(period: Period, now: number): { from: number; through: number } {
  const tomorrow = (Math.floor(now / DAY_MS) + 1) * DAY_MS
  if (period === '7d') return { from: tomorrow - 7 * DAY_MS, through: tomorrow }
  if (period === '30d') return { from: tomorrow - 30 * DAY_MS, through: tomorrow }
  const [year, month] = [new Date(now).getUTCFullYear(), new Date(now).getUTCMonth()]
  return period === 'month'
    ? { from: Date.UTC(year, month, 1), through: tomorrow }
    : { from: Date.UTC(year, month - 1, 1), through: Date.UTC(year, month, 1) }
}

/** The page as a line of a shell. */
export function costsLine({ period, by, query }: CostsView, now: number): string {
  const { from, through } = spanOf(period, now)
  const flags = [
    ...(period === '7d' || period === '30d' ? ['--since', period] : ['--since', new Date(from).toISOString()]),
    ...(period === 'last-month' ? ['--until', new Date(through).toISOString()] : []),
    ...(by === 'device' ? [] : ['--by', by]),
    ...(query === '' ? [] : ['--query', shellWord(query)]),
  ]
  return ['npm run -s muster -- costs report', ...flags].join(' ')
}

/** A day of a report, in words. */
export function dayText(key: string): string {
  return days.format(Date.parse(`${key}T00:00:00Z`))
}
const days = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: '2-digit', month: 'short', timeZone: 'UTC' })

const causes: Record<string, string> = {
  model: 'Models',
  order: 'Orders',
  inference: 'Inference over the broker',
  telemetry: 'Telemetry',
  report: 'Reports',
  request: 'Requests for blocks',
  other: 'Other traffic',
  computing: 'Computing',
  storage: 'Storage',
}

/** The name of a row, for people. */
export function keyText(by: ReportKey, key: string): string {
  if (key === '') return by === 'site' ? 'No site' : `No ${by}`
  if (by === 'day') return dayText(key)
  if (by === 'rollout') return `Rollout ${key}`
  return by === 'cause' && Object.hasOwn(causes, key) ? causes[key]! : key
}
