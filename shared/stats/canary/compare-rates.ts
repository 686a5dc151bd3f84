import { alikeDevices, type AlikeDevices } from './alike-devices.ts'
import { addErrorWindow, emptyErrorEProcess } from './error-e-process.ts'
import { confidenceSequence, defaultSequenceRule } from './confidence-sequence.ts'
import { clusteredEvidence, designEffect, type RateCell, type RateWindow } from './design-effect.ts'
import { proportionBounds } from './proportion-bounds.ts'

/** What is accepted, and with which certainty. */
export interface RateRule {
  alpha: number
  /** Rise that is accepted: the larger of an absolute share and a share of the rate of the baseline. */
  absoluteMargin: number
  relativeMargin: number
  /** Trials per arm before it may pass. */
  leastTrials: number
  /** Cells are sums over all of the time; left out: no. */
  areTotals?: boolean
}

/** Sums of an arm. */
export interface RateArm {
  trials: number
  events: number
  share: number | null
}

/** A rate of the canary against that of the baseline; it may be looked at any time. */
export interface RateComparison {
  state: 'pass' | 'fail' | 'inconclusive'
  canary: RateArm
  baseline: RateArm
  /** canary - baseline, each window compared with itself; null: nothing to compare. */
  difference: number | null
  /** Limits of the difference that hold at all times together with probability 1 - alpha. */
  low: number | null
  high: number | null
  margin: number
  eValue: number | null
  /** Events that are worth one independent event. */
  designEffect: number
  /** Devices far above the others of an arm that the state is without, and so are all of its figures. */
  leftOut: number
  /**
   * Why more trials of the same devices alone may settle nothing. lone: the canary is one device that is certainly worse than the others of the baseline, but
   * may be such a one as those left out. odd: there is such a one on the canary, and its others are no worse than is accepted. Null: they may.
   */
  unsettled: 'lone' | 'odd' | null
  /** Further trials of the canary until it passes, if everything stays as it is; null: it passes, never will, or nothing is known. */
  needs: number | null
}

/** Fewer events, or trials without one, do not make an arm look more certain than so many would. */
const LEAST_EVENTS = 10
/** Looking further ahead than a thousand times of what there is, or than this many trials where there are few, tells nobody anything. */
const FURTHEST = 1000
const FURTHEST_TRIALS = 10_000_000

/**
 * Compares two rates. Fail: the e-process of the events, tempered by their design effect, reaches 1 / alpha, and the measured rise is more than the margin.
 * Where some devices of an arm are far above the others, that is the mean of the process of all and of one without them on both sides: they make the
 * design effect of all so large that a device is worth one event, and one dead device of the baseline would excuse any canary. What all
 * devices of the canary do is seen in the second, what too many of them do in the first; a mean of e-values is one.
 * Pass: the upper limit of the rise is below the margin, for all and without those devices, and both arms have enough trials: what the margin accepts is no
 * fault, however certain it is. Where all of those devices are of the baseline, without them is enough: that is the harder one, and with them a
 * dead device would keep every canary from passing for ever. Else inconclusive. The limits are the tighter ones of a confidence sequence of the difference
 * within windows (Mantel-Haenszel weights, half of alpha) and of the exact bounds of both arms (the other half), which is better at rates near 0.
 */
