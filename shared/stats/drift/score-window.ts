import { chiSquareHomogeneity, type ChiSquareTest } from './chi-square-homogeneity.ts'
import { countPair, withoutEmptyBins, type BinCounts } from './counts.ts'
import { jsDistance, jsDistanceAdjusted, jsDivergence } from './jensen-shannon.ts'
import { benjaminiHochberg } from './multiple-testing.ts'
import { psi, psiAdjusted } from './psi.ts'
import { lInfinity, type LargestChange } from './total-variation.ts'

/** The three parts of the drift rule: effect, evidence, persistence. */
export interface DriftRule {
  /** Effect from which it is a warning, and an alarm: adjusted PSI of numeric features, adjusted JS distance of categorical ones. */
  warn: number
  alarm: number
  /** Share of false findings among the features of a window that is accepted (Benjamini-Hochberg). */
  q: number
  /** Fewer effective values than this are no evidence for anything. */
  leastValues: number
  /** A warning needs so many effective values; an alarm passes with `leastValues`. */
  warnFrom: number
  /** So many of the last windows must exceed. */
  windows: number
  of: number
  /** What fired counts as clean again below this share of its threshold, and so many clean windows in a row resolve it. */
  hysteresis: number
  cleanWindows: number
}

/** The defaults: adjusted PSI 0.1 / 0.2, q 0.05, 100 effective values (200 for a warning), 2 of 3 windows, resolved after 3 below 0.8 x threshold. */
export const defaultDriftRule: DriftRule = {
  warn: 0.1,
  alarm: 0.2,
  q: 0.05,
  leastValues: 100,
  warnFrom: 200,
  windows: 2,
  of: 3,
  hysteresis: 0.8,
  cleanWindows: 3,
}

/** One feature, prediction or confidence in one window, over the bins of its reference. */
export interface FeatureWindow {
  feature: string
  kind: 'numeric' | 'categorical'
  reference: BinCounts
  current: BinCounts
  /** Lag-1 autocorrelation within the window; null: unknown, every value counts. */
  correlation: number | null
  /** Effective values, see `effectiveSize`. */
  effective: number
}

export type DriftLevel = 'insufficient data' | 'none' | 'warn' | 'alarm'

/** What a window says of a feature, with everything that it rests on; distances are null without values. */
export interface DriftScore {
  feature: string
  referenceId: string
  kind: 'numeric' | 'categorical'
  /** Values of the window, the same as independent ones, values of the reference, and bins with a value on either side. */
  n: number
  effective: number
  m: number
  bins: number
  psi: number | null
  psiAdjusted: number | null
  jsDistance: number | null
  jsDistanceAdjusted: number | null
  /** The bin that changed most, by its index in the reference. */
  largest: LargestChange | null
  test: ChiSquareTest
  /** p after Benjamini-Hochberg over the features of the window; null where the data do not suffice. */
  pAdjusted: number | null
  /** What is compared with the thresholds: the adjusted PSI, or JS distance of categories. */
  effect: number | null
  level: DriftLevel
}

/**
 * Scores all features of one window together: the evidence is corrected over those with enough data.
 * @throws RangeError if bins differ in number or a count is negative
 */
export function scoreWindow(features: readonly FeatureWindow[], referenceId: string, rule = defaultDriftRule): DriftScore[] {
  const scores = features.map((feature) => measure(feature, referenceId, rule))
  const judged = scores.filter(({ level }) => level !== 'insufficient data')
  const adjusted = benjaminiHochberg(judged.map(({ test }) => test.p))
  for (const [i, score] of judged.entries()) {
    score.pAdjusted = adjusted[i]!
    score.level = levelOf(score, rule)
  }
  return scores
}

function measure(window: FeatureWindow, referenceId: string, rule: DriftRule): DriftScore {
  const { feature, kind, reference, current } = window
  const whole = countPair(reference, current)
  const n = current.reduce((sum, count) => sum + count, 0)
  const m = reference.reduce((sum, count) => sum + count, 0)
  const effective = Math.min(n, window.effective)
  const isEnough = whole !== null && effective >= rule.leastValues
  const base = {
    feature,
    referenceId,
    kind,
    n,
    effective,
    m,
    pAdjusted: null,
    level: isEnough ? ('none' as const) : ('insufficient data' as const),
  }
  if (whole === null) {
    const test = { statistic: 0, df: 0, p: 1 }
    const nothing = { psi: null, psiAdjusted: null, jsDistance: null, jsDistanceAdjusted: null, largest: null, effect: null }
    return { ...base, bins: 0, test, ...nothing }
  }
  const used = withoutEmptyBins(whole)
  const bins = used.reference.length
  const index = psi(used.reference, used.current)!
  const indexAdjusted = psiAdjusted(index, bins, effective, m)
  const distanceAdjusted = jsDistanceAdjusted(jsDivergence(reference, current)!, bins, effective, m)
  return {
    ...base,
    bins,
    psi: index,
    psiAdjusted: indexAdjusted,
    jsDistance: jsDistance(reference, current),
    jsDistanceAdjusted: distanceAdjusted,
    largest: lInfinity(reference, current),
    test: chiSquareHomogeneity(reference, current, effective / n),
    effect: kind === 'numeric' ? indexAdjusted : distanceAdjusted,
  }
}

function levelOf({ effect, pAdjusted, effective }: DriftScore, rule: DriftRule): DriftLevel {
  if (effect === null || pAdjusted === null || pAdjusted > rule.q) return 'none'
  if (effect >= rule.alarm) return 'alarm'
  return effect >= rule.warn && effective >= rule.warnFrom ? 'warn' : 'none'
}
