import { formatCount, formatDuration, formatNumber } from '../../../components/format.ts'
import type { GateEvidence, MetricEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import { metricTitle, thingsText, unitOf } from '../live/rollout-words.ts'

/** What a metric still needs until it can pass, and how long that takes at the present rate; `null`: nothing, or nobody knows. */
export function neededText(of: MetricEvidence, { from, at }: Pick<GateEvidence, 'from' | 'at'>): string | null {
  const { needs, candidate, metric } = of
  if (needs === null || needs <= 0) return null
  const amount = `${formatCount(Math.ceil(needs))} more ${thingsText(metric, Math.ceil(needs))}`
  const perMs = at > from ? candidate.n / (at - from) : 0
  return perMs === 0 ? `${amount}; none comes at present` : `${amount}, about ${formatDuration(needs / perMs)}`
}

/** What is missing for a verdict, by the metric that takes longest; `null`: nothing that can be counted. */
export function missingText({ metrics, from, at }: GateEvidence): string | null {
  const waiting = metrics.filter((one) => one.role === 'required' && one.verdict === 'not enough evidence')
  if (waiting.length === 0) return null
  const parts = waiting.map((one) => {
    const needed = neededText(one, { from, at })
    return `${metricTitle(one.metric, unitOf(one)).toLowerCase()}, ${needed ?? 'nobody knows how much'}`
  })
  return `Still needed, at the present rate: ${parts.join('; ')}.`
}

/** The evidence that a version is worse against what makes it fail: `0.8 of 140`. */
export function evidenceText({ eValue, alpha }: MetricEvidence): string {
  if (eValue === null) return '–'
  const fails = formatNumber(1 / alpha)
  if (eValue >= 1e6) return `over a million of ${fails}`
  return `${eValue > 0 && eValue < 0.001 ? '<0.001' : formatNumber(eValue)} of ${fails}`
}
