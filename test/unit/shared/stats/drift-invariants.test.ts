import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chiSquareHomogeneity, likelihoodRatioHomogeneity } from '../../../../shared/stats/drift/chi-square-homogeneity.ts'
import { addCounts } from '../../../../shared/stats/drift/counts.ts'
import { cramersV } from '../../../../shared/stats/drift/cramers-v.ts'
import { hellinger } from '../../../../shared/stats/drift/hellinger.ts'
import { jsDistance, jsDistanceAdjusted, jsDivergence, jsNullMean } from '../../../../shared/stats/drift/jensen-shannon.ts'
import { klDivergence } from '../../../../shared/stats/drift/kullback-leibler.ts'
import { ksDistance, ksFromBins, ksP } from '../../../../shared/stats/drift/kolmogorov-smirnov.ts'
import { ksExactP } from '../../../../shared/stats/drift/ks-exact.ts'
import { mmdSquared, medianHeuristic } from '../../../../shared/stats/drift/mmd.ts'
import { benjaminiHochberg, bonferroni, holm } from '../../../../shared/stats/drift/multiple-testing.ts'
import { psi, psiCritical, psiEvidence, psiFloors } from '../../../../shared/stats/drift/psi.ts'
import { evidentlyNumeric, nannymlContinuous } from '../../../../shared/stats/drift/tool-parity.ts'
import { lInfinity, totalVariation } from '../../../../shared/stats/drift/total-variation.ts'
import { wasserstein, wassersteinFromBins } from '../../../../shared/stats/drift/wasserstein.ts'

const size = 6
const counts = fc.array(fc.nat(1000), { minLength: size, maxLength: size })
const someCounts = counts.filter((list) => list.some((count) => count > 0))
const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const samples = fc.array(finite, { minLength: 1, maxLength: 40 })

/** Distances between 0 and 1, the same both ways. */
const bounded: [name: string, distance: (a: number[], b: number[]) => number | null][] = [
  ['JS divergence', jsDivergence],
  ['JS distance', jsDistance],
  ['Hellinger', hellinger],
  ['total variation', totalVariation],
  ['L-infinity', (a, b) => lInfinity(a, b)?.distance ?? null],
  ['KS from bins', (a, b) => ksFromBins(a, b)?.lower ?? null],
  ["Cramer's V", cramersV],
]
const unbounded: typeof bounded = [
  ['PSI', (a, b) => psi(a, b)],
  ['KL divergence', klDivergence],
  ['chi-square', (a, b) => chiSquareHomogeneity(a, b).statistic],
  ['likelihood ratio', (a, b) => likelihoodRatioHomogeneity(a, b).statistic],
]

describe.each([...bounded, ...unbounded])('%s', (name, distance) => {
  const isBounded = bounded.some(([one]) => one === name)

  test('is 0 for equal shapes, at least 0, and never NaN or infinite', () => {
    fc.assert(
      fc.property(someCounts, someCounts, fc.integer({ min: 1, max: 50 }), (a, b, factor) => {
        const scaled = a.map((count) => count * factor)
        // With the floor, a bin that is empty on both sides is 1/2 of different totals; verdicts leave it out, see score-window.ts.
        if (name !== 'PSI' || a.every((count) => count > 0)) expect(distance(a, scaled)!).toBeLessThan(1e-7)
        const value = distance(a, b)
        if (name === 'KL divergence' && value === null) return
        expect(value!).toBeGreaterThanOrEqual(0)
        expect(value!).toBeLessThanOrEqual(isBounded ? 1 : Number.MAX_VALUE)
        if (name !== 'KL divergence') expect(distance(b, a)!).toBeCloseTo(value!, 9)
      }),
    )
  })

  test('is undefined, not 0 and not NaN, without values', () => {
    const nothing = Array.from({ length: size }, () => 0)
    const some = nothing.map(() => 3)
    const none = name === 'chi-square' || name === 'likelihood ratio' ? 0 : null
    expect([distance(nothing, some), distance(some, nothing), distance(nothing, nothing), distance([], [])]).toEqual([
      none,
      none,
      none,
      none,
    ])
  })

  test('refuses bins that do not match and counts that are none', () => {
    for (const [a, b] of [
      [[1, 2], [1]],
      [
        [1, -1],
        [1, 1],
      ],
      [
        [1, Number.NaN],
        [1, 1],
      ],
      [
        [1, 1],
        [Number.POSITIVE_INFINITY, 1],
      ],
    ] as const)
      // prettier-ignore
      expect(() => distance([...a], [...b])).toThrow(RangeError)
  })
})

test('JS, Hellinger, TV and KS do not depend on how often everything is counted', () => {
  fc.assert(
    fc.property(someCounts, someCounts, fc.integer({ min: 2, max: 1000 }), (a, b, factor) => {
      for (const [name, distance] of bounded) {
        if (name === "Cramer's V") continue
        expect(distance(a, b.map((count) => count * factor))!).toBeCloseTo(distance(a, b)!, 9) // prettier-ignore
      }
    }),
  )
})

