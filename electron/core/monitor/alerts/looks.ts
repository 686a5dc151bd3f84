import type { AlertCondition, AlertRule } from '../../../../shared/domain/alert.ts'
import { absenceLooks } from './evaluate-absence.ts'
import { budgetLooks } from './evaluate-budget.ts'
import { dataQualityLooks, type CleanRuns } from './evaluate-data-quality.ts'
import { detectorLooks, type DetectorCursor } from './evaluate-detector.ts'
import { driftLooks } from './evaluate-drift.ts'
import { qualityLooks } from './evaluate-quality.ts'
import { thresholdLooks } from './evaluate-threshold.ts'
import { trustLooks } from './evaluate-trust.ts'
import type { Look, RuleOf, Sight } from './look.ts'

/** What looks remember from one time to the next. */
export interface Memory {
  runs: CleanRuns
  cursor: DetectorCursor
}

/** The pieces of work of a rule as the fleet is now. @throws QueryProblem if its query asks for what does not exist */
export function looksOf(rule: AlertRule, rules: readonly AlertRule[], { sight, memory }: { sight: Sight; memory: Memory }): Look[] {
  if (isOf('absence', rule)) return absenceLooks(rule)
  if (isOf('budget', rule)) return budgetLooks(rule)
  if (isOf('detector', rule)) return detectorLooks(rule, memory.cursor)
  if (isOf('drift', rule)) return driftLooks(rule, rules, sight)
  if (isOf('data-quality', rule)) return dataQualityLooks(rule, rules, { sight, runs: memory.runs })
  if (isOf('quality', rule)) return qualityLooks(rule, sight)
  if (isOf('trust', rule)) return trustLooks(rule)
  return isOf('threshold', rule) ? thresholdLooks(rule, sight) : []
}

function isOf<Kind extends AlertCondition['kind']>(kind: Kind, rule: AlertRule): rule is AlertRule & RuleOf<Kind> {
  return rule.condition.kind === kind
}

/** Time in which what was resolved does not fire anew: it stays pending, and is seen. */
export function coolDownOf({ condition }: Pick<AlertRule, 'condition'>): number {
  return condition.kind === 'drift' || condition.kind === 'data-quality' ? COOL_DOWN_WINDOWS * condition.windowMs : 0
}

const COOL_DOWN_WINDOWS = 6
