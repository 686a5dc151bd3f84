import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countsOfConfusion, emptyCounts } from '../../../../shared/stats/classification.ts'
import { wilsonInterval, wilsonOfShare } from '../../../../shared/stats/proportion-interval.ts'
import { averagedScores } from '../../../../shared/stats/quality/averages.ts'
import { addBrier, addBrierClasses, brierScore } from '../../../../shared/stats/quality/brier.ts'
import {
  addConfidence,
  emptyCalibration,
  expectedCalibrationError,
  maximumCalibrationError,
  reliability,
} from '../../../../shared/stats/quality/calibration.ts'
import { clopperPearsonInterval } from '../../../../shared/stats/quality/clopper-pearson.ts'
import {
  addExpectedConfusion,
  addExpectedOutcome,
  emptyExpectedConfusion,
  emptyExpectedOutcomes,
  estimatedClassScores,
  estimatedScores,
} from '../../../../shared/stats/quality/confidence-based.ts'
import { calibrate, chooseCalibrator, fitIsotonic, type ScoredRow } from '../../../../shared/stats/quality/isotonic.ts'
import { averagePrecision, groupByScore, macroArea, rocAuc } from '../../../../shared/stats/quality/ranking.ts'
import { medianAbsoluteError, symmetricRelativeError } from '../../../../shared/stats/quality/regression-samples.ts'
import { addScore, emptyScoreBins } from '../../../../shared/stats/quality/score-bins.ts'
import { compareProportions, fisherExact, twoProportionZ } from '../../../../shared/stats/quality/two-proportions.ts'
import { addWeighted, emptyWeightedProportion, weightedProportion } from '../../../../shared/stats/quality/weighted-proportion.ts'
import { naiveBayes } from './naive-bayes.ts'
import { oracleData, seeded } from './oracle.ts'

const bad = [Number.NaN, -0.1, 1.1, Number.POSITIVE_INFINITY]

describe('averages', () => {
  test('undefined without rows; classes that never occur are left out of one of them', () => {
    const nothing = { precision: null, recall: null, f1: null }
    expect(averagedScores(emptyCounts(3))).toEqual({ macro: nothing, macroAllLabels: nothing, micro: nothing, weighted: nothing })
    const { macro, macroAllLabels } = averagedScores(countsOfConfusion([[2, 0, 0], [0, 2, 0], [0, 0, 0]])) // prettier-ignore
    expect([macro.f1, macroAllLabels.f1]).toEqual([1, 2 / 3])
  })
})

describe('ranking', () => {
  test('undefined where a truth is missing; perfect, reversed and constant scores', () => {
    const rows = (...pairs: [number, number][]) => groupByScore(pairs.map(([score, positive]) => ({ score, positive })))
    expect([rocAuc([]), rocAuc(rows([0.5, 1])), averagePrecision(rows([0.5, 0])), macroArea([]), macroArea([null])]).toEqual(
      Array(5).fill(null),
    )
    expect([rows([0.1, 0], [0.9, 1]), rows([0.1, 1], [0.9, 0]), rows([0.5, 1], [0.5, 0])].map((groups) => rocAuc(groups)!.value)).toEqual([
      1, 0, 0.5,
    ])
    expect(
      macroArea([
        { value: 1, lower: 1, upper: 1 },
        { value: 0.5, lower: 0.4, upper: 0.6 },
      ]),
    ).toEqual({ value: 0.75, lower: 0.7, upper: 0.8 })
    expect(() => groupByScore([{ score: Number.NaN, positive: 1 }])).toThrow(RangeError)
    expect(() => emptyScoreBins(0)).toThrow(RangeError)
    expect(bad.map((score) => addScore(emptyScoreBins(), score, true))).toEqual(bad.map(() => false))
  })
})

