import { formatBytes, formatCount, formatDuration, formatNumber, formatPercent, plural } from '../../../../components/format.ts'
import { judgedMetricNames, type JudgedMetric, type JudgeRules } from '../../../../../shared/domain/rollout/judge.ts'
import type { AbortRule, GateRules, PacingRules, WindowRules } from '../../../../../shared/domain/rollout/plan.ts'
import { metricWords } from '../../live/rollout-words.ts'
import type { PlanDraft } from './plan-draft.ts'
import { windowWords } from './window-words.ts'

/** What a gate waits for, in a line. */
export function gateWords({ leastReached, success, verdict, afterSeconds, byPerson }: GateRules): string {
  return [
    `${formatPercent(success, 0)} committed`,
    ...(leastReached > 1 ? [`${formatCount(leastReached)} reached`] : []),
    ...(verdict === 'pass' ? ['verdict pass'] : verdict === 'not-fail' ? ['no fail'] : []),
    ...(afterSeconds > 0 ? [`after ${formatDuration(afterSeconds * 1000)}`] : []),
    ...(byPerson ? ['a person'] : []),
  ].join(', ')
}

/** Metrics that are looked at; alpha is shared by them. */
export function judgedOf(judge: JudgeRules): JudgedMetric[] {
  return judgedMetricNames.filter((metric) => judge[metric].role !== 'off')
}

/** What alpha means: how often a version that is no worse is called worse. */
export function alphaWords(judge: JudgeRules): string {
  const judged = judgedOf(judge).length
  if (judged === 0) return 'Nothing is compared: no version is ever called worse, and no verdict passes.'
  const once = `At most 1 in ${formatNumber(1 / judge.alpha, 2)} rollouts of a version that is no worse is ever called worse, however often it is looked at.`
  return judged === 1 ? once : `${once} Each of the ${judged} metrics has ${formatPercent(judge.alpha / judged, 2)} of it.`
}

const endWords = { pause: 'pauses', stop: 'stops, devices keep what they have', revert: 'goes back' } as const
const causeWords: Record<AbortRule['of'], string> = {
  any: 'failed in any way',
  failed: 'failed',
  rejected: 'refused it',
  'timed-out': 'timed out',
  'fell-back': 'fell back',
}

/** An abort rule in a line. */
export function abortWords({ of, share, least, action }: AbortRule): string {
  return `${endWords[action]} when more than ${formatPercent(share, 0)} of ${formatCount(least)} or more ${causeWords[of]}`
}

/** What each folded part of the form says. */
export const summaries = {
  judge({ judge }: PlanDraft): string {
    const required = judgedOf(judge).filter((metric) => judge[metric].role === 'required')
    const what =
      required.length === 0
        ? 'nothing is required'
        : `${required.map((one) => metricWords[one].title.toLowerCase()).join(' and ')} may not be worse`
    return `${what}; a fail ${judge.onFail === 'revert' ? 'reverts' : judge.onFail === 'stop' ? 'stops' : 'pauses'} the rollout`
  },
  pace({ pacing, windows }: PlanDraft): string {
    return [...paceParts(pacing), ...windowParts(windows)].join('; ') || 'as fast as devices take it, at any time'
  },
  safety({ abort, budget }: PlanDraft): string {
    const first = abort[0]
    const rules =
      first === undefined
        ? 'no abort rule'
        : `${abortWords(first)}${abort.length > 1 ? `, and ${plural(abort.length - 1, 'more rule')}` : ''}`
    const money = budget.money === null ? '' : `; at most ${formatNumber(budget.money)}`
    const bytes = budget.bytes === null ? '' : `; at most ${formatBytes(budget.bytes)}`
    return `${rules}${bytes}${money}`
  },
  after({ whenDone, note }: PlanDraft): string {
    const alias = whenDone.alias === null ? 'no alias moves' : `${whenDone.alias} will stand for the version`
    return note === '' ? alias : `${alias}; with a note`
  },
} as const

function paceParts({ maxInFlight, perMinute, perGroup, bytesPerSecond }: PacingRules): string[] {
  return [
    ...(maxInFlight === null ? [] : [`at most ${plural(maxInFlight, 'device')} at once`]),
    ...(perMinute === null
      ? []
      : [`${formatNumber(perMinute.base)} a minute${perMinute.factor > 1 ? `, growing to ${formatNumber(perMinute.max)}` : ''}`]),
    ...(perGroup === null ? [] : [`at most ${formatCount(perGroup.atOnce)} of each ${perGroup.attribute}`]),
    ...(bytesPerSecond === null ? [] : [`at most ${formatBytes(bytesPerSecond)}/s`]),
  ]
}

function windowParts({ startAt, download, activation }: WindowRules): string[] {
  return [
    ...(startAt === null ? [] : ['not before its time']),
    ...(download === null ? [] : [`downloads ${windowWords(download)}`]),
    ...(activation === null ? [] : [`activates ${windowWords(activation)}`]),
  ]
}
