import { judgedMetricNames, type JudgedMetric, type JudgeRules, type Verdict } from '../../../../shared/domain/rollout/judge.ts'
import type { MetricEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import { accuracyEvidenceOf } from './accuracy.ts'
import { agreementEvidenceOf } from './agreement.ts'
import { errorEvidenceOf } from './errors.ts'
import type { Look, MetricRule } from './evidence-parts.ts'
import { inputEvidenceOf } from './inputs.ts'
import { latencyEvidenceOf } from './latency.ts'
import { memoryEvidenceOf } from './memory.ts'
import { outcomeEvidenceOf } from './outcomes.ts'

const judges: Record<JudgedMetric, (look: Look, rule: MetricRule) => MetricEvidence> = {
  errors: errorEvidenceOf,
  latency: latencyEvidenceOf,
  agreement: agreementEvidenceOf,
  accuracy: accuracyEvidenceOf,
  inputs: inputEvidenceOf,
  outcomes: outcomeEvidenceOf,
  memory: memoryEvidenceOf,
}

/**
 * The metrics that are looked at, each with its share of alpha: errors have half of it, the others the other half evenly (weighted Bonferroni). Rises of
 * the error rate are what a release is stopped for most, and take the most requests to be seen.
 */
export function metricRules(rules: JudgeRules): MetricRule[] {
  const names = judgedMetricNames.filter((metric) => rules[metric].role !== 'off')
  const hasErrors = names.includes('errors')
  const shareOf = (metric: JudgedMetric): number => {
    if (!hasErrors || names.length === 1) return 1 / names.length
    return metric === 'errors' ? 1 / 2 : 1 / 2 / (names.length - 1)
  }
  return names.flatMap((metric): MetricRule[] => {
    const { role, margin } = rules[metric]
    return role === 'off' ? [] : [{ metric, role, margin, alpha: rules.alpha * shareOf(metric), leastRequests: rules.leastRequests }]
  })
}

/** What every metric says. */
export function judgeMetrics(look: Look): MetricEvidence[] {
  return metricRules(look.question.rules).map((rule) => judges[rule.metric](look, rule))
}

/**
 * The verdict of all: a fail of any one counts; a pass needs every required one, or, where none is required, one that passes. What nothing is known of
 * is neither.
 */
export function verdictOf(metrics: readonly MetricEvidence[]): Verdict {
  if (metrics.some(({ verdict }) => verdict === 'fail')) return 'fail'
  const required = metrics.filter(({ role }) => role === 'required')
  const isPass =
    required.length === 0 ? metrics.some(({ verdict }) => verdict === 'pass') : required.every(({ verdict }) => verdict === 'pass')
  return isPass ? 'pass' : 'not enough evidence'
}
