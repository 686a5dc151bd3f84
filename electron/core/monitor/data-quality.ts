import type { ResultOf } from '../../../shared/rpc/contract.ts'
import { defaultOutlierRule, outlierVerdict } from '../../../shared/stats/quality/outlier-verdict.ts'
import { rangeVerdict } from '../../../shared/stats/quality/range-verdict.ts'
import { defaultRateRule, rateVerdict, type RateRule, type RateVerdict } from '../../../shared/stats/quality/rate-verdict.ts'
import type { Proportion } from '../../../shared/stats/proportion-interval.ts'
import type { Distribution } from '../../../shared/stats/reference/distribution.ts'
import { offeredTo, valuesOf, type FeatureCounts } from '../../../shared/stats/reference/feature-counts.ts'
import { rateSentence, type RateCause } from './sentences.ts'
import { countsOf, type CountedThing } from './watched-bundle.ts'

export type Rate = ResultOf<'monitoring.dataQuality'>['rates'][number]

/** Windows of which so many must exceed, as with drift. */
const PERSISTENCE = { windows: 2, of: 3 } as const

/** What rates are compared with: training rows (null), or what a device counted. */
interface RateQuestion {
  things: readonly CountedThing[]
  base: Distribution | null
  reference: { id: string; name: string }
  alpha: number
}

/** Rates of a whole period, alarms first, then by rise. */
export function periodRates(of: RateQuestion, counts: Distribution): Rate[] {
  return judgeAll(of, counts)
    .map(({ thing, cause, verdict }) => rateOf({ thing, cause, verdict, name: of.reference.name, persistence: null }))
    .sort(byUrgency)
}

/**
 * Rates of the last of some windows; an alarm is one only if 2 of the last 3 windows say so.
 * @param windows closed ones, the oldest first
 */
export function windowRates(of: RateQuestion, windows: readonly Distribution[]): Rate[] {
  const recent = windows.slice(-PERSISTENCE.of).map((counts) => judgeAll(of, counts))
  const last = recent.at(-1) ?? []
  return last
    .map(({ thing, cause, verdict }) => {
      const alarms = recent.filter((judged) =>
        judged.some((one) => one.thing === thing && one.cause === cause && one.verdict.state === 'alarm'),
      ).length
      const isKnown = verdict.state !== 'insufficient data'
      const state = !isKnown ? verdict.state : alarms >= PERSISTENCE.windows ? ('alarm' as const) : ('ok' as const)
      const persistence = `${alarms} of the last ${recent.length} windows`
      return rateOf({ thing, cause, verdict: { ...verdict, state }, name: of.reference.name, persistence })
    })
    .sort(byUrgency)
}

interface Judged {
  thing: CountedThing
  cause: RateCause
  verdict: RateVerdict
}

function judgeAll({ things, base, reference, alpha }: RateQuestion, counts: Distribution): Judged[] {
  return things.flatMap((thing) => {
    const now = countsOf(thing, counts)
    if (now === null) return []
    const before = base === null ? null : countsOf(thing, base)
    if (base === null ? !thing.hasRows : before === null) return []
    return judgeThing({ thing, now, before, referenceId: reference.id, alpha })
  })
}

interface ThingQuestion {
  thing: CountedThing
  now: FeatureCounts
  /** null: the training rows. */
  before: FeatureCounts | null
  referenceId: string
  alpha: number
}

function judgeThing({ thing, now, before, referenceId, alpha }: ThingQuestion): Judged[] {
  const rule: RateRule = { ...defaultRateRule, alpha }
  const reference = before === null ? trainingTallies(thing) : tallies(thing, before)
  const current = tallies(thing, now)
  const compared = (cause: RateCause): Judged => ({
    ...{ thing, cause },
    verdict: rateVerdict({ reference: reference[cause]!, current: current[cause]!, referenceId }, rule),
  })
  const judged: Judged[] = [compared('missing'), compared('wrong-type'), compared('infinite')]
  if (thing.reference.kind === 'categorical') {
    // Classes and answers of training that have no name of their own are `other`, so that unseen is certain.
    return [...judged, compared('unseen')]
  }
  const outlierRule = { ...defaultOutlierRule, alpha }
  if (before !== null) {
    const outliers = rateVerdict({ reference: reference.outlier!, current: current.outlier!, referenceId }, outlierRule)
    return [...judged, compared('out-of-range'), { thing, cause: 'outlier', verdict: outliers }]
  }
  const values = reference['out-of-range']!.trials
  judged.push({ thing, cause: 'out-of-range', verdict: rangeVerdict({ values, current: current['out-of-range']!, referenceId }, rule) })
  const outliers = outlierVerdict({ reference: thing.reference, current: current.outlier!, referenceId }, outlierRule)
  return outliers === null ? judged : [...judged, { thing, cause: 'outlier', verdict: outliers }]
}

type Tallies = Partial<Record<RateCause, Proportion>>

function tallies({ reference }: CountedThing, counts: FeatureCounts): Tallies {
  const trials = offeredTo(counts)
  const values = valuesOf(counts)
  const common: Tallies = {
    missing: { successes: counts.missing, trials },
    'wrong-type': { successes: counts.wrongType, trials },
    infinite: { successes: counts.infinite, trials },
  }
  if (counts.kind === 'categorical') {
    // The last bin is `unseen`; of a reference with unnamed categories it stays empty, because a device cannot tell them apart.
    return { ...common, unseen: { successes: reference.kind === 'categorical' ? (counts.bins.at(-1) ?? 0) : 0, trials: values } }
  }
  const outside = counts.below + counts.above
  return { ...common, 'out-of-range': { successes: outside, trials: values }, outlier: { successes: counts.outliers, trials: values } }
}

function trainingTallies({ reference }: CountedThing): Tallies {
  const numeric = reference.kind === 'numeric'
  const values = numeric
    ? reference.counts.reduce((sum, count) => sum + count, 0)
    : reference.categories.reduce((sum, [, count]) => sum + count, reference.other)
  const infinite = numeric ? reference.infinite : 0
  const trials = values + reference.missing + infinite
  return {
    missing: { successes: reference.missing, trials },
    'wrong-type': { successes: 0, trials },
    infinite: { successes: infinite, trials },
    'out-of-range': { successes: 0, trials: values },
    unseen: { successes: 0, trials: values },
  }
}

function rateOf(of: Judged & { name: string; persistence: string | null }): Rate {
  const { thing, cause, verdict } = of
  const { state, current, reference, difference, interval, p } = verdict
  const shared = ({ successes, trials }: Proportion) => ({ successes, trials, share: trials === 0 ? null : successes / trials })
  return {
    ...{ name: thing.name, role: thing.role, cause, state },
    sentence: rateSentence(thing, cause, of),
    ...{ current: shared(current), reference: shared(reference), difference },
    ...{ low: interval?.low ?? null, high: interval?.high ?? null, p },
  }
}

const urgency: Record<Rate['state'], number> = { alarm: 0, ok: 1, 'insufficient data': 2 }

function byUrgency(a: Rate, b: Rate): number {
  return urgency[a.state] - urgency[b.state] || (b.difference ?? -1) - (a.difference ?? -1)
}
