import { describe, expect, test } from 'vitest'
import { rangedError, rangedQuantile, rangedShare } from '../../../../../../electron/core/rollout/evidence/course-ranges.ts'
import { LatencySketch } from '../../../../../../shared/stats/latency-sketch.ts'
import { addRegression, emptyRegression } from '../../../../../../shared/stats/regression.ts'
import { CANDIDATE, canaryStore, INCUMBENT, labelsGiven, START, valuesGiven, windowGiven } from '../../../../../harness/canary-store.ts'

describe('a value of a window with its interval', () => {
  test('a share has the interval of Wilson, a wider one where errors come in clusters, and none of nothing', () => {
    const { value, range } = rangedShare(10, 100)
    // Wilson 1927, 10 of 100 at 95 %: 0.0552 to 0.1744.
    expect([value, range!.low.toFixed(4), range!.high.toFixed(4)]).toEqual([0.1, '0.0552', '0.1744'])
    expect(rangedShare(10, 100, 5).range!.high).toBeCloseTo(rangedShare(2, 20).range!.high, 12)
    expect(rangedShare(0, 0)).toEqual({ value: null, range: null })
    // Two requests, or forty that are worth ten, say next to nothing: their limits would flatten the chart.
    expect(rangedShare(1, 2)).toEqual({ value: 0.5, range: null })
    expect(rangedShare(4, 40, 4)).toEqual({ value: 0.1, range: null })
  })

  test('a quantile lies between two values that were measured; of few, none is known to be above it', () => {
    const sketch = LatencySketch.empty()
    for (let ms = 1; ms <= 1000; ms += 1) sketch.add(ms)
    const { value, range } = rangedQuantile(sketch, 0.95)
    // Ranks 950 -+ 1.96 * sqrt(1000 * 0.95 * 0.05) = 936.5 and 963.5, within the one percent of the sketch.
    for (const [found, wanted] of [
      [value!, 950],
      [range!.low, 936],
      [range!.high, 963],
    ] as const)
      expect(Math.abs(found / wanted - 1)).toBeLessThan(0.011)
    const few = LatencySketch.empty()
    few.add(10, 20)
    expect(rangedQuantile(few, 0.95)).toEqual({ value: few.quantile(0.95), range: null })
    expect(rangedQuantile(LatencySketch.empty(), 0.95)).toEqual({ value: null, range: null })
  })

  test('a mean error has an interval by its spread, never below zero, and none of a few rows', () => {
    const sums = (errors: number[]) => {
      const all = emptyRegression()
      for (const error of errors) addRegression(all, 100, 100 + error)
      return all
    }
    const { value, range } = rangedError(sums([1, 2, 3, 4, 5]))
    // Spread 1.5811 of five: 3 -+ 1.96 * 1.5811 / sqrt(5).
    expect([value, range!.low.toFixed(3), range!.high.toFixed(3)]).toEqual([3, '1.614', '4.386'])
    expect(rangedError(sums([0, 0, 0, 0, 9])).range!.low).toBe(0)
    expect(rangedError(sums([1, 2]))).toEqual({ value: 1.5, range: null })
    expect(rangedError(emptyRegression())).toEqual({ value: null, range: null })
  })
})

test('both sides over time come with intervals, of errors, latency and accuracy; what nobody counted is null', () => {
  const desk = canaryStore()
  desk.give('c1', [windowGiven(CANDIDATE, 0, { requests: 400, errors: 4 }), labelsGiven(CANDIDATE, 0, { right: 45, wrong: 5 })])
  desk.give(
    'b1',
    [0, 1].map((minute) => windowGiven(INCUMBENT, minute, { requests: 400, errors: 4 })),
  )
  const { series } = desk.evidence.compare(desk.question())
  const course = (metric: string) => series.find((one) => one.metric === metric)!.points
  const [first, second] = course('errors')
  expect(first).toMatchObject({ at: START, candidate: 0.01, incumbent: 0.01 })
  // Four errors in one minute may be one burst: as sure as 1 of 100, 0.0018 to 0.0545.
  for (const range of [first!.candidateRange!, first!.incumbentRange!])
    expect([range.low.toFixed(4), range.high.toFixed(4)]).toEqual(['0.0018', '0.0545'])
  expect(second).toMatchObject({ candidate: null, candidateRange: null, incumbent: 0.01 })
  expect(course('latency')[0]!.candidateRange).not.toBeNull()
  expect(course('accuracy')[0]).toMatchObject({ candidate: 0.9, incumbent: null, incumbentRange: null })
  expect(course('accuracy')[0]!.candidateRange!.low).toBeCloseTo(0.786, 2)
})

test('errors that come in bursts have wider intervals than so many single ones', () => {
  const highOf = (errors: readonly number[]): number => {
    const desk = canaryStore()
    desk.give(
      'c1',
      errors.map((some, minute) => windowGiven(CANDIDATE, minute, { requests: 2000, errors: some })),
    )
    desk.give(
      'b1',
      errors.map((_, minute) => windowGiven(INCUMBENT, minute, { requests: 100 })),
    )
    const points = desk.evidence.compare(desk.question()).series.find(({ metric }) => metric === 'errors')!.points
    return points[1]!.candidateRange!.high
  }
  expect(highOf([0, 5, 0, 0, 45, 0])).toBeGreaterThan(highOf([8, 5, 9, 9, 10, 9]) * 1.5)
})

test('a regression is compared by its mean error, in the unit of what is predicted', () => {
  const desk = canaryStore()
  desk.give('c1', [windowGiven(CANDIDATE, 0, { requests: 10 }), valuesGiven(CANDIDATE, 0, [1, 2, 3, 4, 5])])
  desk.give('b1', [windowGiven(INCUMBENT, 0, { requests: 10 }), valuesGiven(INCUMBENT, 0, [1, 1, 1, 1, 1])])
  const accuracy = desk.evidence.compare(desk.question()).series.find(({ metric }) => metric === 'accuracy')!
  expect(accuracy).toMatchObject({ unit: 'error', points: [{ candidate: 3, incumbent: 1, incumbentRange: { low: 1, high: 1 } }] })
})