test('every p is between 0 and 1, and counts of devices add', () => {
  fc.assert(
    fc.property(counts, counts, fc.double({ min: 0.01, max: 1, noNaN: true }), (a, b, scale) => {
      const test = chiSquareHomogeneity(a, b, scale)
      for (const p of [test.p, likelihoodRatioHomogeneity(a, b).p]) expect(p >= 0 && p <= 1).toBe(true)
      expect(test.statistic).toBeLessThanOrEqual(chiSquareHomogeneity(a, b).statistic + 1e-9)
      expect(addCounts(a, b)).toEqual(addCounts(b, a))
    }),
  )
  expect(() => addCounts([1], [1, 2])).toThrow(RangeError)
  expect([psiEvidence(0.2, 1, 10, 10), psiCritical(0.01, 1, 10, 10)]).toEqual([1, 0])
})

describe('samples', () => {
  test('KS and Wasserstein: symmetric, 0 for equal, translation moves W1 by as much', () => {
    fc.assert(
      fc.property(samples, samples, finite, (x, y, shift) => {
        expect([ksDistance(x, x), wasserstein(x, x)]).toEqual([0, 0])
        expect(ksDistance(x, y)).toBe(ksDistance(y, x))
        expect(wasserstein(y, x)!).toBeCloseTo(wasserstein(x, y)!, 3)
        const moved = x.map((value) => value + shift)
        expect(wasserstein(x, moved)!).toBeCloseTo(Math.abs(shift), 3)
        const d = ksDistance(x, y)!
        for (const p of [ksP(d, x.length, y.length), ksExactP(d, x.length, y.length)!]) expect(p >= 0 && p <= 1).toBe(true)
      }),
    )
  })

  test('no values, and values that are none', () => {
    expect([ksDistance([], [1]), wasserstein([1], []), wassersteinFromBins([0, 1], [0], [1]), mmdSquared([[1]], [[1], [2]], 1), medianHeuristic([[1]], [])]).toEqual(Array(5).fill(null)) // prettier-ignore
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => ksDistance([1, wrong], [1])).toThrow(RangeError)
      expect(() => wasserstein([1], [wrong, 2])).toThrow(RangeError)
    }
    expect(() => wassersteinFromBins([0, 2, 1], [1, 1], [1, 1])).toThrow(RangeError)
    expect(() => wassersteinFromBins([0, 1], [1, 1], [1, 1])).toThrow(RangeError)
    expect(() => mmdSquared([[1], [2]], [[1], [2]], 0)).toThrow(RangeError)
    expect(ksExactP(0.5, 2000, 2000)).toBeNull()
    expect([
      evidentlyNumeric([], [1]),
      evidentlyNumeric([1, 1], [1]),
      nannymlContinuous([1, 1], [2]),
      nannymlContinuous([1, 2], []),
    ]).toEqual(Array(4).fill(null))
  })
})

describe('other tools', () => {
  test('an empty bin gives each its own value, and the textbook none', () => {
    const reference = Array.from({ length: 10 }, () => 100)
    const current = [0, 11, 11, 11, 11, 11, 11, 11, 11, 12]
    const [halfCount, textbook, evidently, deepchecks] = psiFloors.map((floor) => psi(reference, current, floor))
    // All of them but the empty bin: (0.1 - zero) ln(0.1 / zero), zero being 0.005, 0.0001 and 0.01.
    const rest = (zero: number, value: number): number => value - (0.1 - zero) * Math.log(0.1 / zero)
    for (const [zero, value] of [[0.005, halfCount!], [0.0001, evidently!], [0.01, deepchecks!]] as const) expect(rest(zero, value)).toBeCloseTo(0.0113, 3) // prettier-ignore
    expect(halfCount! < evidently! && deepchecks! < halfCount!).toBe(true)
    expect(textbook).toBeNull()
  })

  test('the mean of the JS divergence without drift is what is taken off', () => {
    expect(jsNullMean(10, 200, 1000)).toBeCloseTo((9 * 0.006) / (8 * Math.LN2), 12)
    expect([jsDistanceAdjusted(0, 10, 200, 1000), jsDistanceAdjusted(1, 1, 10, 10)]).toEqual([0, 1])
  })
})

test('adjusted p-values keep the order, are no smaller, and Bonferroni is the strictest', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (p) => {
      const [bh, h, b] = [benjaminiHochberg(p), holm(p), bonferroni(p)]
      for (const [i, value] of p.entries()) {
        expect(bh[i]!).toBeGreaterThanOrEqual(value)
        expect(h[i]!).toBeGreaterThanOrEqual(bh[i]! - 1e-12)
        expect(b[i]!).toBeGreaterThanOrEqual(h[i]! - 1e-12)
      }
      const order = p.map((_, i) => i).sort((x, y) => p[x]! - p[y]!)
      expect(order.every((index, k) => k === 0 || bh[index]! >= bh[order[k - 1]!]!)).toBe(true)
    }),
  )
  for (const wrong of [Number.NaN, -0.1, 1.1]) for (const adjust of [benjaminiHochberg, holm, bonferroni]) expect(() => adjust([0.5, wrong])).toThrow(RangeError) // prettier-ignore
})