export function compareRates(windows: readonly RateWindow[], rule: RateRule): RateComparison {
  const used = windows.filter(isTwoSided)
  const all = sightOf(used, rule)
  if (all === null) {
    const [canary, baseline] = [armOf([]), armOf([])]
    const nothing = { difference: null, low: null, high: null, eValue: null, needs: null }
    return {
      state: 'inconclusive',
      canary,
      baseline,
      margin: rule.absoluteMargin,
      designEffect: 1,
      leftOut: 0,
      unsettled: null,
      ...nothing,
    }
  }
  const rest = alikeDevices(used)
  const alike = rest === null ? null : sightOf(rest.windows, rule)
  const ofAlike = alike === null ? all.eValue : Math.min(alike.eValue, rest!.mostEvidence)
  const eValue = all.eValue / 2 + ofAlike / 2
  const sights = sightsToPass(all, alike, rest)
  const isPass = sights.every(
    ({ canary, baseline, high, margin }) => Math.min(canary.trials, baseline.trials) >= rule.leastTrials && high < margin,
  )
  // The figures must be those of the devices that the evidence comes from.
  const decisive = alike !== null && ofAlike > all.eValue ? alike : all
  const isFail = !isPass && eValue >= 1 / rule.alpha && decisive.difference > decisive.margin
  const unsettled = isPass || isFail || alike === null ? null : unsettledOf(alike, rest!)
  const of = isFail ? decisive : sights[0]!
  const { facts: _, ...shown } = of
  return {
    ...shown,
    ...{ state: isPass ? 'pass' : isFail ? 'fail' : 'inconclusive', eValue, leftOut: of === alike ? rest!.leftOut : 0 },
    unsettled,
    needs: isPass || isFail || unsettled !== null ? null : needsOfAll(sights, rule.leastTrials),
  }
}

/** What must be below the margin for a pass. Without the devices of the baseline that fail far more than its others the canary has it harder. */
function sightsToPass(all: Sight, alike: Sight | null, rest: AlikeDevices | null): Sight[] {
  if (alike === null) return [all]
  return rest?.isCanaryWhole === true ? [alike] : [all, alike]
}

function unsettledOf({ difference, low, margin }: Sight, { isCanaryWhole, isLone }: AlikeDevices): RateComparison['unsettled'] {
  if (!isCanaryWhole) return difference <= margin ? 'odd' : null
  return isLone && low > margin ? 'lone' : null
}

const canaryOf = ({ canary }: RateWindow): readonly RateCell[] => canary
const baselineOf = ({ baseline }: RateWindow): readonly RateCell[] => baseline
const isTwoSided = ({ canary, baseline }: RateWindow): boolean => trialsOf(canary) > 0 && trialsOf(baseline) > 0

/** What some devices show. */
interface Sight extends Omit<RateComparison, 'state' | 'needs' | 'leftOut' | 'unsettled'> {
  difference: number
  low: number
  high: number
  eValue: number
  facts: Facts
}

function sightOf(windows: readonly RateWindow[], rule: RateRule): Sight | null {
  const used = windows.filter(isTwoSided)
  if (used.length === 0) return null
  const [canaryCells, baselineCells] = [used.flatMap(canaryOf), used.flatMap(baselineOf)]
  const [canary, baseline] = [armOf(canaryCells), armOf(baselineCells)]
  const margin = Math.max(rule.absoluteMargin, rule.relativeMargin * baseline.share!)
  const options = { areTotals: rule.areTotals === true }
  const effect = Math.max(designEffect(canaryCells, options), designEffect(baselineCells, options))
  const spread = spreadOf(used)
  const facts: Facts = { canary, baseline, effect, ...spread, alpha: rule.alpha }
  return {
    ...{ canary, baseline, difference: spread.difference, ...limitsOf(facts, 1), margin },
    ...{ eValue: evidenceOf(used, effect), designEffect: effect, facts },
  }
}

interface Facts {
  canary: RateArm
  baseline: RateArm
  effect: number
  difference: number
  canaryWeight: number
  baselineWeight: number
  alpha: number
}

function trialsOf(cells: readonly RateCell[]): number {
  return cells.reduce((sum, { trials }) => sum + trials, 0)
}

function armOf(cells: readonly RateCell[]): RateArm {
  const trials = trialsOf(cells)
  const events = cells.reduce((sum, cell) => sum + cell.events, 0)
  return { trials, events, share: trials === 0 ? null : events / trials }
}

