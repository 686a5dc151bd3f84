import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addMoment, emptyMoments, mergeMoments, summariseMoments, type Moments } from '../../../../shared/stats/sketch/moments.ts'
import { SpaceSaving } from '../../../../shared/stats/sketch/space-saving.ts'
import { MisraGries } from '../../../../shared/stats/sketch/misra-gries.ts'
import { emptyScoreBins, mergeScoreBins } from '../../../../shared/stats/quality/score-bins.ts'
import { emptyCalibration, mergeCalibration } from '../../../../shared/stats/quality/calibration.ts'
import { mergeFeatureCounts } from '../../../../shared/stats/reference/feature-counts.ts'
import { NumericCounter } from '../../../../shared/stats/reference/numeric-counter.ts'
import { CategoryCounter } from '../../../../shared/stats/reference/category-counter.ts'
import { ValueSketch } from '../../../../shared/stats/sketch/value-sketch.ts'
import { mergeRegisters } from '../../../../shared/stats/sketch/hyper-log-log.ts'
import { differences } from './oracle.ts'
import { categoryReference, mergeableStates, numericReference } from './states.ts'

const values = fc.array(
  fc.oneof({ weight: 9, arbitrary: fc.double({ min: -4, max: 4, noNaN: true }) }, { weight: 1, arbitrary: fc.constant(Number.NaN) }),
  {
    maxLength: 60,
  },
)

/** Where two states differ: whole numbers exactly, others by 1e-9. */
function unlike(a: unknown, b: unknown): string[] {
  const counts = areCountsEqual(a, b) ? [] : [`${JSON.stringify(a)} is not ${JSON.stringify(b)}`]
  return [...counts, ...differences(a, b, 1e-9), ...differences(b, a, 1e-9)]
}

/** What is whole on both sides is equal; a sum of reals may be whole by one order of adding and next to it by another. */
function areCountsEqual(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a === b || !Number.isInteger(a) || !Number.isInteger(b)
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b
  const [x, y] = [Object.entries(a), Object.entries(b)]
  return x.length === y.length && x.every(([key, value], i) => key === y[i]![0] && areCountsEqual(value, y[i]![1]))
}

describe.each(mergeableStates.map((state) => [state.name, state] as const))('%s', (_, { of, merge, isIdempotent }) => {
  test('is commutative, associative and has an identity', () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const [x, y, z] = [of(a), of(b), of(c)]
        expect(unlike(merge(x, y), merge(y, x))).toEqual([])
        expect(unlike(merge(merge(x, y), z), merge(x, merge(y, z)))).toEqual([])
        expect(unlike(merge(of([]), x), x)).toEqual([])
        expect(unlike(merge(x, of([])), x)).toEqual([])
      }),
      { numRuns: 40 },
    )
  })

  test('parts of a stream, in any order, equal the whole', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 1000 }), (all, turn) => {
        const whole = of(all)
        for (const k of [1, 2, 7, Math.max(1, all.length)]) {
          const parts = Array.from({ length: k }, (_part, part) => of(all.filter((_value, i) => i % k === part)))
          const turned: unknown[] = parts.map((_part, i) => parts[(i + turn) % k])
          expect(
            unlike(
              turned.reduce((merged, part) => merge(merged, part)),
              whole,
            ),
          ).toEqual([])
        }
      }),
      { numRuns: 25 },
    )
  })

  test('merged with a copy of itself it counts twice, and the operands stay as they are', () => {
    const stream = [0.5, -1.25, 3, 3, 2, -4, 0]
    const [single, double] = [of(stream), of([...stream, ...stream])]
    const before = JSON.stringify(single)
    expect(unlike(merge(single, structuredClone(single)), isIdempotent === true ? single : double)).toEqual([])
    expect(JSON.stringify(single)).toBe(before)
  })
})

describe('what does not merge', () => {
  test.each([
    ['other numbers of score bins', () => mergeScoreBins(emptyScoreBins(10), emptyScoreBins(20))],
    ['other calibration edges', () => mergeCalibration(emptyCalibration([0.5]), emptyCalibration([0.4]))],
    ['equal width and edges', () => mergeCalibration(emptyCalibration(2), emptyCalibration([0.5]))],
    ['other capacities of frequent categories', () => new SpaceSaving(3).merge(new SpaceSaving(4))],
    ['other capacities of a summary', () => new MisraGries(3).merge(new MisraGries(4))],
    ['other accuracies', () => ValueSketch.empty(0.01).merge(ValueSketch.empty(0.02))],
    ['other numbers of registers', () => mergeRegisters([0, 0], [0])],
    [
      'other references',
      () =>
        mergeFeatureCounts(new NumericCounter(numericReference).counts(), {
          ...new NumericCounter(numericReference).counts(),
          key: 'other',
        }),
    ],
    [
      'other kinds',
      () => mergeFeatureCounts(new NumericCounter(numericReference).counts(), new CategoryCounter(categoryReference).counts()),
    ],
    [
      'other edges',
      () =>
        new NumericCounter(numericReference).merge(
          new NumericCounter({ ...numericReference, edges: numericReference.edges.slice(1) }).counts(),
        ),
    ],
  ])('%s', (_, merge) => {
    expect(merge).toThrow(expect.objectContaining({ code: 'input.invalid' }))
  })
})

test('moments at an offset of a billion lose no digits, however they are split', () => {
  const of = (list: readonly number[]): Moments => {
    const moments = emptyMoments()
    for (const value of list) addMoment(moments, value + 1e9)
    return moments
  }
  const stream = Array.from({ length: 700 }, (_, i) => Math.sin(i) * 5 + (i % 3))
  const plain = summariseMoments(stream.reduce((moments, value) => (addMoment(moments, value), moments), emptyMoments()))
  for (const k of [1, 2, 7, 700]) {
    const merged = Array.from({ length: k }, (_, part) => of(stream.filter((_value, i) => i % k === part))).reduce(mergeMoments)
    const summary = summariseMoments(merged)
    expect(summary.variance! / plain.variance! - 1).toBeCloseTo(0, 6)
    // Neighbouring doubles at a billion are 1e-7 apart.
    expect(summary.mean! - 1e9).toBeCloseTo(plain.mean!, 5)
    expect(summary.skewness!).toBeCloseTo(plain.skewness!, 4)
    expect(summary.excessKurtosis!).toBeCloseTo(plain.excessKurtosis!, 4)
  }
})
