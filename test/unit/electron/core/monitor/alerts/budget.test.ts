import { describe, expect, it } from 'vitest'
import { defaultBudget, driftRuleOf, thresholdsFor, type Judged } from '../../../../../../electron/core/monitor/alerts/budget.ts'
import { driftVerdict } from '../../../../../../shared/stats/drift/drift-verdict.ts'
import { scoreWindow, type DriftScore } from '../../../../../../shared/stats/drift/score-window.ts'
import { compareProportions } from '../../../../../../shared/stats/quality/two-proportions.ts'

const nobody: Judged = { driftWindows: 0, rateWindows: 0, ratesPerWindow: 65, detectors: 2, inferences: 0, qualitySubjects: 0 }
const fleet: Judged = {
  driftWindows: 24 * 500,
  rateWindows: 24 * 500,
  ratesPerWindow: 65,
  detectors: 2,
  inferences: 5e7,
  qualitySubjects: 4,
}

describe('thresholds from the budget of false alarms', () => {
  it('leaves a small fleet at the usual levels', () => {
    expect(thresholdsFor(defaultBudget, nobody)).toMatchObject({ q: 0.05, rateAlpha: 0.01, detectorSamples: 100_000, qualityAlpha: 0.05 })
  })

  it('spends no more than the budget, however large the fleet', () => {
    for (const times of [1, 10, 1000]) {
      const large = {
        ...fleet,
        driftWindows: fleet.driftWindows * times,
        rateWindows: fleet.rateWindows * times,
        inferences: fleet.inferences / 100,
      }
      expect(thresholdsFor(defaultBudget, large).expected).toBeLessThanOrEqual(1.0001)
    }
  })

  it('follows the formulas', () => {
    const { q, rateAlpha, detectorSamples, qualityAlpha } = thresholdsFor({ falseAlarms: 3, perDays: 30 }, fleet)
    expect(q).toBeCloseTo(Math.sqrt((0.5 * 0.1) / (3 * 12_000)), 12)
    expect(rateAlpha).toBeCloseTo(Math.sqrt((0.3 * 0.1) / (3 * 12_000 * 65)), 12)
    expect(detectorSamples).toBe(1e9)
    expect(qualityAlpha).toBe(0.05)
  })

  it('grows stricter with the fleet and looser with the budget', () => {
    const one = thresholdsFor(defaultBudget, fleet)
    expect(thresholdsFor(defaultBudget, { ...fleet, driftWindows: fleet.driftWindows * 4 }).q).toBeCloseTo(one.q / 2, 12)
    expect(thresholdsFor({ falseAlarms: 4, perDays: 30 }, fleet).q).toBeCloseTo(one.q * 2, 12)
    expect(driftRuleOf(one)).toMatchObject({ q: one.q, alarm: 0.2, windows: 2, of: 3 })
  })
})

/** A small generator of random numbers, so that a simulation is the same every time. */
function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Counts of a window over equal bins. */
function draw(random: () => number, bins: number, n: number): number[] {
  const counts = Array.from({ length: bins }, () => 0)
  for (let i = 0; i < n; i += 1) counts[Math.floor(random() * bins)]! += 1
  return counts
}

// With MUSTER_STATS_FULL=1 so many days that the bounds are visible; else enough to see a fault.
const DAYS = process.env['MUSTER_STATS_FULL'] === '1' ? 2000 : 60
const FEATURES = 13
const BINS = 10

describe('the budget in a simulation without any drift', () => {
  it(`gives no more false alarms than it grants in ${DAYS} days`, () => {
    const judged = { ...nobody, driftWindows: 24, rateWindows: 24, ratesPerWindow: FEATURES }
    const budget = { falseAlarms: 1, perDays: 30 }
    const thresholds = thresholdsFor(budget, judged)
    const rule = driftRuleOf(thresholds)
    const random = mulberry(42)
    let [drift, bare, rates] = [0, 0, 0]
    // A new reference every day, so that one unlucky reference does not decide all.
    for (let day = 0; day < DAYS; day += 1) {
      const references = Array.from({ length: FEATURES }, () => draw(random, BINS, 1000))
      const scores: DriftScore[][] = Array.from({ length: FEATURES }, () => [])
      const findings: boolean[][] = Array.from({ length: FEATURES }, () => [])
      for (let hour = 0; hour < 24; hour += 1) {
        const windows = references.map((reference, i) => ({
          current: draw(random, BINS, 200),
          reference,
          feature: `f${i}`,
          kind: 'numeric' as const,
          correlation: null,
          effective: 200,
        }))
        for (const [i, score] of scoreWindow(windows, 'training', rule).entries()) scores[i]!.push(score)
        for (let i = 0; i < FEATURES; i += 1) {
          const missing = Array.from({ length: 200 }, () => random() < 0.05).filter(Boolean).length
          findings[i]!.push(
            compareProportions({ successes: 50, trials: 1000 }, { successes: missing, trials: 200 }).twoSided < thresholds.rateAlpha,
          )
        }
      }
      for (let i = 0; i < FEATURES; i += 1) {
        for (let hour = 3; hour <= 24; hour += 1) {
          if (driftVerdict(scores[i]!.slice(0, hour), rule).state === 'alarm') drift += 1
          // The evidence alone, without the effect: what the bound speaks of.
          if (scores[i]!.slice(hour - 3, hour).filter(({ pAdjusted }) => pAdjusted !== null && pAdjusted <= rule.q).length >= 2) bare += 1
          if (findings[i]!.slice(hour - 3, hour).filter(Boolean).length >= 2) rates += 1
        }
      }
    }
    const granted = (DAYS * budget.falseAlarms) / budget.perDays
    console.log(
      `budget simulation, ${DAYS} days, q ${rule.q.toFixed(4)}, alpha ${thresholds.rateAlpha.toFixed(5)}: ${drift} drift alarms (${bare} by evidence alone), ${rates} rate alarms by evidence alone; granted ${granted.toFixed(1)}, bound ${((thresholds.expected * DAYS) / budget.perDays).toFixed(1)}`,
    )
    expect(drift).toBe(0)
    // A Poisson number of this mean is above mean + 3 sqrt(mean) + 3 once in a thousand times; each episode counts in up to two windows.
    const most = 2 * (granted * 0.8 + 3 * Math.sqrt(granted) + 3)
    expect(bare + rates).toBeLessThanOrEqual(most)
  })
})