describe('calibration', () => {
  test('a single row does not make the largest error; a bin of ten does', () => {
    const bins = emptyCalibration()
    addConfidence(bins, 0.95, false)
    expect([maximumCalibrationError(bins), maximumCalibrationError(bins, 1)]).toEqual([null, 0.95])
    for (let i = 0; i < 10; i += 1) addConfidence(bins, 0.75, i < 5)
    expect(maximumCalibrationError(bins)).toBeCloseTo(0.25, 12)
  })

  test('undefined without rows, 0 for right confidence, bad ones refused', () => {
    const bins = emptyCalibration(10)
    expect([expectedCalibrationError(bins), maximumCalibrationError(bins)]).toEqual([null, null])
    expect(bad.map((confidence) => addConfidence(bins, confidence, true))).toEqual(bad.map(() => false))
    for (let i = 0; i < 100; i += 1) addConfidence(bins, 0.5, i % 2 === 0)
    expect(expectedCalibrationError(bins)).toBeCloseTo(0, 12)
    for (const wrong of [0, 1.5, 1e9]) expect(() => emptyCalibration(wrong)).toThrow(RangeError)
    for (const wrong of [[0.5, 0.4], [0.5, 0.5], [-1], [2]]) expect(() => emptyCalibration(wrong)).toThrow(RangeError)
  })

  test('the reliability diagram has an interval for each bin with rows', () => {
    const bins = emptyCalibration([0.5])
    for (const [confidence, right] of [
      [0.2, false],
      [0.5, true],
      [0.9, true],
    ] as const)
      addConfidence(bins, confidence, right)
    expect(reliability(bins)).toEqual([
      { from: 0, to: 0.5, rows: 2, confidence: 0.35, share: 0.5, interval: wilsonInterval(1, 2) },
      { from: 0.5, to: 1, rows: 1, confidence: 0.9, share: 1, interval: wilsonInterval(1, 1) },
    ])
    expect(reliability(emptyCalibration(4))[3]).toEqual({ from: 0.75, to: 1, rows: 0, confidence: null, share: null, interval: null })
  })

  test('Brier: both forms agree for two classes up to the factor of two', () => {
    const [two, several] = [
      { rows: 0, total: 0 },
      { rows: 0, total: 0 },
    ]
    for (const [p, positive] of [
      [0.9, true],
      [0.4, false],
      [0.3, true],
    ] as const) {
      addBrier(two, p, positive)
      addBrierClasses(several, [1 - p, p], positive ? 1 : 0)
    }
    expect(brierScore(two)).toBeCloseTo((0.01 + 0.16 + 0.49) / 3, 12)
    expect(brierScore(several)).toBeCloseTo(2 * brierScore(two)!, 12)
    expect([
      brierScore({ rows: 0, total: 0 }),
      addBrier(two, Number.NaN, true),
      addBrierClasses(several, [0.5, 2], 0),
      addBrierClasses(several, [1], 1),
    ]).toEqual([null, false, false, false])
  })
})

describe('isotonic calibration', () => {
  const rows = fc.array(fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), isPositive: fc.boolean() }), {
    minLength: 1,
    maxLength: 80,
  })

  test('rises, stays within 0 to 1 and has no larger squared error than any constant', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const fitted = fitIsotonic(list)!
        expect(fitted.probabilities.every((p, i) => p >= 0 && p <= 1 && (i === 0 || p >= fitted.probabilities[i - 1]!))).toBe(true)
        const error = (of: (row: ScoredRow) => number): number =>
          list.reduce((sum, row) => sum + (of(row) - (row.isPositive ? 1 : 0)) ** 2, 0)
        const mean = list.filter(({ isPositive }) => isPositive).length / list.length
        expect(error(({ score }) => calibrate(fitted, score))).toBeLessThanOrEqual(error(() => mean) + 1e-9)
        for (const score of [-1, 0, 0.123, 0.5, 1, 2]) expect(calibrate(fitted, score) >= 0 && calibrate(fitted, score) <= 1).toBe(true)
      }),
    )
    expect(fitIsotonic([])).toBeNull()
    expect(() => fitIsotonic([{ score: Number.NaN, isPositive: true }])).toThrow(RangeError)
  })

  test('is used only where it lowers the calibration error', () => {
    const random = seeded(4)
    const scored = (truth: (score: number) => number): ScoredRow[] =>
      Array.from({ length: 4000 }, () => random()).map((score) => ({ score, isPositive: random() < truth(score) }))
    const wrong = chooseCalibrator(scored((score) => score ** 3))
    expect(wrong.calibrator).not.toBeNull()
    expect(wrong.errorAfter!).toBeLessThan(wrong.errorBefore! / 3)
    expect(calibrate(wrong.calibrator!, 0.5)).toBeCloseTo(0.125, 1)
    // Half of these are positive, as their score says; the rows of the trial are so by chance.
    const right = Array.from({ length: 40 }, (_, i) => ({ score: 0.5, isPositive: i % 2 === 0 || i % 4 === 1 }))
    expect(chooseCalibrator(right)).toEqual({ calibrator: null, errorBefore: 0, errorAfter: 0.5 })
    expect(chooseCalibrator([])).toEqual({ calibrator: null, errorBefore: null, errorAfter: null })
  })
})

