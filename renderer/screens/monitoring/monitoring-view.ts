import { z } from 'zod'
import { referenceKinds, type ReferenceKind } from '../../../shared/domain/alert.ts'
import { countedRoles } from '../../../shared/rpc/contract/monitoring.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Periods of monitoring: how long, in how many buckets its charts are cut, and how long a verdict window is at least. */
export const periods = {
  '1h': { title: '1 h', ms: HOUR, buckets: 60, windowMs: 5 * MINUTE },
  '6h': { title: '6 h', ms: 6 * HOUR, buckets: 72, windowMs: 15 * MINUTE },
  '24h': { title: '24 h', ms: 24 * HOUR, buckets: 96, windowMs: HOUR },
  '7d': { title: '7 d', ms: 168 * HOUR, buckets: 168, windowMs: HOUR },
  '30d': { title: '30 d', ms: 720 * HOUR, buckets: 120, windowMs: 6 * HOUR },
} as const
export type Period = keyof typeof periods
export const periodNames = Object.keys(periods) as [Period, ...Period[]]

/** Lengths of a verdict window that can be chosen; empty: the one that fits the period. */
export const windowChoices = { '5m': 5 * MINUTE, '15m': 15 * MINUTE, '1h': HOUR, '6h': 6 * HOUR, '1d': 24 * HOUR } as const
const windowNames = Object.keys(windowChoices) as [keyof typeof windowChoices]

export const tabs = ['health', 'drift', 'data', 'quality', 'devices'] as const
export type Tab = (typeof tabs)[number]

const text = z.string().max(256).default('')
const period = z.enum(periodNames).default('24h')

/** What the address of the start page holds. */
export const healthView = z.object({
  period,
  by: z.enum(['version', 'device']).default('version'),
  query: z.string().max(4000).default(''),
  ...{ deployment: text, model: text, version: text, row: z.string().max(600).default('') },
})
export type HealthView = z.output<typeof healthView>

/** What the address of the page of a version holds. */
export const versionView = z.object({
  tab: z.enum(tabs).default('health'),
  period,
  /** One device; else the query. */
  device: text,
  query: z.string().max(4000).default(''),
  reference: z.enum(referenceKinds).default('training'),
  window: z.enum(['auto', ...windowNames]).default('auto'),
  /** What is shown beside the heat map. */
  feature: text,
  role: z.enum(countedRoles).default('feature'),
  /** Start of one of its windows; 0: the last closed one, which the verdict rests on. */
  at: z.coerce.number().int().min(0).default(0),
  /** What is summed up: what is judged now, or all of the period, which may hide it. */
  over: z.enum(['now', 'period']).default('now'),
})
export type VersionView = z.output<typeof versionView>

/** The version that a page is about. */
export interface Monitored {
  deployment: string
  model: string
  version: string
}

/** Part of a period that passes before its end moves: answers are asked again with the new end, not with every look at the clock. */
const STEPS = 240

/** The span of a period up to now, whole seconds, aligned so that it stays the same for a while. */
export function spanOf(of: Period, now: number): { from: number; through: number } {
  const { ms } = periods[of]
  const step = Math.max(15_000, Math.round(ms / STEPS / 1000) * 1000)
  const through = Math.ceil(now / step) * step
  return { from: through - ms, through }
}

/** How long a verdict window is at least. */
export function windowOf({ period, window }: Pick<VersionView, 'period' | 'window'>): number {
  return window === 'auto' ? periods[period].windowMs : windowChoices[window]
}

/** As many windows as a verdict looks back. */
const RECENT_WINDOWS = 3

/** The end of a period that is judged now. */
export function recentOf(view: Pick<VersionView, 'period' | 'window'>): number {
  return Math.min(RECENT_WINDOWS * windowOf(view), periods[view.period].ms)
}

/** The devices of a view as a question has it. */
export function devicesOf({ device, query }: Pick<VersionView, 'device' | 'query'>): { device: string } | { query: string } {
  return device === '' ? { query } : { device }
}

/** Short names of the four references. */
export const referenceTitles: Record<ReferenceKind, string> = {
  training: 'Training',
  'device-baseline': 'Device baseline',
  'same-season': 'Same season',
  peers: 'Fleet peers',
}

/** What each compares with, in one sentence. */
export const referenceHints: Record<ReferenceKind, string> = {
  training: 'The rows that the model was trained with.',
  'device-baseline': 'Each device with itself, in a period that was good.',
  'same-season': 'The same hour of the week, in the weeks before.',
  peers: 'Other devices that run the same version, in the same time.',
}

/** A length of time without rounding: 5 min, 1 h, 36 h, 2 days. */
export function lengthText(ms: number): string {
  if (ms % (24 * HOUR) === 0) return ms === 24 * HOUR ? '1 day' : `${ms / (24 * HOUR)} days`
  if (ms % HOUR === 0) return `${ms / HOUR} h`
  return ms % MINUTE === 0 ? `${ms / MINUTE} min` : `${Math.round(ms / 1000)} s`
}
