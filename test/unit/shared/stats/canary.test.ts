import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { confidenceSequence, meanSequence, proportionSequence } from '../../../../shared/stats/canary/confidence-sequence.ts'
import {
  addErrorWindow,
  emptyErrorEProcess,
  errorEvidence,
  failsMoreOften,
  mergeErrorEProcesses,
} from '../../../../shared/stats/canary/error-e-process.ts'
import { shiftFromBins, shiftOfValues } from '../../../../shared/stats/canary/hodges-lehmann.ts'
import { kayentaJudgement, kayentaScore } from '../../../../shared/stats/canary/kayenta.ts'
import { mannWhitney, mannWhitneyFromBins } from '../../../../shared/stats/canary/mann-whitney.ts'
import { msprtRatio } from '../../../../shared/stats/canary/msprt.ts'
import { promotionVerdict } from '../../../../shared/stats/canary/non-inferiority.ts'
import { welchTest } from '../../../../shared/stats/canary/welch.ts'
import { hypergeometric } from '../../../../shared/stats/math/hypergeometric.ts'
import { interpolatedQuantile } from '../../../../shared/stats/drift/sorted.ts'

const samples = fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 1, maxLength: 25 })
const proportion = (successes: number, trials: number) => ({ successes, trials })

describe('error e-process', () => {
  const window = (canaryErrors: number, baselineErrors: number, canaryRequests: number, baselineRequests: number) => ({
    canaryErrors,
    baselineErrors,
    canaryRequests,
    baselineRequests,
  })

  test('is on average at most 1 without a difference: all outcomes of a window, weighted by their probability', () => {
    for (const [nc, nb] of [
      [10, 10],
      [5, 40],
      [40, 5],
    ] as const) {
      for (let errors = 0; errors <= nc + nb; errors += 1) {
        const { low, shares } = hypergeometric(nc + nb, errors, nc)
        const mean = shares.reduce((sum, share, i) => {
          const process = emptyErrorEProcess()
          addErrorWindow(process, window(low + i, errors - low - i, nc, nb))
          return sum + share * errorEvidence(process)
        }, 0)
        expect(mean).toBeLessThanOrEqual(1 + 1e-9)
      }
    }
  })

  test('begins at 1, stays finite, and windows without one side say nothing', () => {
    const process = emptyErrorEProcess()
    expect([errorEvidence(process), failsMoreOften(process)]).toEqual([1, false])
    expect(addErrorWindow(process, window(5, 0, 10, 0))).toBe(true)
    expect(errorEvidence(process)).toBe(1)
    for (let i = 0; i < 2000; i += 1) addErrorWindow(process, window(50, 0, 50, 50))
    expect(Number.isFinite(errorEvidence(process))).toBe(true)
    expect(failsMoreOften(process)).toBe(true)
    const better = emptyErrorEProcess()
    for (let i = 0; i < 2000; i += 1) addErrorWindow(better, window(0, 50, 50, 50))
    expect([
      errorEvidence(better) >= 0,
      failsMoreOften(better),
      Number.isNaN(errorEvidence(mergeErrorEProcesses(process, better))),
    ]).toEqual([true, false, false])
  })

  test('what are no counts changes nothing', () => {
    const process = emptyErrorEProcess()
    for (const wrong of [window(-1, 0, 5, 5), window(6, 0, 5, 5), window(0.5, 0, 5, 5), window(Number.NaN, 0, 5, 5), window(0, 7, 5, 5)]) expect(addErrorWindow(process, wrong)).toBe(false) // prettier-ignore
    expect(process).toEqual(emptyErrorEProcess())
  })
})

describe('confidence sequence', () => {
  test('p is at most alpha exactly where the interval leaves out 0, and it is wider than a fixed interval', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.double({ min: 1e-4, max: 1, noNaN: true }),
        fc.integer({ min: 2, max: 100_000 }),
        (difference, error, n) => {
          const { halfWidth, p } = confidenceSequence(difference, error, n)!
          if (Math.abs(Math.abs(difference) - halfWidth) > 1e-9) expect(p <= 0.05).toBe(Math.abs(difference) > halfWidth)
          expect(halfWidth).toBeGreaterThan(1.96 * error)
        },
      ),
    )
  })

  test('undefined without values; the point without any spread', () => {
    expect([
      confidenceSequence(0, 1, 0),
      confidenceSequence(Number.NaN, 1, 9),
      confidenceSequence(0, Number.POSITIVE_INFINITY, 9),
      proportionSequence(proportion(0, 0), proportion(1, 2)),
    ]).toEqual([null, null, null, null])
    expect(proportionSequence(proportion(0, 50), proportion(0, 50))).toMatchObject({ difference: 0, halfWidth: 0, p: 1 })
    expect(meanSequence({ n: 1, mean: 0, variance: 1 }, { n: 9, mean: 0, variance: 1 })).toBeNull()
    expect(meanSequence({ n: 5000, mean: 1, variance: 1 }, { n: 5000, mean: 1.2, variance: 1 })!.p).toBeLessThan(1e-6)
  })

  test.each([
    ['few requests', [1, 90], [0, 90], 'inconclusive'],
    ['none', [0, 0], [0, 0], 'inconclusive'],
    ['as good', [100, 20_000], [95, 20_000], 'pass'],
    ['as good, few requests yet', [5, 1000], [5, 1000], 'inconclusive'],
    ['clearly worse', [100, 10_000], [400, 10_000], 'fail'],
    ['no errors on either side, and few requests', [0, 150], [0, 150], 'inconclusive'],
    ['no errors on either side, and many requests', [0, 20_000], [0, 20_000], 'pass'],
  ] as const)('promotion: %s', (_, [a, n], [b, m], state) => {
    expect(promotionVerdict(proportion(a, n), proportion(b, m)).state).toBe(state)
  })
})

