import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addPrediction,
  classificationScores,
  countsOfConfusion,
  emptyConfusion,
  emptyCounts,
} from '../../../../shared/stats/classification.ts'
import { addLogLoss, logLoss } from '../../../../shared/stats/log-loss.ts'
import { newcombeInterval, wilsonInterval } from '../../../../shared/stats/proportion-interval.ts'
import { addRegression, emptyRegression, mergeRegression, regressionScores } from '../../../../shared/stats/regression.ts'
import { oracle, oracleData } from './oracle.ts'

interface ClassCase {
  confusion_rows_true: number[][]
  accuracy: number
  balanced_accuracy: number | null
  mcc: number
  kappa: number
  macro: { f1: number }
  weighted: { f1: number }
  f1_per_class: number[]
}

describe('classification', () => {
  test.each(['confusion_multiclass', 'confusion_missing_class'])('%s equals scikit-learn', (id) => {
    const { input, expected } = oracle<{ y_true: number[]; y_pred: number[]; labels: number[] }, ClassCase>(id)
    const confusion = emptyConfusion(input.labels.length)
    const counts = emptyCounts(input.labels.length)
    for (const [i, truth] of input.y_true.entries()) {
      confusion[truth]![input.y_pred[i]!]! += 1
      addPrediction(counts, truth, input.y_pred[i]!)
    }
    expect(confusion).toEqual(expected.confusion_rows_true)
    expect(countsOfConfusion(confusion)).toEqual(counts)
    const scores = classificationScores(counts)
    expect(scores.accuracy).toBeCloseTo(expected.accuracy, 9)
    expect(scores.macroF1AllLabels).toBeCloseTo(expected.macro.f1, 9)
    expect(scores.weightedF1).toBeCloseTo(expected.weighted.f1, 9)
    expect(scores.mcc).toBeCloseTo(expected.mcc, 9)
    expect(scores.kappa).toBeCloseTo(expected.kappa, 9)
    if (expected.balanced_accuracy === null) expect(scores.balancedAccuracy).toBeNull()
    else expect(scores.balancedAccuracy).toBeCloseTo(expected.balanced_accuracy, 9)
    for (const [k, f1] of expected.f1_per_class.entries()) expect(scores.perClass[k]!.f1).toBeCloseTo(f1, 9)
  })

  test('a class that never occurs is left out of macro F1, and its recall is undefined', () => {
    const scores = classificationScores(countsOfConfusion([[1, 1, 0], [0, 2, 0], [0, 0, 0]])) // prettier-ignore
    expect(scores.macroF1).toBeCloseTo((2 / 3 + 0.8) / 2, 12)
    expect(scores.perClass[2]).toEqual({ precision: 0, recall: null, f1: 0, support: 0, predicted: 0 })
  })

  test('without rows everything is undefined', () => {
    expect(classificationScores(emptyCounts(2))).toMatchObject({
      rows: 0,
      accuracy: null,
      macroF1: null,
      macroF1AllLabels: null,
      weightedF1: null,
      balancedAccuracy: null,
      mcc: null,
      kappa: null,
    })
    expect(classificationScores(emptyCounts(0))).toMatchObject({ accuracy: null, macroF1: null, balancedAccuracy: null })
  })

  test('one class only: correlation 0 and kappa undefined', () => {
    expect(classificationScores(countsOfConfusion([[5, 0], [0, 0]]))).toMatchObject({ accuracy: 1, mcc: 0, kappa: null, macroF1: 1 }) // prettier-ignore
    expect(classificationScores(countsOfConfusion([[3, 0], [2, 0]]))).toMatchObject({ mcc: 0, kappa: 0 }) // prettier-ignore
  })

  test('scores stay within their ranges', () => {
    const matrices = fc.array(fc.array(fc.nat(1e6), { minLength: 3, maxLength: 3 }), { minLength: 3, maxLength: 3 })
    const within = (value: number | null, low: number): boolean => value === null || (value >= low && value <= 1 + 1e-12)
    const holds = fc.property(matrices, (confusion) => {
      const { mcc, kappa, macroF1, accuracy } = classificationScores(countsOfConfusion(confusion))
      return within(mcc, -1 - 1e-12) && within(kappa, -1 - 1e-12) && within(macroF1, 0) && within(accuracy, 0)
    })
    expect(fc.check(holds).failed).toBe(false)
  })
})

describe('log loss', () => {
  test('mean of -ln p, rows scaled to sum 1', () => {
    const sum = { rows: 0, total: 0 }
    expect([addLogLoss(sum, [0.7, 0.2, 0.1], 0), addLogLoss(sum, [0.1999, 0.8], 1)]).toEqual([true, true])
    expect(logLoss(sum)).toBeCloseTo((-Math.log(0.7) - Math.log(0.8 / 0.9999)) / 2, 12)
  })

  test('a certain and wrong row is finite; scores and unknown classes are refused', () => {
    const sum = { rows: 0, total: 0 }
    addLogLoss(sum, [1, 0], 1)
    expect(logLoss(sum)).toBeCloseTo(-Math.log(1e-15), 9)
    expect([
      addLogLoss(sum, [3, -1], 0),
      addLogLoss(sum, [-0.5, 1.5], 0),
      addLogLoss(sum, [0.5, 0.5], 2),
      addLogLoss(sum, [Number.NaN, 1], 1),
      addLogLoss(sum, [], 0),
    ]).toEqual(Array(5).fill(false))
    expect(sum.rows).toBe(1)
    expect(logLoss({ rows: 0, total: 0 })).toBeNull()
  })
})

