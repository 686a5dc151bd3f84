import type { AlertRule } from '../../../../shared/domain/alert.ts'
import type { DriftOptions, Rate, Verdict } from '../monitor.ts'
import type { Sight } from './look.ts'
import { askedOf, versionSlice, type JudgedSlice } from './slices.ts'

/** Causes of bad values, the one that names the alert first. Values that are no numbers at all come before numbers that are out of place. */
export const causeOrder: readonly Rate['cause'][] = ['missing', 'wrong-type', 'infinite', 'out-of-range', 'outlier', 'unseen']

/** Values that are no numbers leave the distribution of the others as it is; those that are out of place are counted in its outer bins. */
const noNumbers: ReadonlySet<Rate['cause']> = new Set(['missing', 'wrong-type', 'infinite'])

/** True if values of this cause are a part of the distribution that drift is found in. */
export function isPartOfDrift(cause: Rate['cause']): boolean {
  return !noNumbers.has(cause)
}

/** Features, answers and confidence of a bundle are told apart by their role as well. */
export function thingKey({ role, name }: Pick<Rate, 'role' | 'name'>): string {
  return `${role}/${name}`
}

/** The name under which an alert speaks of it. */
export function thingName({ role, name }: Pick<Rate, 'role' | 'name'>): string {
  return role === 'feature' ? name : `${role} of the model`
}

/** What is told already by another alert, and how. */
export interface Explanation {
  sentence: string
}

/** What is asked of a slice that something was found in. */
interface Question {
  slice: JudgedSlice
  windowMs: number
  /** Of drift: what drifts within its range as well, by feature. null: it is bad values that were found. */
  within: ReadonlySet<string> | null
}

/**
 * One cause, one alert. A feature of a slice is told once, by the first that holds of:
 * 1. values that are missing, of a wrong type, infinite. If those that are there drift besides, the alert says so.
 * 2. drift, if the values within the range of the reference drift too (`driftWithin`): then those outside are a part of it.
 * 3. values out of range, outlying, unseen. That they move the distribution says nothing new.
 * 4. drift.
 * And what a version shows as a whole is not told again for each of its devices. A cause explains only what a rule that is on would tell of it.
 */
export function explanations(sight: Sight, rules: readonly AlertRule[], of: Question): Map<string, Explanation> {
  const { slice, windowMs, within } = of
  const isDevice = slice.subject.device !== null
  const told = new Map<string, Explanation>()
  const tellRates = (asked: Parameters<Sight['monitor']['rates']>[0], per: 'version' | 'device'): void => {
    const causes = causesToldBy(rules, slice, per)
    if (causes.length === 0) return
    const answer = sight.monitor.rates(asked, { reference: 'training', over: { windowMs }, alpha: sight.thresholds.rateAlpha })
    for (const rate of answer.rates) {
      const key = thingKey(rate)
      const isDrift = within?.has(key) === true && isPartOfDrift(rate.cause)
      if (rate.state === 'alarm' && causes.includes(rate.cause) && !isDrift && !told.has(key)) told.set(key, { sentence: rate.sentence })
    }
  }
  if (within !== null) tellRates(askedOf(slice, sight.now), isDevice ? 'device' : 'version')
  if (isDevice) tellRates(versionSlice(slice, sight.now), 'version')
  return told
}

/** Causes that an enabled rule tells for such a slice. */
function causesToldBy(rules: readonly AlertRule[], slice: JudgedSlice, per: 'version' | 'device'): Rate['cause'][] {
  return rules.flatMap(({ condition, isEnabled, deployment, query, per: grain }) => {
    const isMine = isEnabled && condition.kind === 'data-quality' && (grain === 'device') === (per === 'device')
    return isMine && query === '' && (deployment === null || deployment === slice.deployment) ? condition.causes : []
  })
}

/** What drifts of a slice besides values that are out of place, by feature, with the sentence on all its values. */
export function driftWithin(
  sight: Sight,
  slice: JudgedSlice,
  of: Pick<DriftOptions, 'reference' | 'windowMs'> & { level: 'warn' | 'alarm' },
): Map<string, string> {
  const { reference, windowMs, level } = of
  const ask = (isWithin: boolean): Verdict[] =>
    sight.monitor
      .verdicts(askedOf(slice, sight.now), { reference, windowMs, q: sight.thresholds.q, isWithin })
      .features.filter(({ state }) => state === 'alarm' || (state === 'warn' && level === 'warn'))
  const within = new Set(ask(true).map(thingKey))
  return new Map(
    ask(false)
      .filter((verdict) => within.has(thingKey(verdict)))
      .map((verdict) => [thingKey(verdict), verdict.sentence]),
  )
}

/** What rules that are on tell of a slice as drift against its training rows, by feature. */
export function toldAsDrift(sight: Sight, rules: readonly AlertRule[], slice: JudgedSlice): Map<string, string> {
  const isDevice = slice.subject.device !== null
  const mine = rules.flatMap(({ condition, isEnabled, deployment, query, per }) => {
    const isTold = isEnabled && condition.kind === 'drift' && condition.reference === 'training' && condition.roles.includes('feature')
    const isHere = query === '' && (per === 'device') === isDevice && (deployment === null || deployment === slice.deployment)
    return isTold && isHere ? [condition] : []
  })
  return new Map(mine.flatMap((condition) => [...driftWithin(sight, slice, condition)]))
}
