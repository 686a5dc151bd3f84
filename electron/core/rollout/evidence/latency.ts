import type { MetricEvidence } from '../../../../shared/rpc/contract/rollouts.ts'
import type { RateCell } from '../../../../shared/stats/canary/design-effect.ts'
import { comparedWindows } from './compared-windows.ts'
import type { Look, MetricRule } from './evidence-parts.ts'
import { figure } from './figures.ts'
import { noteOf } from './note.ts'
import { rateEvidence } from './rate-evidence.ts'
import { afterWarmUp, mergedLatency, type TrafficCell } from './traffic.ts'

/**
 * Slow is what takes a tenth longer than the 95th percentile of the incumbent: latencies of small models lie in a few bins of a sketch, and without
 * some slack a version that is slower by one bin would be slower always.
 */
export const SLACK = 1.1

/** The share of slow answers, by a limit from the incumbent's merged latencies of the same time. */
export function latencyEvidenceOf(look: Look, rule: MetricRule): MetricEvidence {
  // A shadow comes as one sum, which has no first half minute.
  const warm = look.shadows.length > 0 ? look.windows : afterWarmUp(look.windows, look.question, look.scope)
  const windows = comparedWindows({ ...look, windows: warm }).map(({ at, candidate, incumbent }) => ({
    at,
    candidate: candidate.filter(hasLatency),
    incumbent: incumbent.filter(hasLatency),
  }))
  const incumbents = windows.filter(({ candidate }) => candidate.length > 0).flatMap(({ incumbent }) => incumbent)
  const p95 = mergedLatency(incumbents).quantile(0.95)
  const limit = p95 === null ? null : p95 * SLACK
  const cell = ({ device, latency }: TrafficCell): RateCell => {
    return { device, trials: latency.count, events: limit === null ? 0 : latency.countAbove(limit) }
  }
  const slower = limit === null ? 'slow' : `slower than ${figure(limit)} ms`
  return rateEvidence({
    ...{ rule, relativeMargin: 0, areTotals: look.shadows.length > 0 },
    windows: windows.map(({ candidate, incumbent }) => ({ canary: candidate.map(cell), baseline: incumbent.map(cell) })),
    words: {
      ...{ title: 'Latency', events: `of the answers are ${slower}`, trials: 'answers', note: noteOf(look) },
      noCandidate: 'the version has answered nothing since it warmed up',
      noIncumbent: 'no device answered with the incumbent at the same time',
    },
  })
}

function hasLatency({ latency }: TrafficCell): boolean {
  return latency.count > 0
}
