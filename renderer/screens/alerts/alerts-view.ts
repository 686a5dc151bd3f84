import { z } from 'zod'
import { alertSeverities } from '../../../shared/domain/alert.ts'
import type { InputOf } from '../../../shared/rpc/contract.ts'

/** Tabs of the page of alerts, in their order. */
export const alertTabs = ['open', 'history', 'rules', 'budget', 'silences', 'channels'] as const
export type AlertTab = (typeof alertTabs)[number]

/** Their titles. */
export const tabTitles: Record<AlertTab, string> = {
  open: 'Open',
  history: 'History',
  rules: 'Rules',
  budget: 'Budget',
  silences: 'Silences',
  channels: 'Channels',
}

/** Whose attention the open ones are filtered by. */
export const quietChoices = { all: 'All', loud: 'Need somebody', quiet: 'Looked after' } as const

/** Periods of the history, in days. */
export const historyPeriods = { '1d': 1, '7d': 7, '30d': 30, '90d': 90 } as const
const DAY_MS = 86_400_000

/** What the address of the page holds. */
export const alertsView = z.object({
  tab: z.enum(alertTabs).default('open'),
  query: z.string().max(4000).default(''),
  severity: z.enum(alertSeverities).default('info'),
  quiet: z.enum(['all', 'loud', 'quiet']).default('all'),
  period: z.enum(['1d', '7d', '30d', '90d']).default('7d'),
  alert: z.coerce.number().int().min(0).default(0),
  rule: z.string().max(64).default(''),
  channel: z.string().max(64).default(''),
})
export type AlertsView = z.output<typeof alertsView>

/** What the core is asked for the open ones. */
export function openQuestion({ query, severity, quiet }: AlertsView): Omit<InputOf<'alerts.list'>, 'before' | 'limit'> {
  return {
    state: 'open',
    query,
    ...(severity === 'info' ? {} : { severity }),
    ...(quiet === 'all' ? {} : { isQuiet: quiet === 'quiet' }),
  }
}

/** What the core is asked for the history: everything that started in the period. */
export function historyQuestion(
  { query, severity, period, rule }: AlertsView,
  now: number,
): Omit<InputOf<'alerts.list'>, 'before' | 'limit'> {
  return {
    state: 'all',
    query,
    from: now - historyPeriods[period] * DAY_MS,
    ...(severity === 'info' ? {} : { severity }),
    ...(rule === '' ? {} : { rule }),
  }
}