function evidenceOf(windows: readonly RateWindow[], effect: number): number {
  const process = emptyErrorEProcess()
  for (const window of windows) {
    const [canary, baseline] = [armOf(window.canary), armOf(window.baseline)]
    addErrorWindow(process, {
      ...{ canaryErrors: canary.events, canaryRequests: canary.trials },
      ...{ baselineErrors: baseline.events, baselineRequests: baseline.trials },
    })
  }
  return clusteredEvidence(process, effect)
}

/** Difference with the weights nc nb / (nc + nb) of each window (Mantel, Haenszel 1959), and what each arm weighs in its variance. */
function spreadOf(windows: readonly RateWindow[]): Pick<Facts, 'difference' | 'canaryWeight' | 'baselineWeight'> {
  let [weights, differences, ofCanary, ofBaseline] = [0, 0, 0, 0]
  for (const window of windows) {
    const [canary, baseline] = [armOf(window.canary), armOf(window.baseline)]
    const weight = (canary.trials * baseline.trials) / (canary.trials + baseline.trials)
    weights += weight
    differences += weight * (canary.share! - baseline.share!)
    ofCanary += (weight * weight) / canary.trials
    ofBaseline += (weight * weight) / baseline.trials
  }
  return { difference: differences / weights, canaryWeight: ofCanary / weights ** 2, baselineWeight: ofBaseline / weights ** 2 }
}

/** Limits of the difference if there were `times` as much of everything. */
function limitsOf(facts: Facts, times: number): { low: number; high: number } {
  const { canary, baseline, effect, difference, canaryWeight, baselineWeight, alpha } = facts
  const variance = varianceOf(canary, times) * canaryWeight + varianceOf(baseline, times) * baselineWeight
  const n = ((canary.trials + baseline.trials) * times) / effect
  const { halfWidth } = confidenceSequence(difference, Math.sqrt((variance * effect) / times), n, {
    ...defaultSequenceRule,
    alpha: alpha / 2,
  })!
  const bounds = ({ events, trials }: RateArm) => proportionBounds((events * times) / effect, (trials * times) / effect, alpha / 4)!
  const [c, b] = [bounds(canary), bounds(baseline)]
  const [low, high] = [Math.max(-1, difference - halfWidth, c.low - b.high), Math.min(1, difference + halfWidth, c.high - b.low)]
  // Windows of very different rates may part both intervals: then that within windows is the one that is meant.
  return low <= high ? { low, high } : { low: Math.max(-1, difference - halfWidth), high: Math.min(1, difference + halfWidth) }
}

function varianceOf({ events, trials }: RateArm, times: number): number {
  const n = trials * times
  const share = n <= 2 * LEAST_EVENTS ? 0.5 : Math.min(n - LEAST_EVENTS, Math.max(LEAST_EVENTS, events * times)) / n
  return share * (1 - share)
}

/** Those of the sight that takes the most; null: one of them never passes. */
function needsOfAll(sights: readonly Sight[], leastTrials: number): number | null {
  const needs = sights.map(({ facts, margin }) => needsOf(facts, margin, leastTrials))
  return needs.reduce((most, need) => (most === null || need === null ? null : Math.max(most, need)))
}

function needsOf(facts: Facts, margin: number, leastTrials: number): number | null {
  const { canary, baseline, difference } = facts
  const fewer = Math.min(canary.trials, baseline.trials)
  const least = leastTrials / fewer
  const furthest = Math.max(FURTHEST, least, FURTHEST_TRIALS / fewer)
  const passes = (times: number): boolean => times >= least && limitsOf(facts, times).high < margin
  if (difference >= margin || !passes(furthest)) return null
  let [short, enough] = [Math.max(1, least), furthest]
  if (passes(short)) enough = short
  while (enough / short > 1.01) {
    const middle = Math.sqrt(short * enough)
    if (passes(middle)) enough = middle
    else short = middle
  }
  return Math.max(1, Math.ceil(canary.trials * (enough - 1)))
}
