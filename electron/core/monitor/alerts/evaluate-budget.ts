import { wilsonInterval } from '../../../../shared/stats/proportion-interval.ts'
import { duration } from '../../devices/why.ts'
import type { Cut, TrafficState } from '../../store/telemetry/slice.ts'
import { devicesOf, percent, subjectWords, type Look, type RuleOf, type Sight } from './look.ts'
import { evidenceOf, type Reading } from './reading.ts'
import { trafficBySubject } from './traffic.ts'

type Rule = RuleOf<'budget'>

/** The short look is a twelfth of the long one: it says whether errors still go on. */
const SHORT_PART = 12

const cuts: Record<Rule['per'], Cut['by']> = { fleet: 'all', version: 'version', device: 'device' }

/** Looks how fast the errors that are accepted are used up. */
export function budgetLooks(rule: Rule): Look[] {
  const shortMs = rule.condition.longMs / SHORT_PART
  return [{ key: 'burn', everyMs: Math.max(1000, Math.min(60_000, shortMs / 4)), see: (sight) => ({ readings: readings(rule, sight) }) }]
}

function readings(rule: Rule, sight: Sight): Reading[] {
  const { longMs } = rule.condition
  const { now } = sight
  const slice = { devices: devicesOf(sight, rule), ...(rule.deployment === null ? {} : { deployment: rule.deployment }), through: now }
  const short = new Map(
    trafficBySubject(sight, { ...slice, from: now - longMs / SHORT_PART }, cuts[rule.per]).map((one) => [one.key, one.state]),
  )
  return trafficBySubject(sight, { ...slice, from: now - longMs }, cuts[rule.per]).map(({ key, subject, state }) =>
    readingOf(rule, { subject, long: state, short: short.get(key) ?? null, now }),
  )
}

/**
 * Met if errors come faster than the burn rate in both looks. Over the long one it is the lower bound of the rate that must exceed: one failed
 * request of fifty is no evidence for anything.
 */
function readingOf(rule: Rule, of: { subject: Reading['subject']; long: TrafficState; short: TrafficState | null; now: number }): Reading {
  const { objective, burn, longMs, periodMs } = rule.condition
  const { subject, long, short, now } = of
  const limit = Math.min(1, burn * (1 - objective))
  const errors = Math.min(long.errors, long.requests)
  const interval = wilsonInterval(errors, long.requests)
  const rate = long.requests === 0 ? null : errors / long.requests
  const shortRate = short === null || short.requests === 0 ? null : Math.min(1, short.errors / short.requests)
  const isKnown = interval !== null && shortRate !== null
  const isMet = isKnown && interval.low > limit && shortRate > limit
  const spentIn = rate === null || rate === 0 ? null : (periodMs * (1 - objective)) / rate
  return {
    subject,
    state: !isKnown ? 'insufficient data' : isMet ? 'met' : 'clear',
    sentence:
      rate === null
        ? `${subjectWords(subject)}: no request in ${duration(longMs)}.`
        : `${subjectWords(subject)}: ${errors} of ${long.requests} requests failed in ${duration(longMs)} (${percent(rate)}, 95 % interval ${percent(interval!.low)} to ${percent(interval!.high)}), more than ${percent(limit)} is the limit.${spentIn === null ? '' : ` At this rate the errors accepted for ${duration(periodMs)} are spent in ${duration(spentIn)}.`}`,
    evidence: evidenceOf('share', {
      ...{ value: rate, threshold: limit, n: long.requests, low: interval?.low ?? null, high: interval?.high ?? null },
      ...{ from: now - longMs, through: now },
    }),
  }
}