describe('estimates without labels', () => {
  test('breast cancer by naive Bayes: raw scores promise too much, calibrated ones less', () => {
    const { X, y } = oracleData.breast_cancer
    const even = X.map((_, i) => i).filter((i) => i % 2 === 0)
    const odd = X.map((_, i) => i).filter((i) => i % 2 === 1)
    const predict = naiveBayes(
      even.map((i) => X[i]!),
      even.map((i) => y[i]!),
    )
    // The reference is half of the odd rows, so that the calibrator sees none that the model was fitted on.
    const reference = odd.filter((_, k) => k % 2 === 0).map((i) => ({ score: predict(X[i]!), isPositive: y[i] === 1 }))
    const current = odd.filter((_, k) => k % 2 === 1)
    const { calibrator, errorBefore, errorAfter } = chooseCalibrator(reference)
    const estimate = (probability: (row: number[]) => number): number => {
      const sums = emptyExpectedOutcomes()
      for (const i of current) addExpectedOutcome(sums, probability(X[i]!))
      return estimatedScores(sums).accuracy!
    }
    const raw = estimate(predict)
    const calibrated = estimate((row) => (calibrator === null ? predict(row) : calibrate(calibrator, predict(row))))
    const truth = current.filter((i) => predict(X[i]!) >= 0.5 === (y[i] === 1)).length / current.length
    console.log(
      `breast cancer: estimated ${raw.toFixed(3)} raw, ${calibrated.toFixed(3)} calibrated, measured ${truth.toFixed(3)}; ECE ${errorBefore!.toFixed(3)} -> ${errorAfter!.toFixed(3)}`,
    )
    expect(calibrator).not.toBeNull()
    expect(Math.abs(calibrated - truth)).toBeLessThan(Math.abs(raw - truth))
  })

  test('covariate shift is seen, concept shift is not', () => {
    const random = seeded(8)
    const measure = (draw: () => number, truth: (x: number) => number) => {
      const sums = emptyExpectedOutcomes()
      let right = 0
      for (let i = 0; i < 20_000; i += 1) {
        const x = draw()
        const p = 1 / (1 + Math.exp(-4 * x))
        addExpectedOutcome(sums, p)
        if (p >= 0.5 === random() < truth(x)) right += 1
      }
      return { estimated: estimatedScores(sums).accuracy!, measured: right / 20_000 }
    }
    const model = (x: number): number => 1 / (1 + Math.exp(-4 * x))
    const covariate = measure(() => (random() - 0.5) / 2, model)
    const concept = measure(() => (random() - 0.5) * 2, (x) => model(x - 0.4)) // prettier-ignore
    expect(Math.abs(covariate.estimated - covariate.measured)).toBeLessThan(0.01)
    expect(concept.estimated - concept.measured).toBeGreaterThan(0.05)
  })

  test('undefined without rows; what are no probabilities is refused', () => {
    expect(estimatedScores(emptyExpectedOutcomes())).toEqual({
      rows: 0,
      accuracy: null,
      accuracyError: null,
      precision: null,
      recall: null,
      f1: null,
      specificity: null,
    })
    const confusion = emptyExpectedConfusion(2)
    expect([
      addExpectedConfusion(confusion, [0.5]),
      addExpectedConfusion(confusion, [Number.NaN, 1]),
      ...bad.map((p) => addExpectedOutcome(emptyExpectedOutcomes(), p)),
    ]).not.toContain(true)
    expect(estimatedClassScores(confusion).accuracy).toBeNull()
  })
})

