import type { AlertRule } from '../../../../shared/domain/alert.ts'
import { isResolved } from '../../../../shared/stats/drift/drift-verdict.ts'
import { defaultDriftRule } from '../../../../shared/stats/drift/score-window.ts'
import type { DriftAnswer, Verdict } from '../monitor.ts'
import { driftWithin, explanations, thingKey, thingName, type Explanation } from './explain.ts'
import { subjectWords, SOONEST_MS, type Look, type RuleOf, type Seen, type Sight } from './look.ts'
import { evidenceOf, type Reading, type ReadingState } from './reading.ts'
import { askedOf, slicesOf, type JudgedSlice } from './slices.ts'

/** However long the windows are, a new one is seen soon. */
const SLOWEST_MS = 300_000

/** How often windows of a length are looked at: a quarter of it. */
export function paceOf(windowMs: number): number {
  return Math.max(SOONEST_MS, Math.min(SLOWEST_MS, windowMs / 4))
}

/** Judges drift of each slice by the three-part rule, with the level that the budget allows. */
export function driftLooks(rule: RuleOf<'drift'>, rules: readonly AlertRule[], sight: Sight): Look[] {
  const everyMs = paceOf(rule.condition.windowMs)
  return slicesOf(rule, sight).map((slice) => ({ key: slice.key, everyMs, see: (now) => see(rule, rules, { slice, sight: now }) }))
}

function see(rule: RuleOf<'drift'>, rules: readonly AlertRule[], { slice, sight }: { slice: JudgedSlice; sight: Sight }): Seen {
  const { reference, windowMs, roles } = rule.condition
  const answer = sight.monitor.verdicts(askedOf(slice, sight.now), { reference, windowMs, q: sight.thresholds.q })
  const verdicts = answer.features.filter(({ role }) => roles.includes(role))
  const isMet = verdicts.some((verdict) => stateOf(rule, verdict) === 'met')
  const told = isMet ? explained(rule, rules, { slice, sight }) : new Map<string, Explanation>()
  const readings = verdicts.map((verdict) => readingOf(rule, { slice, answer, verdict, told: told.get(thingKey(verdict)) ?? null }))
  const last = Math.max(0, ...verdicts.map((verdict) => verdict.last?.through ?? 0))
  // The next window ends a whole length later at the earliest.
  return last === 0 ? { readings } : { readings, nextAt: last + windowMs }
}

function explained(
  { condition }: RuleOf<'drift'>,
  rules: readonly AlertRule[],
  { slice, sight }: { slice: JudgedSlice; sight: Sight },
): Map<string, Explanation> {
  const within = new Set(driftWithin(sight, slice, condition).keys())
  return explanations(sight, rules, { slice, windowMs: condition.windowMs, within })
}

function stateOf({ condition }: RuleOf<'drift'>, { state, windows }: Verdict): ReadingState {
  if (state === 'insufficient data') return state
  if (state === 'alarm' || (state === 'warn' && condition.level === 'warn')) return 'met'
  const threshold = condition.level === 'warn' ? defaultDriftRule.warn : defaultDriftRule.alarm
  return isResolved(windows, threshold) ? 'clear' : 'easing'
}

interface Judged {
  slice: JudgedSlice
  answer: DriftAnswer
  verdict: Verdict
  told: Explanation | null
}

function readingOf(rule: RuleOf<'drift'>, { slice, answer, verdict, told }: Judged): Reading {
  const state = stateOf(rule, verdict)
  const { last } = verdict
  const threshold = rule.condition.level === 'warn' ? answer.rule.warn : answer.rule.alarm
  const isExplained = told !== null && state === 'met'
  const sentence = `${subjectWords(slice.subject)}: ${verdict.sentence}`
  return {
    subject: { ...slice.subject, feature: thingName(verdict) },
    state: isExplained ? 'clear' : state,
    sentence: isExplained ? `Told as bad values, not as drift. ${told.sentence}` : sentence,
    evidence: evidenceOf(verdict.kind === 'numeric' ? 'adjusted PSI' : 'adjusted JS distance', {
      ...{ value: last?.effect ?? null, threshold, n: last?.n ?? null, effective: last?.effective ?? null, m: last?.m ?? null },
      ...{ p: last?.pAdjusted ?? null, reference: answer.reference.name, from: last?.from ?? null, through: last?.through ?? null },
    }),
  }
}