describe('rank test', () => {
  test('swapped sides mirror, p is between 0 and 1, and bins of one value each give the same', () => {
    fc.assert(
      fc.property(samples, samples, (x, y) => {
        const [there, back] = [mannWhitney(x, y)!, mannWhitney(y, x)!]
        expect(there.u + back.u).toBe(x.length * y.length)
        expect(there.p).toBeCloseTo(back.p, 12)
        expect(there.p >= 0 && there.p <= 1 && there.effect >= 0 && there.effect <= 1).toBe(true)
        const counts = (values: number[]): number[] =>
          Array.from({ length: 61 }, (_, k) => values.filter((value) => value === k - 30).length)
        expect(mannWhitneyFromBins(counts(x), counts(y))).toMatchObject({
          u: there.u,
          z: expect.closeTo(there.z, 9),
          p: expect.closeTo(there.p, 9),
        })
      }),
    )
  })

  test('the exact p of a small sample: 3 against 3 apart is 2 of 20', () => {
    expect(mannWhitney([1, 2, 3], [4, 5, 6])!.exactP).toBeCloseTo(0.1, 12)
    expect(mannWhitney([1, 2], [3, 4, 5])!.exactP).toBeCloseTo(0.2, 12)
    expect(mannWhitney([1, 4], [2, 3])!.exactP).toBe(1)
    expect(mannWhitney([1, 1], [2, 3])!.exactP).toBeNull()
    expect([mannWhitney([], [1]), mannWhitneyFromBins([0], [1])]).toEqual([null, null])
    expect(() => mannWhitney([Number.NaN], [1])).toThrow(RangeError)
  })

  test('the shift is the median of all differences, from values and from bins', () => {
    fc.assert(
      fc.property(samples, samples, (x, y) => {
        const differences = x.flatMap((a) => y.map((b) => b - a)).sort((a, b) => a - b)
        const { shift, low, high } = shiftOfValues(x, y)!
        expect(shift).toBeCloseTo(interpolatedQuantile(differences, 0.5)!, 6)
        expect(low <= shift + 1e-9 && shift <= high + 1e-9).toBe(true)
        const values = Array.from({ length: 61 }, (_, k) => k - 30)
        const counts = (list: number[]): number[] => values.map((value) => list.filter((one) => one === value).length)
        expect(shiftFromBins(values, counts(x), counts(y))!.shift).toBeCloseTo(shift, 6)
      }),
      { numRuns: 50 },
    )
    expect([shiftOfValues([], [1]), shiftFromBins([1], [0], [1]), shiftFromBins([1, 2], [1], [1])]).toEqual([null, null, null])
    expect(() => shiftOfValues([1], [2], 1)).toThrow(RangeError)
  })
})

describe('others', () => {
  test('Welch: equal variances and sizes are the usual t-test; nothing to compare', () => {
    const { t, df, p } = welchTest({ n: 10, mean: 0, variance: 4 }, { n: 10, mean: 2, variance: 4 })!
    expect([t, df]).toEqual([expect.closeTo(2 / Math.sqrt(0.8), 12), expect.closeTo(18, 9)])
    expect(p).toBeCloseTo(0.0382492, 5)
    const still = { n: 5, mean: 1, variance: 0 }
    expect([welchTest(still, still)!.p, welchTest(still, { ...still, mean: 2 })!.p, welchTest({ ...still, n: 1 }, still)]).toEqual([
      1,
      0,
      null,
    ])
  })

  test('mSPRT begins at 1, stays finite and refuses what is no test', () => {
    expect(msprtRatio({ difference: 3, n: 0, variance: 1, mixture: 1 })).toBe(1)
    expect(msprtRatio({ difference: 30, n: 1e6, variance: 1, mixture: 1 })).toBe(Number.MAX_VALUE)
    for (const wrong of [
      { difference: 0, n: 5, variance: 0, mixture: 1 },
      { difference: 0, n: -1, variance: 1, mixture: 1 },
    ])
      expect(() => msprtRatio(wrong)).toThrow(RangeError)
  })

  test('Kayenta: high, low, pass and no data', () => {
    const control = Array.from({ length: 20 }, (_, i) => 10 + (i % 4))
    const shifted = (by: number): number[] => control.map((value) => value + by)
    expect([5, -5, 0.1].map((by) => kayentaJudgement(control, shifted(by)).classification)).toEqual(['High', 'Low', 'Pass'])
    expect(kayentaJudgement(control, []).classification).toBe('Nodata')
    expect(kayentaJudgement(control, shifted(5), 2).classification).toBe('Pass')
    expect([
      kayentaScore({ pass: 3, high: 1, low: 0, missingRequired: 0 }),
      kayentaScore({ pass: 0, high: 0, low: 0, missingRequired: 0 }),
    ]).toEqual([75, 100])
  })
})
