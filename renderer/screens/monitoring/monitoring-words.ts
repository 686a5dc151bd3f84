import { formatClock, formatCount, formatNumber, formatPercent } from '../../components/format.ts'
import type { State } from '../../components/state-mark.tsx'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import type { driftStates, Figure } from '../../../shared/rpc/contract/monitoring.ts'

export type HealthRow = OutputOf<'monitoring.health'>['rows'][number]
export type DriftState = (typeof driftStates)[number]
export type Verdict = OutputOf<'monitoring.drift'>['features'][number]
export type Score = Verdict['windows'][number]
export type Rate = OutputOf<'monitoring.dataQuality'>['rates'][number]
export type Quality = OutputOf<'monitoring.quality'>
export type ReferenceOf = OutputOf<'monitoring.references'>['references'][number]
type QualityMeasure = HealthRow['qualityMeasure']

/** A verdict about drift: its mark, and its word. "Insufficient data" is grey: nothing is known, which is neither good nor bad. */
export const driftMarks: Record<DriftState, { state: State; word: string }> = {
  'insufficient data': { state: 'offline', word: 'insufficient data' },
  ok: { state: 'ok', word: 'no drift' },
  warn: { state: 'attention', word: 'warning' },
  alarm: { state: 'failed', word: 'drift' },
}

/** A verdict about data quality. */
export const rateMarks: Record<HealthRow['dataQuality']['state'], { state: State; word: string }> = {
  'insufficient data': { state: 'offline', word: 'insufficient data' },
  ok: { state: 'ok', word: 'ok' },
  alarm: { state: 'failed', word: 'risen' },
}

export const causeWords: Record<Rate['cause'], string> = {
  missing: 'missing',
  'wrong-type': 'wrong type',
  infinite: 'infinite',
  'out-of-range': 'out of range',
  outlier: 'outlier',
  unseen: 'unseen category',
}

/** A quality with its unit: a share as percent, an error as a number. */
export function qualityText(value: number, measure: QualityMeasure): string {
  return measure === 'accuracy' ? formatPercent(value) : formatNumber(value)
}

/** The interval of a figure without its value: `88.9–98.6 %`; empty where there is none. */
export function intervalText({ low, high }: Pick<Figure, 'low' | 'high'>, measure: QualityMeasure): string {
  if (low === null || high === null) return ''
  return measure === 'accuracy' ? `${(low * 100).toFixed(1)}–${(high * 100).toFixed(1)} %` : `${formatNumber(low)}–${formatNumber(high)}`
}

/**
 * The figure that stands for the quality of a row: what is measured, else the estimate, else why there is none. Never one for the other: the mark
 * says which.
 */
export function shownQuality({ quality, estimate }: Pick<HealthRow, 'quality' | 'estimate'>): Figure {
  if (quality.state === 'measured' || quality.state === 'inconclusive') return quality
  if (estimate.state === 'estimated') return estimate
  return quality.state === 'none' ? estimate : quality
}

/** A figure as one line of text, for CSV and for those who listen. */
export function figureSentence(figure: Figure, measure: QualityMeasure): string {
  if (figure.value === null) return figure.state === 'none' ? 'no data' : figure.state
  const interval = intervalText(figure, measure)
  return `${qualityText(figure.value, measure)} ${figure.state}${interval === '' ? '' : `, 95 % ${interval}`}, n ${formatCount(figure.n)}`
}

/** A probability as statistics writes it. */
export function pText(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`
}

/** The effect of a verdict with its measure. */
export function effectText(effect: number | null, kind: Verdict['kind']): string {
  if (effect === null) return 'no effect known'
  return `${kind === 'numeric' ? 'adjusted PSI' : 'adjusted JS distance'} ${effectNumber(effect)}`
}

/** An effect with two decimals: thresholds have no more. */
export function effectNumber(effect: number): string {
  return effect >= 10 ? effect.toFixed(0) : effect.toFixed(2)
}

const levelWords: Record<Score['level'], string> = {
  'insufficient data': 'insufficient data',
  none: 'no drift',
  warn: 'warning',
  alarm: 'drift',
}

/** One window of a verdict in words. */
export function scoreText(score: Score, kind: Verdict['kind']): string {
  const evidence = score.pAdjusted === null ? pText(score.p) : `${pText(score.pAdjusted)} (BH)`
  return `${levelWords[score.level]}, ${effectText(score.effect, kind)}, ${evidence}, n ${formatCount(score.n)} (effective ${formatCount(score.effective)})`
}

/** The name of what is counted; outcomes and confidence have none of their own. */
export function countedName({ role, name }: Pick<Verdict, 'role' | 'name'>): string {
  return role === 'feature' ? name : role === 'outcome' ? 'what the model answers' : 'confidence'
}

/** How bad a row of the start page is, the worst first: alarms before warnings, before too little data, before good. */
export function rankOf(row: Pick<HealthRow, 'drift' | 'dataQuality'>): number {
  const drift = { alarm: 3, warn: 2, 'insufficient data': 1, ok: 0 }[row.drift.state]
  const data = { alarm: 3, 'insufficient data': 1, ok: 0 }[row.dataQuality.state]
  return Math.max(drift, data) * 4 + Math.min(drift, data)
}

/** An end of a window: 14:05, with the day where it is not today's, with seconds only where there are some. */
export function momentText(at: number, now: number): string {
  return formatClock(at, now).replace(/:00$/, '')
}