describe('regression', () => {
  const sumsOf = (truth: number[], predicted: number[]) => {
    const sums = emptyRegression()
    for (const [i, value] of truth.entries()) addRegression(sums, value, predicted[i]!)
    return sums
  }

  test('equals scikit-learn', () => {
    const small = oracle<{ y: number[]; pred: number[] }, Record<string, number>>('regression_small')
    const large = oracle<unknown, Record<string, number>>('diabetes_linear_regression')
    const rows = [
      { sums: sumsOf(small.input.y, small.input.pred), expected: small.expected },
      { sums: sumsOf(oracleData.diabetes_lr.y_true, oracleData.diabetes_lr.y_pred), expected: large.expected },
    ]
    for (const { sums, expected } of rows) {
      const scores = regressionScores(sums)
      for (const key of ['mae', 'rmse', 'r2', 'bias', 'mape'] as const) expect(scores[key]).toBeCloseTo(expected[key]!, 9)
    }
  })

  test('merged parts equal the whole, at an offset of a billion too', () => {
    const truth = [4, 7, 13, 16, 22, 31].map((value) => value + 1e9)
    const predicted = truth.map((value, i) => value + (i % 3) - 1)
    const parts = [0, 2, 3, 6].map((cut) =>
      mergeRegression(sumsOf(truth.slice(0, cut), predicted.slice(0, cut)), sumsOf(truth.slice(cut), predicted.slice(cut))),
    )
    const whole = regressionScores(sumsOf(truth, predicted))
    for (const part of parts) {
      const scores = regressionScores(part)
      expect(scores.rows).toBe(6)
      expect(scores.r2).toBeCloseTo(whole.r2!, 9)
      expect(scores.mae).toBeCloseTo(whole.mae!, 9)
    }
  })

  test('undefined is null, never NaN', () => {
    const nothing = { rows: 0, mae: null, rmse: null, r2: null, bias: null, mape: null }
    expect(regressionScores(emptyRegression())).toEqual(nothing)
    const bad = emptyRegression()
    expect([addRegression(bad, Number.NaN, 1), addRegression(bad, 1, Number.POSITIVE_INFINITY)]).toEqual([false, false])
    expect(regressionScores(bad)).toEqual(nothing)
    expect(regressionScores(sumsOf([0, 0], [1, 1]))).toEqual({ rows: 2, mae: 1, rmse: 1, r2: null, bias: 1, mape: null })
    expect(Object.values(regressionScores(sumsOf([1e308, -1e308], [-1e308, 1e308]))).some(Number.isNaN)).toBe(false)
  })
})

describe('intervals of proportions', () => {
  test('Wilson', () => {
    const { expected } = oracle<unknown, Record<string, { wilson95: [number, number]; wilson99: [number, number] }>>('wilson_intervals')
    for (const [pair, { wilson95, wilson99 }] of Object.entries(expected)) {
      const [k, n] = pair.split('/').map(Number) as [number, number]
      for (const [level, [low, high]] of [
        [0.95, wilson95],
        [0.99, wilson99],
      ] as const) {
        // prettier-ignore
        expect(wilsonInterval(k, n, level)!.low).toBeCloseTo(low, 9)
        expect(wilsonInterval(k, n, level)!.high).toBeCloseTo(high, 9)
      }
    }
  })

  test('Newcombe', () => {
    for (const id of ['two_proportions_0', 'two_proportions_1', 'two_proportions_3', 'two_proportions_4']) {
      const { input, expected } = oracle<{ baseline: [number, number]; canary: [number, number] }, { newcombe95: [number, number] }>(id)
      const [[ka, na], [kb, nb]] = [input.baseline, input.canary]
      const interval = newcombeInterval({ successes: ka, trials: na }, { successes: kb, trials: nb })!
      expect(interval.low).toBeCloseTo(expected.newcombe95[0], 9)
      expect(interval.high).toBeCloseTo(expected.newcombe95[1], 9)
    }
  })

  test('no trials, and what is no proportion', () => {
    expect([wilsonInterval(0, 0), newcombeInterval({ successes: 0, trials: 0 }, { successes: 1, trials: 2 })]).toEqual([null, null])
    for (const [k, n] of [[2, 1], [-1, 3], [0.5, 2], [1, Number.NaN]] as const) expect(() => wilsonInterval(k, n)).toThrow(RangeError) // prettier-ignore
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.nat(1e6),
        (k, more) => k + more === 0 || (wilsonInterval(k, k + more)!.low >= 0 && wilsonInterval(k, k + more)!.high <= 1),
      ),
    )
  })
})
