import { describe, expect, test } from 'vitest'
import { addWindow, freshRate, isFreshRate } from '../../../../agent/detect/rate-detector.ts'
import { knownMissing, knownOutside } from '../../../../agent/detect/known-rates.ts'
import { bernoulliCusumRule } from '../../../../shared/stats/sequential/bernoulli-cusum.ts'
import { featureBaseline } from '../../../../shared/stats/reference-bins.ts'

const rule = bernoulliCusumRule({ successes: 10, trials: 1000 }, 1e5)!

/** Windows of 100 with these many bad ones; where it raised an alarm. */
function alarms(state: ReturnType<typeof freshRate>, bad: readonly number[], first = 0): number[] {
  return bad.flatMap((count, i) => (addWindow(state, rule, { bad: count, trials: 100, at: first + i }) === null ? [] : [first + i]))
}
const times = (bad: number, windows: number): number[] => Array.from({ length: windows }, () => bad)

describe('the detector of a rate', () => {
  test('is silent at the rate of the baseline, and says a rise once, with what decided', () => {
    const state = freshRate()
    expect(alarms(state, times(1, 50))).toEqual([])
    expect(isFreshRate(state)).toBe(true)
    let alarm = null
    for (let i = 0; alarm === null; i += 1) alarm = addWindow(state, rule, { bad: 5, trials: 100, at: i })
    // 0.05 a window against at most 0.018: ln(1e5) in about seven windows.
    expect(alarm).toEqual({ rate: 0.05, samples: expect.any(Number), p0: rule.p0, h: Math.log(1e5) })
    expect(alarm.samples).toBeLessThanOrEqual(800)
    expect(alarms(state, times(5, 500))).toEqual([])
    expect(state.raised).not.toBeNull()
  })

  test('watches again only when the rate is back for sure, and then says the next rise', () => {
    const state = freshRate()
    expect(alarms(state, times(20, 3))).toHaveLength(1)
    // Four good windows in a row happen by chance at this rate: no evidence yet.
    expect(alarms(state, [...times(0, 2), ...times(6, 30)])).toEqual([])
    expect(alarms(state, times(1, 60))).toEqual([])
    expect(state.raised).toBeNull()
    expect(alarms(state, times(20, 3))).toHaveLength(1)
  })

  test('what goes on for less than the cool-down is one event', () => {
    const state = freshRate()
    const large = (bad: number) => addWindow(state, rule, { bad, trials: 100_000, at: 0 })
    expect(large(20_000)).not.toBeNull()
    for (const bad of [100, 20_000, 100, 20_000]) expect(large(bad)).toBeNull()
  })
})

describe('rates that the reference knows', () => {
  test('missing values, and none outside the range of its own', () => {
    const values = Float64Array.from({ length: 1000 }, (_, i) => (i % 50 === 0 ? Number.NaN : i))
    const reference = featureBaseline('x', values)
    expect(knownMissing(reference)).toEqual({ successes: 20, trials: 1000 })
    expect(knownOutside(reference)).toEqual({ successes: 4, trials: 980 })
  })

  test('values of training beyond its fences are expected again; categories that came once stand for those that never came', () => {
    const tail = featureBaseline(
      'x',
      Float64Array.from({ length: 1000 }, (_, i) => (i < 950 ? i / 950 : 100 + i)),
    )
    const known = knownOutside(tail)!
    expect(known.successes).toBeGreaterThanOrEqual(50)
    expect(known.successes).toBeLessThanOrEqual(70)
    const categories = { kind: 'categorical' as const, name: 'c', missing: 0 }
    expect(
      knownOutside({
        ...categories,
        categories: [
          ['a', 90],
          ['b', 1],
          ['c', 1],
        ],
        other: 0,
      }),
    ).toEqual({ successes: 6, trials: 92 })
    expect(knownOutside({ ...categories, categories: [['a', 90]], other: 5 })).toBeNull()
    expect([
      knownOutside({ ...categories, categories: [['a', 0]], other: 0 }),
      knownMissing({ ...categories, categories: [], other: 0 }),
    ]).toEqual([null, null])
  })
})
