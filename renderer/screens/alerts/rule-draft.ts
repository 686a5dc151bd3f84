import {
  alertCondition,
  alertMetrics,
  alertRuleInput,
  type AlertCondition,
  type AlertConditionKind,
  type AlertMetric,
  type AlertRule,
  type AlertRuleInput,
} from '../../../shared/domain/alert.ts'

/** A rule as it stands in the editor: the same fields, the condition of every kind as it was last written. */
export interface RuleDraft extends Omit<AlertRuleInput, 'condition'> {
  /** `null`: a new one. */
  rule: string | null
  isBuiltIn: boolean
  condition: AlertCondition
}

/** The condition of a kind before anything is said of it. */
export function freshCondition(kind: AlertConditionKind): AlertCondition {
  switch (kind) {
    case 'threshold':
      return alertCondition.parse({ kind, metric: 'latency-p95', is: 'above', value: 250 })
    case 'absence':
      return alertCondition.parse({ kind, of: 'connection' })
    case 'drift':
    case 'data-quality':
    case 'budget':
    case 'detector':
    case 'quality':
    case 'trust':
      return alertCondition.parse({ kind })
  }
}

/** A new rule of a kind. */
export function freshRule(kind: AlertConditionKind): RuleDraft {
  const condition = freshCondition(kind)
  return {
    ...alertRuleInput.parse({
      name: 'New rule',
      condition,
      per: kind === 'absence' || kind === 'detector' || kind === 'trust' ? 'device' : 'version',
    }),
    name: '',
    rule: null,
    isBuiltIn: false,
    condition,
  }
}

/** A rule that is changed. */
export function draftOfRule(rule: AlertRule): RuleDraft {
  const { rule: id, isBuiltIn, name, summary, severity, isEnabled, condition, query, deployment, per } = rule
  const { forMs, clearMs, runbook, channels, holdsReleases } = rule
  return {
    ...{ rule: id, isBuiltIn, name, summary, severity, isEnabled, condition, query, deployment, per },
    ...{ forMs, clearMs, runbook, channels, holdsReleases },
  }
}

/** What the core is given, or what keeps it from being a rule, in words. */
export function ruleInput(draft: RuleDraft): { set: AlertRuleInput } | { problem: string } {
  const { summary, severity, isEnabled, condition, query, deployment, per, forMs, clearMs, channels, holdsReleases } = draft
  const name = draft.name.trim()
  if (name === '') return { problem: 'Give the rule a name.' }
  const parsed = alertRuleInput.safeParse({
    ...{ name, summary, severity, isEnabled, condition, query, deployment, per, forMs, clearMs, channels, holdsReleases },
    runbook: draft.runbook === '' ? null : draft.runbook,
  })
  if (parsed.success) return { set: parsed.data }
  const first = parsed.error.issues[0]
  return { problem: `${first === undefined ? 'It' : fieldWords(first.path)}: ${first?.message ?? 'cannot be read'}` }
}

function fieldWords(path: readonly PropertyKey[]): string {
  const last = String(path.at(-1) ?? 'The rule')
  return last.replace(/Ms$/, '').replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`)
}

/** A value as a person types it: shares are percent, bytes are MB. */
export function shownValue(metric: AlertMetric, value: number): number {
  const { unit } = alertMetrics[metric]
  return unit === 'share' ? Number((value * 100).toPrecision(10)) : unit === 'bytes' ? value / 1e6 : value
}

/** The typed value in the unit of the metric. */
export function typedValue(metric: AlertMetric, shown: number): number {
  const { unit } = alertMetrics[metric]
  return unit === 'share' ? shown / 100 : unit === 'bytes' ? shown * 1e6 : shown
}

/** What stands behind the field. */
export function valueSuffix(metric: AlertMetric): string {
  const { unit } = alertMetrics[metric]
  return unit === 'share' ? ' %' : unit === 'bytes' ? ' MB' : unit === 'value' ? '' : ` ${unit}`
}
