import { defaultDriftRule, type DriftRule } from '../../../../shared/stats/drift/score-window.ts'
import { defaultRateRule } from '../../../../shared/stats/quality/rate-verdict.ts'

/** False alarms that the whole fleet may give in so many days. */
export interface AlarmBudget {
  falseAlarms: number
  perDays: number
}

/** One false alarm a month, whatever the size of the fleet. */
export const defaultBudget: AlarmBudget = { falseAlarms: 1, perDays: 30 }

/** How much is judged on a day; only what is switched on and has data counts. */
export interface Judged {
  /** Verdict windows a day in which features are tested for drift: slices (versions, devices against peers) times windows. */
  driftWindows: number
  /** Verdict windows a day in which rates are tested. */
  rateWindows: number
  /** Rates that are tested in such a window: features times causes. */
  ratesPerWindow: number
  /** Rates and latencies of requests that the device's detectors watch, and requests a day over all devices. */
  detectors: number
  inferences: number
  /** Versions whose measured accuracy is judged. */
  qualitySubjects: number
}

/** What follows from a budget. */
export interface Thresholds {
  /** Share of false findings among the features of a window (Benjamini-Hochberg). */
  q: number
  /** p of a rate of bad values in a window. */
  rateAlpha: number
  /** Inferences between two false alarms of a detector, for the configuration of the devices. */
  detectorSamples: number
  /** Level of the confidence sequence of measured accuracy, per version. */
  qualityAlpha: number
  /** False alarms to be expected in the period of the budget, at most. */
  expected: number
}

/** How the budget is parted: most of it for drift, which is tested most often. */
export const shares = { drift: 0.5, rates: 0.3, detectors: 0.1, quality: 0.1 } as const

/** Where the fleet is small the usual levels are strict enough; a budget never makes them looser. */
const LOOSEST = { q: defaultDriftRule.q, rateAlpha: defaultRateRule.alpha, detectorSamples: 100_000, qualityAlpha: 0.05 } as const
/** Most that the configuration of a device takes. */
const MOST_DETECTOR_SAMPLES = 1_000_000_000
/** A level below this is beyond what a chi-square approximation can tell. */
const STRICTEST = 1e-9

/**
 * Thresholds from a budget, pure. The derivation:
 *
 * B false alarms a day are accepted in all (falseAlarms / perDays), and a share s of them for each kind of test.
 *
 * DRIFT. Benjamini-Hochberg at q over the features of a window finds something in a window without any drift with probability at most q. An
 * alarm needs the same feature in 2 of the last 3 windows. With q for each window, independent of each other because windows do not overlap,
 * P(at least 2 of 3) = 3 q^2 (1 - q) + q^3 <= 3 q^2. With F windows a day: F 3 q^2 <= s B, so q = sqrt(s B / (3 F)).
 * RATES are not corrected among each other: K tests in each of F windows, each below alpha by chance, 2 of 3: F K 3 alpha^2 <= s B.
 * DETECTORS. A Bernoulli CUSUM with h = ln N passes at least N inferences between two false alarms: D detectors and I inferences a day
 * give at most D I / N <= s B, so N = D I / (s B).
 * QUALITY. A confidence sequence at alpha is left by chance at any time with probability alpha: V versions in P days give V alpha <= s B P.
 *
 * Assumptions: values within a window count as their effective number (autocorrelation is taken out before); tests of features depend positively
 * on each other, else q may be exceeded; the reference is a fair sample of what the model was made for. The bounds leave out that an alarm also needs
 * an effect (adjusted PSI 0.2, five points): the true numbers are far lower, see the simulation.
 */
export function thresholdsFor(budget: AlarmBudget, fleet: Judged): Thresholds {
  const perDay = budget.falseAlarms / budget.perDays
  const q = atMost(LOOSEST.q, Math.sqrt((shares.drift * perDay) / (3 * fleet.driftWindows)))
  const rateTests = fleet.rateWindows * fleet.ratesPerWindow
  const rateAlpha = atMost(LOOSEST.rateAlpha, Math.sqrt((shares.rates * perDay) / (3 * rateTests)))
  const wanted = (fleet.detectors * fleet.inferences) / (shares.detectors * perDay)
  const detectorSamples = Math.min(MOST_DETECTOR_SAMPLES, roundedUp(Math.max(LOOSEST.detectorSamples, wanted)))
  const qualityAlpha = atMost(LOOSEST.qualityAlpha, (shares.quality * perDay * budget.perDays) / fleet.qualitySubjects)
  const expectedPerDay =
    3 * q ** 2 * fleet.driftWindows + 3 * rateAlpha ** 2 * rateTests + (fleet.detectors * fleet.inferences) / detectorSamples
  return { q, rateAlpha, detectorSamples, qualityAlpha, expected: expectedPerDay * budget.perDays + qualityAlpha * fleet.qualitySubjects }
}

/** The rule of drift with the level that the budget allows; effect and persistence stay. */
export function driftRuleOf({ q }: Pick<Thresholds, 'q'>): DriftRule {
  return { ...defaultDriftRule, q }
}

/** Two digits are enough for a threshold that is the logarithm of it, and keep the configuration of devices from changing every day. */
function roundedUp(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1)
  return Math.ceil(value / unit) * unit
}

/** Nothing judged leaves the loosest level. */
function atMost(loosest: number, level: number): number {
  return Number.isNaN(level) ? loosest : Math.max(STRICTEST, Math.min(loosest, level))
}
