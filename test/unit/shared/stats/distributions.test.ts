import { describe, expect, test } from 'vitest'
import { betaQuantile, betaShare, studentTwoSided } from '../../../../shared/stats/math/beta.ts'
import { chiSquareCritical, chiSquareTail } from '../../../../shared/stats/math/chi-square-distribution.ts'
import { lnGamma, upperGammaShare } from '../../../../shared/stats/math/gamma.ts'
import { hypergeometric } from '../../../../shared/stats/math/hypergeometric.ts'
import { kolmogorovExactTail, kolmogorovTail } from '../../../../shared/stats/math/kolmogorov-distribution.ts'
import { normalCritical, normalTail, normalTwoSided } from '../../../../shared/stats/math/normal-distribution.ts'

const relative = (value: number, truth: number): number => Math.abs(value / truth - 1)

describe('against closed forms', () => {
  test('ln gamma of whole and half numbers, by factorials', () => {
    let factorial = 1
    for (let n = 1; n <= 150; n += 1) {
      expect(Math.abs(lnGamma(n) - Math.log(factorial))).toBeLessThan(1e-12 * Math.max(1, Math.log(factorial)))
      factorial *= n
    }
    expect(lnGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 13)
    expect(lnGamma(1e-10)).toBeCloseTo(Math.log(1e10), 9)
    for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => lnGamma(wrong)).toThrow(RangeError)
  })

  test('chi-square with 2 degrees is exp(-x/2), with 4 exp(-x/2)(1 + x/2), into the far tail', () => {
    for (const x of [0.001, 0.5, 1, 2.9, 3.1, 10, 100, 700]) {
      expect(relative(chiSquareTail(x, 2), Math.exp(-x / 2))).toBeLessThan(1e-12)
      expect(relative(chiSquareTail(x, 4), Math.exp(-x / 2) * (1 + x / 2))).toBeLessThan(1e-12)
    }
    expect([chiSquareTail(0, 5), chiSquareTail(-1, 5), chiSquareTail(9, 0), chiSquareTail(Number.POSITIVE_INFINITY, 3)]).toEqual([
      1, 1, 1, 0,
    ])
  })

  test('the normal tail is that of a chi-square with 1 degree, and its critical values are the known ones', () => {
    expect(normalTwoSided(1.959963984540054)).toBeCloseTo(0.05, 14)
    expect(relative(normalTail(10), 7.619853024160593e-24)).toBeLessThan(1e-9)
    expect(normalTail(-1) + normalTail(1)).toBeCloseTo(1, 15)
    expect([0.05, 0.025, 0.005].map(normalCritical)).toEqual([
      expect.closeTo(1.6448536269514722, 11),
      expect.closeTo(1.959963984540054, 11),
      expect.closeTo(2.5758293035489004, 11),
    ])
    expect(normalCritical(0.9)).toBeCloseTo(-1.2815515655446004, 11)
    for (const wrong of [0, 1, Number.NaN]) expect(() => normalCritical(wrong)).toThrow(RangeError)
    expect(() => normalTail(Number.NaN)).toThrow(RangeError)
  })

  test('the critical value is the inverse of the tail', () => {
    for (const df of [1, 3, 9, 99]) for (const alpha of [0.5, 0.05, 1e-6]) expect(relative(chiSquareTail(chiSquareCritical(alpha, df), df), alpha)).toBeLessThan(1e-9) // prettier-ignore
    expect(() => chiSquareCritical(0, 3)).toThrow(RangeError)
    expect(() => upperGammaShare(0, 3)).toThrow(RangeError)
  })

  test('beta: I_x(1, n) is 1 - (1 - x)^n, symmetric, and inverted by its quantile', () => {
    for (const x of [0.01, 0.3, 0.5, 0.99]) {
      expect(betaShare(x, 1, 7)).toBeCloseTo(1 - (1 - x) ** 7, 13)
      expect(betaShare(x, 3.5, 2) + betaShare(1 - x, 2, 3.5)).toBeCloseTo(1, 13)
    }
    for (const x of [0.001, 0.01, 0.05, 0.1]) expect(betaQuantile(betaShare(x, 4, 90), 4, 90)).toBeCloseTo(x, 8)
    expect([betaShare(0, 2, 3), betaShare(1, 2, 3)]).toEqual([0, 1])
    expect(() => betaShare(1.1, 1, 1)).toThrow(RangeError)
    expect(() => betaQuantile(Number.NaN, 1, 1)).toThrow(RangeError)
  })

  test("Student's t with 1 degree is Cauchy", () => {
    for (const t of [0.1, 1, 12]) expect(studentTwoSided(t, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(t), 12)
    expect(studentTwoSided(1.96, 1e7)).toBeCloseTo(normalTwoSided(1.96), 6)
  })

  test('Kolmogorov: known quantiles, no jump where the form changes', () => {
    expect(kolmogorovTail(1.3580986393225507)).toBeCloseTo(0.05, 10)
    expect(Math.abs(kolmogorovTail(1.18) - kolmogorovTail(1.18 - 1e-12))).toBeLessThan(1e-10)
    expect([kolmogorovTail(0), kolmogorovTail(-1), kolmogorovTail(0.01), kolmogorovTail(40)]).toEqual([1, 1, 1, 0])
    // One value: the distance is at least 1/2, and uniform above.
    expect(kolmogorovExactTail(0.7, 1)).toBeCloseTo(2 * 0.3, 12)
    expect([kolmogorovExactTail(0, 5), kolmogorovExactTail(1, 5)]).toEqual([1, 0])
    expect(() => kolmogorovExactTail(0.5, 1000)).toThrow(RangeError)
  })

  test('hypergeometric: 2 of 4 marked, 2 drawn', () => {
    const { low, shares } = hypergeometric(4, 2, 2)
    expect(low).toBe(0)
    for (const [i, share] of [1 / 6, 4 / 6, 1 / 6].entries()) expect(shares[i]).toBeCloseTo(share, 14)
    expect(hypergeometric(10, 9, 3)).toMatchObject({ low: 2 })
    expect(hypergeometric(1e6, 5e5, 1e5).shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10)
  })
})
