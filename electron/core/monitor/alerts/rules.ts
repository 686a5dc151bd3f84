import type { AlertRule, AlertRuleInput } from '../../../../shared/domain/alert.ts'
import type { AlertRuleTable, StoredRule } from '../../store/fleet/alert-rules.ts'
import { builtInRules } from './built-in-rules.ts'

/** Who a built-in rule is from. */
const MUSTER = 'Muster'

/** All rules, the built-in ones in front, each as a person changed it. */
export function allRules(table: Pick<AlertRuleTable, 'all'>): AlertRule[] {
  const stored = table.all()
  const builtIn = [...builtInRules].map(([rule, settings]) => {
    const changed = stored.find((one) => one.rule === rule)
    return changed === undefined ? ruleOf({ rule, settings, setAt: 0, setBy: MUSTER }) : ruleOf(changed)
  })
  return [...builtIn, ...stored.filter(({ rule }) => !builtInRules.has(rule)).map(ruleOf)]
}

/** One rule by its id; null: there is none. */
export function findRule(table: Pick<AlertRuleTable, 'all'>, rule: string): AlertRule | null {
  return allRules(table).find((one) => one.rule === rule) ?? null
}

function ruleOf({ rule, settings, setAt, setBy }: StoredRule): AlertRule {
  return { ...settings, rule, isBuiltIn: builtInRules.has(rule), setAt, setBy }
}

/** What a person could have typed to get this rule. */
export function inputOf(rule: AlertRule): AlertRuleInput {
  const { rule: _id, isBuiltIn: _isBuiltIn, setAt: _setAt, setBy: _setBy, ...settings } = rule
  return settings
}
