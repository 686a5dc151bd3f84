import { z } from 'zod'

export const labellingTabs = ['desk', 'disputes', 'labelled', 'agreement'] as const
export type LabellingTab = (typeof labellingTabs)[number]

export const tabTitles: Record<LabellingTab, string> = {
  desk: 'Desk',
  disputes: 'Disputes',
  labelled: 'Labelled',
  agreement: 'Votes and agreement',
}

export const reasons = ['disagreement', 'low-confidence', 'outlier', 'random'] as const
export type Reason = (typeof reasons)[number]

export const reasonTitles: Record<Reason, string> = {
  disagreement: 'Two versions disagree',
  'low-confidence': 'Low confidence',
  outlier: 'Unlike the training rows',
  random: 'Random',
}

const text = z.string().max(64).default('')

/** What the address of the page holds. */
export const labellingView = z.object({
  tab: z.enum(labellingTabs).default('desk'),
  ...{ deployment: text, model: text, version: text, query: z.string().max(4000).default('') },
  reason: z.enum(['', ...reasons]).default(''),
})
export type LabellingView = z.output<typeof labellingView>

/** Which labels a view is about, as the core takes it. */
export function scopeOf({ deployment, model, version, query }: LabellingView): {
  query: string
  deployment?: string
  model?: string
  version?: string
} {
  return {
    query,
    ...(deployment === '' ? {} : { deployment }),
    ...(model === '' ? {} : { model }),
    ...(version === '' ? {} : { version }),
  }
}

/** The same scope as flags of the command line. */
export function scopeFlags({ deployment, model, version, query }: LabellingView): string[] {
  return [
    ...(deployment === '' ? [] : ['--deployment', deployment]),
    ...(model === '' ? [] : ['--model', version === '' ? model : `${model}@${version}`]),
    ...(query === '' ? [] : ['--query', query]),
  ]
}
