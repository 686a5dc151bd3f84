import { describe, expect, test } from 'vitest'
import { averagedScores } from '../../../../shared/stats/quality/averages.ts'
import { classificationScores, emptyCounts } from '../../../../shared/stats/classification.ts'
import {
  expectedCalibrationError,
  emptyCalibration,
  maximumCalibrationError,
  reliability,
} from '../../../../shared/stats/quality/calibration.ts'
import { emptyExpectedOutcomes, estimatedScores } from '../../../../shared/stats/quality/confidence-based.ts'
import { averagePrecision, rocAuc } from '../../../../shared/stats/quality/ranking.ts'
import { emptyScoreBins, scoreGroups } from '../../../../shared/stats/quality/score-bins.ts'
import { weightedProportion, emptyWeightedProportion } from '../../../../shared/stats/quality/weighted-proportion.ts'
import { featureWindow, spreadOf } from '../../../../shared/stats/reference/feature-window.ts'
import { scoreWindow } from '../../../../shared/stats/drift/score-window.ts'
import { driftVerdict } from '../../../../shared/stats/drift/drift-verdict.ts'
import { CategoryCounter } from '../../../../shared/stats/reference/category-counter.ts'
import { NumericCounter } from '../../../../shared/stats/reference/numeric-counter.ts'
import { emptyRegression, regressionScores } from '../../../../shared/stats/regression.ts'
import { addMoment, emptyMoments, mergeMoments, summariseMoments } from '../../../../shared/stats/sketch/moments.ts'
import { MisraGries } from '../../../../shared/stats/sketch/misra-gries.ts'
import { SpaceSaving } from '../../../../shared/stats/sketch/space-saving.ts'
import { DistinctCount } from '../../../../shared/stats/sketch/hyper-log-log.ts'
import { ValueSketch } from '../../../../shared/stats/sketch/value-sketch.ts'
import { exponentialIndex } from '../../../../shared/stats/sketch/exponential-histogram.ts'
import { notFinite } from './oracle.ts'
import { categoryReference, numericReference } from './states.ts'

const bad: unknown[] = [null, undefined, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 'text', 7n, true, {}, []]
/** Windows as they come: nothing, one value, all equal, all missing, extremes. */
const windows: [name: string, values: unknown[]][] = [
  ['nothing', []],
  ['one value', [1]],
  ['all equal', Array.from({ length: 300 }, () => 0.5)],
  ['all missing', Array.from({ length: 300 }, () => null)],
  ['extremes', [Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, -0, 0]],
  ['bad values only', bad],
  ['a mixture', [...bad, ...Array.from({ length: 200 }, (_, i) => Math.sin(i)), Number.MAX_VALUE]],
]

describe.each(windows)('a window of %s', (_, values) => {
  test('drift: every number is finite, and few values are no verdict', () => {
    for (const [reference, counter] of [
      [numericReference, new NumericCounter(numericReference)],
      [categoryReference, new CategoryCounter(categoryReference)],
    ] as const) {
      // prettier-ignore
      for (const value of values) counter.add(value)
      const counts = counter.counts()
      const scores = scoreWindow([featureWindow(reference, counts)], 'training')
      expect(notFinite([counts, scores, counts.kind === 'numeric' ? spreadOf(numericReference, counts) : null])).toEqual([])
      if (values.length < 100) expect(driftVerdict(scores).state).toBe('insufficient data')
    }
  })

  test('sketches and moments: every number is finite, what is none is refused', () => {
    const [moments, sketch] = [emptyMoments(), ValueSketch.empty()]
    for (const value of values) {
      const isNumber = typeof value === 'number' && Number.isFinite(value)
      expect(addMoment(moments, value as number)).toBe(isNumber)
      expect(sketch.add(value as number)).toBe(isNumber)
    }
    expect(
      notFinite([summariseMoments(moments), summariseMoments(mergeMoments(moments, moments)), sketch.state(), sketch.quantile(0.5)]),
    ).toEqual([])
  })
})

test('states without rows: null where undefined, finite elsewhere', () => {
  expect(
    notFinite([
      classificationScores(emptyCounts(3)),
      averagedScores(emptyCounts(3)),
      regressionScores(emptyRegression()),
      expectedCalibrationError(emptyCalibration()),
      maximumCalibrationError(emptyCalibration()),
      reliability(emptyCalibration()),
      rocAuc(scoreGroups(emptyScoreBins())),
      averagePrecision(scoreGroups(emptyScoreBins())),
      estimatedScores(emptyExpectedOutcomes()),
      weightedProportion(emptyWeightedProportion()),
      new DistinctCount().estimate(),
    ]),
  ).toEqual([])
  expect(driftVerdict([])).toMatchObject({ state: 'insufficient data', score: null, windows: 0 })
})

test('names that are no text are not counted', () => {
  for (const value of bad.filter((one) => typeof one !== 'string')) {
    const name = value as string
    expect([new SpaceSaving().add(name), new MisraGries(3).add(name), new DistinctCount().add(name)]).toEqual([false, false, false])
  }
  for (const weight of [0, -1, 0.5, Number.NaN]) expect(new SpaceSaving().add('a', weight)).toBe(false)
  for (const capacity of [0, 0.5, 1e6, Number.NaN]) {
    expect(() => new SpaceSaving(capacity)).toThrow(RangeError)
    expect(() => new MisraGries(capacity)).toThrow(RangeError)
  }
  for (const [value, scale] of [[0, 5], [-1, 5], [Number.NaN, 5], [Number.POSITIVE_INFINITY, 5], [1, 21], [1, 0.5]] as const) expect(() => exponentialIndex(value, scale)).toThrow(RangeError) // prettier-ignore
})
