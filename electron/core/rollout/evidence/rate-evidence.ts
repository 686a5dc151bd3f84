import type { MetricEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import { compareRates, type RateArm, type RateComparison } from '../../../../shared/stats/canary/compare-rates.ts'
import type { RateWindow } from '../../../../shared/stats/canary/design-effect.ts'
import { wilsonOfShare } from '../../../../shared/stats/proportion-interval.ts'
import { besidePast, type BesidePast } from './beside-past.ts'
import type { MetricRule } from './evidence-parts.ts'
import { counted, figure, percent, points } from './figures.ts'

/** How a rate of events is spoken of. */
export interface RateWords {
  /** Begins the sentence, e.g. Errors. */
  title: string
  /** Of the events that count against a version, e.g. requests failed. */
  events: string
  /** What is counted, e.g. requests. */
  trials: string
  /** Where nothing is known of the candidate, or of the incumbent at the same time. */
  noCandidate: string
  noIncumbent: string
  /** Added to every sentence that has numbers; empty: nothing. */
  note: string
}

/** What is compared. */
export interface RateQuestion {
  rule: MetricRule
  windows: readonly RateWindow[]
  /** Share of the rate of the incumbent that is accepted, if that is more than the margin. */
  relativeMargin: number
  words: RateWords
  /** What the one device of the version did with it, and with the incumbent before; asked for only where that may decide. */
  past?(): RateWindow | null
  /** Cells are sums of a device over all of the time. */
  areTotals?: boolean
  /** True: shown is the share without an event, e.g. of right rows. */
  isInverted?: boolean
}

const METHOD = 'e-process of the events (Lindon, Malek 2022) tempered by clusters; confidence sequence (Waudby-Smith et al.), exact bounds'

export const noArm: MetricEvidence['candidate'] = { n: 0, events: null, value: null, low: null, high: null }

/** Evidence of a rate of events, fewer of which are better. */
export function rateEvidence(of: RateQuestion): MetricEvidence {
  const { rule, windows, relativeMargin, words } = of
  const rates = { alpha: rule.alpha, absoluteMargin: rule.margin, relativeMargin, leastTrials: rule.leastRequests }
  const compared = compareRates(windows, { ...rates, areTotals: of.areTotals === true })
  const beside = besidePast(compared, () => of.past?.() ?? null, rates)
  const { state } = beside
  const { canary, baseline, difference, low, high, margin, designEffect, needs } = compared
  const eValue = evidenceOf(compared, beside)
  const isInverted = of.isInverted === true
  const sign = (value: number | null): number | null => (value === null || !isInverted ? value : 0 - value)
  const [from, to] = isInverted ? [sign(high), sign(low)] : [low, high]
  return {
    ...{ metric: rule.metric, role: rule.role, verdict: state === 'inconclusive' ? 'not enough evidence' : state },
    sentence: sentenceOf(compared, words, { windows, rule, isInverted, beside }),
    ...{ candidate: armOf(canary, designEffect, isInverted), incumbent: armOf(baseline, designEffect, isInverted) },
    ...{ difference: sign(difference), low: from, high: to, margin, alpha: rule.alpha, eValue, needs, method: METHOD },
  }
}

function armOf({ trials, events, share }: RateArm, effect: number, isInverted: boolean): MetricEvidence['candidate'] {
  if (share === null) return noArm
  const { low, high } = wilsonOfShare(share, trials / effect)
  if (!isInverted) return { n: trials, events, value: share, low, high }
  return { n: trials, events: trials - events, value: 1 - share, low: 1 - high, high: 1 - low }
}

/** The evidence that the verdict stands on: that of the past where the other devices could not tell. */
function evidenceOf(compared: RateComparison, { past, blames }: BesidePast): number | null {
  return compared.state !== 'fail' && blames === 'version' ? past!.eValue : compared.eValue
}

interface Sight {
  windows: readonly RateWindow[]
  rule: MetricRule
  isInverted: boolean
  beside: BesidePast
}

function sentenceOf(of: RateComparison, words: RateWords, { windows, rule, isInverted, beside }: Sight): string {
  const { canary, baseline, high, margin } = of
  const eValue = evidenceOf(of, beside)
  const { title, noCandidate, noIncumbent, note } = words
  if (canary.share === null || baseline.share === null || high === null || eValue === null) {
    return `${title}: ${windows.some((window) => window.canary.some(({ trials }) => trials > 0)) ? noIncumbent : noCandidate}.`
  }
  const side = ({ events, trials, share }: RateArm): string =>
    `${percent(isInverted ? 1 - share! : share!)} (${counted(isInverted ? trials - events : events)} of ${counted(trials)})`
  const begin = `${title}: ${side(canary)} ${words.events} against ${side(baseline)} of the incumbent at the same time`
  const end = note === '' ? '.' : `; ${note}.`
  const change = isInverted ? 'loss' : 'rise'
  if (beside.blames === 'device') return `${begin}, but ${ofDevice(beside.past!, side)}: add a second one${end}`
  if (of.state === 'pass')
    return `${begin}; the ${change} is at most ${points(Math.max(0, high))}, and ${points(margin)} are accepted${withoutOthers(of)}${end}`
  if (beside.state === 'fail') {
    const before = beside.past === null ? '' : `, and ${side(beside.past.baseline)} of this device before the version came`
    return `${begin}${before}; that is more than the ${points(margin)} that are accepted, and beyond chance (evidence ${figure(eValue)}, it takes ${figure(1 / rule.alpha)})${withoutOthers(of)}${end}`
  }
  return `${begin}; the ${change} may be up to ${points(high)}, and ${points(margin)} are accepted${needsOf(of, words, rule)}${clusters(of)}${withoutOthers(of)}${end}`
}

/** Why the one device of a version proves nothing against it. */
function ofDevice({ difference, margin, baseline }: RateComparison, side: (arm: RateArm) => string): string {
  if (difference === null || difference <= margin) return `this one device did no better before the version came, ${side(baseline)}`
  return `this one device had ${side(baseline)} before the version came, which is too little to tell the version from the device`
}

function needsOf(of: RateComparison, { trials }: RateWords, { leastRequests }: MetricRule): string {
  const { needs } = of
  if (of.unsettled !== null) return `; more ${trials} alone may not settle it: ${wayOut[of.unsettled]}`
  if (needs === null) return `; at this rate no number of ${trials} makes it pass`
  return `; it takes about ${counted(needs)} more ${trials} (at least ${counted(leastRequests)} per side)`
}

/** What a person can do where the same devices never tell; short, as a gate cuts its sentence. */
const wayOut = {
  lone: 'one device may be an odd one, as the incumbent has; add a second',
  odd: 'one of its devices is far above its others; look at it',
} as const

/** What is said without the devices that are far above the others of their side says so: its figures are without them. */
function withoutOthers({ leftOut }: RateComparison): string {
  if (leftOut === 0) return ''
  return leftOut === 1
    ? '; without one device that is far above the others of its side'
    : `; without ${counted(leftOut)} devices that are far above the others of their side`
}

/** A little more than 1 is chance. */
const CLUSTERED = 2

function clusters({ designEffect, unsettled }: RateComparison): string {
  return designEffect < CLUSTERED || unsettled !== null ? '' : `; about ${figure(designEffect)} of them come together and count as one`
}