describe('proportions', () => {
  test('weights: a biased sample gives the share of the population, with the interval of what it is worth', () => {
    const random = seeded(2)
    const sums = emptyWeightedProportion()
    // Errors are kept always, others one time in ten.
    let population = 0
    let errors = 0
    for (let i = 0; i < 50_000; i += 1) {
      const isError = random() < 0.03
      population += 1
      if (isError) errors += 1
      if (isError || random() < 0.1) addWeighted(sums, isError, isError ? 1 : 10)
    }
    const estimate = weightedProportion(sums)!
    expect(estimate.share).toBeCloseTo(errors / population, 3)
    expect(estimate.low < errors / population && errors / population < estimate.high).toBe(true)
    expect(estimate.effectiveRows).toBeLessThan(estimate.rows)
    expect([
      weightedProportion(emptyWeightedProportion()),
      addWeighted(sums, true, 0),
      addWeighted(sums, true, Number.NaN),
      addWeighted(sums, true, Number.POSITIVE_INFINITY),
    ]).toEqual([null, false, false, false])
  })

  test('equal weights are no weights', () => {
    const sums = emptyWeightedProportion()
    for (let i = 0; i < 40; i += 1) addWeighted(sums, i < 9, 2.5)
    const { low, high, effectiveRows } = weightedProportion(sums)!
    expect(effectiveRows).toBeCloseTo(40, 9)
    expect([low, high]).toEqual([expect.closeTo(wilsonInterval(9, 40)!.low, 9), expect.closeTo(wilsonInterval(9, 40)!.high, 9)])
    for (const [share, trials] of [[1.1, 5], [0.5, 0], [Number.NaN, 5]] as const) expect(() => wilsonOfShare(share, trials)).toThrow(RangeError) // prettier-ignore
  })

  test('tests: p within 0 to 1, mirrored sides, nothing to compare is p 1, wrong input is refused', () => {
    const pair = fc.nat(60).chain((trials) => fc.record({ trials: fc.constant(trials), successes: fc.nat(trials) }))
    fc.assert(
      fc.property(pair, pair, (a, b) => {
        for (const test of [twoProportionZ, fisherExact, compareProportions]) {
          const [there, back] = [test(a, b), test(b, a)]
          expect(there.twoSided >= 0 && there.twoSided <= 1 && there.greater >= 0 && there.greater <= 1).toBe(true)
          expect(there.twoSided).toBeCloseTo(back.twoSided, 9)
        }
      }),
    )
    const none = { successes: 0, trials: 0 }
    expect([twoProportionZ(none, none), fisherExact(none, { successes: 1, trials: 2 })]).toMatchObject([
      { z: 0, twoSided: 1 },
      { twoSided: 1 },
    ])
    expect([
      compareProportions({ successes: 1, trials: 50 }, { successes: 2, trials: 50 }).method,
      compareProportions({ successes: 20, trials: 50 }, { successes: 22, trials: 50 }).method,
    ]).toEqual(['fisher', 'z'])
    for (const wrong of [
      { successes: 3, trials: 2 },
      { successes: -1, trials: 2 },
      { successes: 0.5, trials: 2 },
    ]) {
      for (const test of [twoProportionZ, fisherExact, compareProportions]) expect(() => test(wrong, none)).toThrow(RangeError)
      expect(() => clopperPearsonInterval(wrong.successes, wrong.trials)).toThrow(RangeError)
    }
    expect(clopperPearsonInterval(0, 0)).toBeNull()
    expect(() => clopperPearsonInterval(1, 2, 1)).toThrow(RangeError)
  })
})

test('errors of regression from rows: undefined without, refused where they are none', () => {
  expect([medianAbsoluteError([], []), symmetricRelativeError([], []), symmetricRelativeError([0], [0])]).toEqual([null, null, 0])
  for (const measure of [medianAbsoluteError, symmetricRelativeError]) {
    expect(() => measure([1], [])).toThrow(RangeError)
    expect(() => measure([Number.NaN], [1])).toThrow(RangeError)
  }
})
