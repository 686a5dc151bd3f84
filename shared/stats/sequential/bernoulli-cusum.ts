import { wilsonInterval, type Proportion } from '../proportion-interval.ts'
import { malformedState, readConstant, readFields, readNumber } from '../read-state.ts'

/** Samples that shall pass on average between two false alarms. */
const BETWEEN_FALSE_ALARMS = 1e5

/** The two rates that are told apart, and the limit. */
export interface BernoulliCusumRule {
  /** Rate of errors that is fine. */
  p0: number
  /** Rate that must be found. */
  p1: number
  /** Limit in nats: at least e^h samples pass on average between false alarms. */
  h: number
}

/**
 * The rule from a baseline: p0 the upper Wilson limit of its rate, p1 twice that but at most 1/2, h = ln(samples between false alarms). Null if
 * there is no baseline or p0 is 1/2 or more: such a rate cannot double.
 */
export function bernoulliCusumRule(baseline: Proportion, between = BETWEEN_FALSE_ALARMS): BernoulliCusumRule | null {
  const interval = wilsonInterval(baseline.successes, baseline.trials)
  if (interval === null || interval.high >= 0.5) return null
  return { p0: interval.high, p1: Math.min(0.5, 2 * interval.high), h: Math.log(between) }
}

/** State of the detector. */
export interface BernoulliCusum extends BernoulliCusumRule {
  v: 1
  /** The sum, in nats, at least 0. */
  s: number
}

/** @throws RangeError unless 0 < p0 < p1 < 1 and h > 0 */
export function bernoulliCusum(rule: BernoulliCusumRule): BernoulliCusum {
  const { p0, p1, h } = rule
  if (!(p0 > 0 && p1 > p0 && p1 < 1 && h > 0 && h < Number.POSITIVE_INFINITY)) throw new RangeError(`no detector for ${p0}, ${p1}, ${h}`)
  return { v: 1, p0, p1, h, s: 0 }
}

/**
 * Counts one outcome: S = max(0, S + x ln(p1/p0) + (1 - x) ln((1 - p1)/(1 - p0))) (Page 1954; Reynolds, Stoumbos, J. Qual. Technol. 31, 1999).
 * True, and S = 0 again, when S reaches h.
 */
export function addOutcome(state: BernoulliCusum, isError: boolean): boolean {
  return addOutcomes(state, isError ? 1 : 0, 1)
}

/**
 * Counts a window of `errors` among `trials` at once; for counts merged over a fleet. Nothing happens for what are no such counts.
 * With `restart` false the sum goes on after an alarm.
 */
export function addOutcomes(state: BernoulliCusum, errors: number, trials: number, restart = true): boolean {
  if (!Number.isSafeInteger(errors) || !Number.isSafeInteger(trials) || errors < 0 || errors > trials) return false
  const { p0, p1 } = state
  state.s = Math.max(0, state.s + errors * Math.log(p1 / p0) + (trials - errors) * Math.log((1 - p1) / (1 - p0)))
  const isAlarm = state.s >= state.h
  if (isAlarm && restart) state.s = 0
  return isAlarm
}

/** @throws Problem `message.malformed` if the value is no such state */
export function parseBernoulliCusum(value: unknown): BernoulliCusum {
  const fields = readFields(value, 'the detector', ['v', 'p0', 'p1', 'h', 's'])
  readConstant(fields.v, 'the version', 1)
  const [p0, p1] = [readNumber(fields.p0, 'p0', { min: 0, max: 1 }), readNumber(fields.p1, 'p1', { min: 0, max: 1 })]
  const [h, s] = [readNumber(fields.h, 'h', { min: 0 }), readNumber(fields.s, 's', { min: 0 })]
  if (!(p0 > 0 && p1 > p0 && p1 < 1 && h > 0)) throw malformedState('the rates of the detector do not fit')
  return { v: 1, p0, p1, h, s }
}
