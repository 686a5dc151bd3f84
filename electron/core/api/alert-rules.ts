import { alertConditionKinds, type AlertRule, type AlertRuleInput } from '../../../shared/domain/alert.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { selectEntries } from '../devices/summary.ts'
import { resolveAlert } from '../monitor/alerts/apply-readings.ts'
import { budgetWords } from '../monitor/alerts/budget-words.ts'
import { thresholdsFor } from '../monitor/alerts/budget.ts'
import { builtInRules } from '../monitor/alerts/built-in-rules.ts'
import { allRules, findRule, inputOf } from '../monitor/alerts/rules.ts'
import { runbooks } from '../monitor/alerts/runbooks/all-runbooks.ts'
import { thresholdWords } from '../monitor/alerts/threshold-words.ts'
import { TICK_MS } from '../monitor/alerts/scheduler.ts'
import type { ApiParts } from './parts.ts'

type Names =
  | 'alerts.rules'
  | 'alerts.setRule'
  | 'alerts.enableRule'
  | 'alerts.removeRule'
  | 'alerts.previewRule'
  | 'alerts.budget'
  | 'alerts.setBudget'

const MOST_PREVIEWED = 100

/** Handlers of rules and of the budget of false alarms. */
export function alertRulesHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store, now } = parts
  const set = (rule: string | null, settings: AlertRuleInput, by: string): AlertRule => {
    check(parts, settings)
    const builtIn = rule !== null && builtInRules.has(rule) ? rule : null
    return requireRule(parts, store.alertRules.put({ rule, builtIn, settings, setAt: now(), setBy: by }))
  }
  return {
    'alerts.rules': () => rules(parts),
    'alerts.setRule': ({ rule, set: settings }, context) => {
      if (rule !== undefined) requireRule(parts, rule)
      context.afterCommit(() => onRules(parts))
      return { rule: set(rule ?? null, settings, context.caller.actor) }
    },
    'alerts.enableRule': ({ rule, isEnabled }, context) => {
      const before = requireRule(parts, rule)
      if (!isEnabled) resolveAll(parts, rule, { by: context.caller.actor, message: 'The rule was switched off.' })
      context.afterCommit(() => onRules(parts))
      return { rule: set(rule, { ...inputOf(before), isEnabled }, context.caller.actor) }
    },
    'alerts.removeRule': ({ rule }, context) => {
      const { isBuiltIn } = requireRule(parts, rule)
      store.alertRules.remove(rule)
      context.afterCommit(() => onRules(parts))
      // A built-in rule goes on as it was delivered, and with it what it has found.
      const resolved = isBuiltIn ? 0 : resolveAll(parts, rule, { by: context.caller.actor, message: 'The rule was removed.' })
      return { rule, isRestored: isBuiltIn, resolved }
    },
    'alerts.previewRule': ({ set: settings }) => {
      check(parts, settings)
      const readings = parts.alerts.preview(settings)
      const met = readings.filter(({ state }) => state === 'met').slice(0, MOST_PREVIEWED)
      return {
        wouldFire: met.map(({ sentence, subject, evidence }) => ({ sentence: sentence.slice(0, 1000), subject, evidence })),
        looked: readings.length,
        insufficient: readings.filter(({ state }) => state === 'insufficient data').length,
      }
    },
    'alerts.budget': ({ budget: asked }) => {
      const budget = asked ?? parts.alerts.budget()
      const judged = parts.alerts.judged()
      const thresholds = thresholdsFor(budget, judged)
      return {
        budget,
        families: judged.driftWindows + judged.rateWindows,
        tests: judged.driftWindows + judged.rateWindows * judged.ratesPerWindow,
        ...{ q: thresholds.q, rateAlpha: thresholds.rateAlpha, detectorSamples: thresholds.detectorSamples, expected: thresholds.expected },
        words: budgetWords(budget, judged, thresholds),
      }
    },
    'alerts.setBudget': ({ budget }, context) => {
      store.settings.set('alarmBudget', budget)
      context.afterCommit(() => onRules(parts))
      return { budget }
    },
  }
}

function onRules(parts: ApiParts): void {
  parts.changed('alerts')
  parts.alerts.kick()
}

/** @throws Problem `alert-rule.not-found` */
function requireRule({ store }: ApiParts, rule: string): AlertRule {
  const found = findRule(store.alertRules, rule)
  if (found === null) throw new Problem('alert-rule.not-found', `There is no rule '${rule}'.`)
  return found
}

/** What no schema can check. @throws Problem `query.*`, `channel.not-found`, `input.invalid` */
function check({ store }: ApiParts, { query, channels, condition, per }: AlertRuleInput): void {
  selectEntries(store, query)
  const unknown = channels?.find((channel) => store.channels.find(channel) === null)
  if (unknown !== undefined) throw new Problem('channel.not-found', `There is no channel '${unknown}'.`)
  const needsDevice = condition.kind === 'drift' && (condition.reference === 'peers' || condition.reference === 'device-baseline')
  if (needsDevice && per !== 'device') {
    throw new Problem('input.invalid', `Drift against ${condition.reference} is a question about one device: set the rule per device.`)
  }
}

function resolveAll({ store, now }: ApiParts, rule: string, why: { by: string; message: string }): number {
  const open = store.alerts.openOfRule(rule)
  for (const alert of open) resolveAlert(store, alert, why, { now: now(), groupWaitMs: TICK_MS })
  return open.length
}

function rules({ store, alerts }: ApiParts): ResultOf<'alerts.rules'> {
  const open = store.alerts.open()
  const thresholds = alerts.thresholds()
  return {
    rules: allRules(store.alertRules).map((rule) => {
      const mine = open.filter((alert) => alert.rule === rule.rule)
      const firing = mine.filter(({ state }) => state === 'firing').length
      return { ...rule, firing, pending: mine.length - firing, thresholdWords: thresholdWords(rule.condition, thresholds) }
    }),
    runbooks: [...runbooks].map(([name, { title }]) => ({ name, title })),
    kinds: [...alertConditionKinds],
  }
}
