import type { AlertRule } from '../../../../shared/domain/alert.ts'
import { defaultOutlierRule } from '../../../../shared/stats/quality/outlier-verdict.ts'
import { wilsonInterval } from '../../../../shared/stats/proportion-interval.ts'
import { defaultRateRule } from '../../../../shared/stats/quality/rate-verdict.ts'
import type { Rate, RatesAnswer } from '../monitor.ts'
import { paceOf } from './evaluate-drift.ts'
import { causeOrder, explanations, isPartOfDrift, thingKey, thingName, toldAsDrift, type Explanation } from './explain.ts'
import { percent, subjectWords, type Look, type RuleOf, type Seen, type Sight } from './look.ts'
import { evidenceOf, subjectKey, type Reading, type ReadingState } from './reading.ts'
import { askedOf, slicesOf, type JudgedSlice } from './slices.ts'

/** Windows that must be clean one after the other before an alert is over: each "ok" stands for two clean ones of three. */
const CLEAN = 2

/** How many windows in a row something has been well, by rule, slice and feature; lost with a restart, which then waits for new ones. */
export type CleanRuns = Map<string, { through: number; windows: number }>

/** Judges rates of bad values of each slice. Persistence (2 of the last 3 windows) is part of the verdict. */
export function dataQualityLooks(rule: RuleOf<'data-quality'>, rules: readonly AlertRule[], of: { sight: Sight; runs: CleanRuns }): Look[] {
  const everyMs = paceOf(rule.condition.windowMs)
  return slicesOf(rule, of.sight).map((slice) => ({
    key: slice.key,
    everyMs,
    see: (sight) => see(rule, rules, { slice, sight, runs: of.runs }),
  }))
}

function see(rule: RuleOf<'data-quality'>, rules: readonly AlertRule[], of: { slice: JudgedSlice; sight: Sight; runs: CleanRuns }): Seen {
  const { slice, sight, runs } = of
  const { windowMs, causes } = rule.condition
  const over = { windowMs }
  const answer = sight.monitor.rates(askedOf(slice, sight.now), { reference: 'training', over, alpha: sight.thresholds.rateAlpha })
  const rates = answer.rates.filter(({ cause }) => causes.includes(cause))
  const isMet = rates.some(({ state }) => state === 'alarm')
  const told = isMet ? explanations(sight, rules, { slice, windowMs, within: null }) : new Map<string, Explanation>()
  const drifted = isMet ? driftSentences(sight, slice, windowMs) : new Map<string, string>()
  const asDrift = isMet ? toldAsDrift(sight, rules, slice) : new Map<string, string>()
  const readings = [...Map.groupBy(rates, thingKey)].map(([key, ofThing]) => {
    const runKey = `${rule.rule} ${slice.key} ${key}`
    const isOpen = (): boolean => sight.store.alerts.openOf(rule.rule, subjectKey(subjectOf(slice, ofThing[0]!))) !== null
    const state = stateOf(ofThing, { through: answer.through, runs, runKey, isOpen })
    return readingOf({
      slice,
      answer,
      rates: ofThing,
      state,
      told: told.get(key) ?? null,
      drift: drifted.get(key) ?? null,
      asDrift: asDrift.get(key) ?? null,
    })
  })
  return rates.length === 0 ? { readings } : { readings, nextAt: answer.through + windowMs }
}

/** What the same window says of drift, for the sentence of the alert that stands for both. */
function driftSentences(sight: Sight, slice: JudgedSlice, windowMs: number): Map<string, string> {
  const { features } = sight.monitor.verdicts(askedOf(slice, sight.now), { reference: 'training', windowMs, q: sight.thresholds.q })
  return new Map(features.filter(({ state }) => state === 'alarm').map((one) => [thingKey(one), one.sentence]))
}

interface Run {
  through: number
  runs: CleanRuns
  runKey: string
  isOpen(): boolean
}

function stateOf(rates: readonly Rate[], { through, runs, runKey, isOpen }: Run): ReadingState {
  if (rates.some(({ state }) => state === 'alarm')) {
    runs.set(runKey, { through, windows: 0 })
    return 'met'
  }
  if (rates.every(({ state }) => state === 'insufficient data')) return 'insufficient data'
  const before = runs.get(runKey)
  if (before === undefined) {
    // Whoever was never bad is clear; what fired before a restart has to wait for new windows.
    if (!isOpen()) return 'clear'
    runs.set(runKey, { through, windows: 1 })
    return 'easing'
  }
  const windows = before.through === through ? before.windows : before.windows + 1
  runs.set(runKey, { through, windows: Math.min(CLEAN, windows) })
  return windows >= CLEAN ? 'clear' : 'easing'
}

interface Judged {
  slice: JudgedSlice
  answer: RatesAnswer
  rates: readonly Rate[]
  state: ReadingState
  told: Explanation | null
  drift: string | null
  /** What an alert on drift says of the same feature; null: there is none. */
  asDrift: string | null
}

function subjectOf(slice: JudgedSlice, rate: Rate): Reading['subject'] {
  return { ...slice.subject, feature: thingName(rate) }
}

/** One reading for a feature, whatever is wrong with it: the first cause in the order names it. */
function readingOf({ slice, answer, rates, state, told, drift, asDrift }: Judged): Reading {
  const alarms = rates.filter((rate) => rate.state === 'alarm')
  const worst = causeOrder.map((cause) => alarms.find((rate) => rate.cause === cause)).find((rate) => rate !== undefined)
  const rate = worst ?? rates[0]!
  const byDrift = asDrift !== null && isPartOfDrift(rate.cause) ? `Told as drift. ${asDrift}` : null
  const elsewhere = told === null ? byDrift : `Told for the whole version. ${told.sentence}`
  const isExplained = elsewhere !== null && state === 'met'
  const others = alarms.filter((one) => one !== rate).map(({ cause, current }) => `${causeWords[cause]} ${percent(current.share ?? 0)}`)
  const more = [
    ...(others.length === 0 ? [] : [`Also ${others.join(', ')}.`]),
    ...(drift === null ? [] : ['Its distribution moved as well; that is told here and not again.']),
  ]
  const { current, p, reference } = rate
  const interval = wilsonInterval(current.successes, current.trials)
  return {
    subject: subjectOf(slice, rate),
    state: isExplained ? 'clear' : state,
    sentence: isExplained ? elsewhere : [`${subjectWords(slice.subject)}: ${rate.sentence}`, ...more].join(' '),
    evidence: evidenceOf(`share ${causeWords[rate.cause]}`, {
      ...{
        value: current.share,
        threshold: reference.share === null ? null : Math.min(1, reference.share + riseOf(rate.cause)),
        n: current.trials,
        m: reference.trials,
      },
      ...{
        p,
        low: interval?.low ?? null,
        high: interval?.high ?? null,
        reference: answer.reference.name,
        from: answer.from,
        through: answer.through,
      },
    }),
  }
}

/** Rise from which bad values matter, as the verdict takes it. */
function riseOf(cause: Rate['cause']): number {
  return cause === 'outlier' ? defaultOutlierRule.rise : defaultRateRule.rise
}

const causeWords: Record<Rate['cause'], string> = {
  missing: 'missing',
  'wrong-type': 'of a wrong type',
  infinite: 'infinite',
  'out-of-range': 'out of range',
  outlier: 'outlying',
  unseen: 'unseen',
}
