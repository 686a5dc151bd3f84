import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareRates, type RateRule } from '../../../../../shared/stats/canary/compare-rates.ts'
import { clusteredEvidence, designEffect, type RateCell, type RateWindow } from '../../../../../shared/stats/canary/design-effect.ts'
import { distributionShift } from '../../../../../shared/stats/canary/distribution-shift.ts'
import { addErrorWindow, emptyErrorEProcess, errorEvidence } from '../../../../../shared/stats/canary/error-e-process.ts'
import { outlyingDevices } from '../../../../../shared/stats/canary/outlying-devices.ts'
import { proportionBounds } from '../../../../../shared/stats/canary/proportion-bounds.ts'
import { sizeBound } from '../../../../../shared/stats/canary/size-bound.ts'

const rule: RateRule = { alpha: 0.05, absoluteMargin: 0.005, relativeMargin: 0.25, leastTrials: 100 }
const cell = (device: string, events: number, trials = 100): RateCell => ({ device, trials, events })
const windows = (count: number, canary: RateCell, baseline: RateCell): RateWindow[] =>
  Array.from({ length: count }, () => ({ canary: [canary], baseline: [baseline] }))

describe('design effect', () => {
  test('a lone burst counts as about one event, a steady rate as itself', () => {
    const quiet = Array.from({ length: 59 }, () => cell('a', 0))
    expect(designEffect([...quiet, cell('a', 30)])).toBeGreaterThan(29)
    expect(designEffect(Array.from({ length: 60 }, () => cell('a', 30)))).toBe(1)
    expect(designEffect([...quiet, cell('a', 1)])).toBe(1)
  })

  test('a device that is worse than the others is a cluster, however even it is over time', () => {
    const of = (device: string, events: number) => Array.from({ length: 20 }, () => cell(device, events))
    expect(designEffect([...of('a', 10), ...of('b', 0), ...of('c', 0), ...of('d', 0)])).toBeGreaterThan(50)
  })

  test('one or two cells cannot tell a burst from a rate; sums over all of the time are taken as they are', () => {
    expect(designEffect([cell('a', 40)])).toBe(40)
    expect(designEffect([cell('a', 40), cell('a', 40)])).toBe(40)
    expect(designEffect([cell('a', 40)], { areTotals: true })).toBe(1)
  })

  test('is 1 where nothing, or everything, happens', () => {
    for (const cells of [[], [cell('a', 0)], [cell('a', 0), cell('b', 0)], [cell('a', 0, 0)]]) expect(designEffect(cells)).toBe(1)
    expect(designEffect([cell('a', 100), cell('b', 100), cell('a', 100)])).toBe(1)
  })

  test('tempering by 1 changes nothing, by more takes evidence away', () => {
    const process = emptyErrorEProcess()
    addErrorWindow(process, { canaryErrors: 20, baselineErrors: 2, canaryRequests: 200, baselineRequests: 200 })
    expect(clusteredEvidence(process, 1)).toBe(errorEvidence(process))
    expect(clusteredEvidence(process, 4)).toBeLessThan(errorEvidence(process))
    expect(clusteredEvidence(process, 1e9)).toBeCloseTo(1)
  })
})

describe('compared rates', () => {
  test('nothing, or one side only, is inconclusive and has no numbers', () => {
    for (const none of [[], windows(50, cell('c', 100), cell('b', 0, 0)), windows(50, cell('c', 0, 0), cell('b', 3))]) {
      expect(compareRates(none, rule)).toMatchObject({
        state: 'inconclusive',
        difference: null,
        low: null,
        high: null,
        eValue: null,
        needs: null,
      })
    }
  })

  test('all failing on both sides is no difference; on one side it is the largest', () => {
    expect(compareRates(windows(50, cell('c', 100), cell('b', 100)), rule)).toMatchObject({ state: 'pass', difference: 0 })
    const worst = compareRates(windows(5, cell('c', 100), cell('b', 0)), rule)
    expect(worst).toMatchObject({ state: 'fail', difference: 1, canary: { share: 1 }, baseline: { share: 0 } })
  })

  test('what the margin accepts passes, although it is certainly worse', () => {
    const small = compareRates(windows(4000, cell('c', 3, 1000), cell('b', 1, 1000)), rule)
    expect(small.eValue).toBeGreaterThan(20)
    expect(small).toMatchObject({ state: 'pass', margin: 0.005 })
  })

  test('a rise within the margin is no fail, however certain it is', () => {
    const within = compareRates(windows(8, cell('c', 11, 2000), cell('b', 2, 2000)), rule)
    expect(within.eValue).toBeGreaterThan(20)
    expect(within.difference).toBeLessThan(within.margin)
    expect(within.state).toBe('inconclusive')
  })

  test('a share of the rate of the baseline is accepted where that is more', () => {
    expect(compareRates(windows(400, cell('c', 22), cell('b', 20)), rule)).toMatchObject({ state: 'pass', margin: 0.05 })
  })

  test('windows are compared with themselves: a bad hour of all is not the fault of the canary that came in it', () => {
    const quiet = { canary: [cell('c', 1, 100)], baseline: [cell('b', 9, 900)] }
    const bad = { canary: [cell('c', 180, 900)], baseline: [cell('b', 20, 100)] }
    const mixed = compareRates([...Array.from({ length: 10 }, () => quiet), ...Array.from({ length: 10 }, () => bad)], rule)
    expect(mixed.canary.share! - mixed.baseline.share!).toBeGreaterThan(0.1)
    expect(mixed.difference).toBeCloseTo(0)
    expect(mixed.state).not.toBe('fail')
  })

  test('too few trials never pass, however well they went', () => {
    const few = { ...rule, absoluteMargin: 1.5 }
    expect(compareRates(windows(9, cell('c', 0, 10), cell('b', 0, 10)), few)).toMatchObject({ state: 'inconclusive' })
    expect(compareRates(windows(10, cell('c', 0, 10), cell('b', 0, 10)), few).state).toBe('pass')
  })

  test('what it says it needs is what it needs', () => {
    const early = compareRates(windows(20, cell('c', 1), cell('b', 1)), { ...rule, absoluteMargin: 0.01 })
    expect(early.state).toBe('inconclusive')
    const windowsMore = Math.ceil(early.needs! / 100)
    expect(compareRates(windows(20 + windowsMore, cell('c', 1), cell('b', 1)), { ...rule, absoluteMargin: 0.01 }).state).toBe('pass')
    expect(
      compareRates(windows(Math.floor(0.97 * (20 + windowsMore)), cell('c', 1), cell('b', 1)), { ...rule, absoluteMargin: 0.01 }).state,
    ).toBe('inconclusive')
    expect(compareRates(windows(2, cell('c', 2), cell('b', 1)), rule).needs).toBeNull()
  })

  test('after one good request it says how many more it takes, not that none would do', () => {
    const { needs } = compareRates(windows(1, cell('c', 0, 1), cell('b', 0, 1)), rule)
    expect(needs).toBeGreaterThan(1000)
    const enough = [cell('c', 0, 1 + needs!), cell('b', 0, 1 + needs!)] as const
    expect(compareRates(windows(1, ...enough), rule).state).toBe('pass')
  })

  test('never NaN, and the limits enclose the difference', () => {
    const cells = fc.array(
      fc.record({ device: fc.constantFrom('a', 'b'), trials: fc.nat(200), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
      { maxLength: 4 },
    )
    const made = (of: { device: string; trials: number; share: number }[]) =>
      of.map(({ device, trials, share }) => ({ device, trials, events: Math.floor(share * trials) }))
    fc.assert(
      fc.property(fc.array(fc.tuple(cells, cells), { maxLength: 5 }), (parts) => {
        const { difference, low, high, eValue, needs } = compareRates(
          parts.map(([canary, baseline]) => ({ canary: made(canary), baseline: made(baseline) })),
          rule,
        )
        for (const value of [difference, low, high, eValue, needs]) expect(value === null || Number.isFinite(value)).toBe(true)
        if (low !== null) expect(low <= high!).toBe(true)
      }),
    )
  })
})

describe('devices far above the others of their arm', () => {
  const arm = (name: string, events: readonly number[]): RateCell[] => events.map((of, i) => cell(`${name}${i}`, of, 20))
  const minutes = (count: number, canary: readonly number[], baseline: readonly number[]): RateWindow[] =>
    Array.from({ length: count }, () => ({ canary: arm('c', canary), baseline: arm('b', baseline) }))
  const times = (count: number, of: number): number[] => Array.from({ length: count }, () => of)

  test('are found in an arm of three and more, fewer than half of it, and never for one burst', () => {
    const found = (cells: readonly RateCell[]) => [...outlyingDevices(cells).devices]
    const dead = arm('b', [20, 0, 0])
    expect(found(dead)).toEqual(['b0'])
    expect(found(arm('b', [20, 0]))).toEqual([])
    expect(found(arm('b', [20, 20, 0, 0]))).toEqual([])
    expect(found([...arm('b', [20, 0, 0]), ...arm('b', [0, 0, 0]), ...arm('b', [0, 0, 0])])).toEqual([])
    expect(found([...dead, ...dead, ...dead])).toEqual(['b0'])
    expect(found([])).toEqual([])
    expect(outlyingDevices(dead).from).toBe(0.5)
  })

  test('one dead device of the baseline does not excuse a canary in which all fail, and the figures of the fail are without it', () => {
    const half = compareRates(minutes(10, times(5, 10), [20, ...times(49, 0)]), { ...rule, alpha: 0.025 })
    expect(half).toMatchObject({ state: 'fail', leftOut: 1, canary: { share: 0.5 }, baseline: { share: 0, trials: 9800 } })
    const all = compareRates(minutes(10, times(2, 20), [20, ...times(9, 0)]), { ...rule, alpha: 0.025 })
    expect(all).toMatchObject({ state: 'fail', leftOut: 1, difference: 1 })
  })

  test('dead devices of the canary count once each: as many as in the baseline are no fault, many more are', () => {
    const shape = { ...rule, alpha: 0.025 }
    const baseline = [...times(9, 20), ...times(171, 0)]
    expect(compareRates(minutes(60, [20, ...times(19, 0)], baseline), shape)).toMatchObject({ state: 'inconclusive', leftOut: 0 })
    expect(compareRates(minutes(60, [20, 20, ...times(18, 0)], baseline), shape).state).toBe('inconclusive')
    expect(compareRates(minutes(60, [...times(8, 20), ...times(12, 0)], baseline), shape).state).toBe('fail')
  })

  test('a small canary whose half is as bad as the odd ones of the baseline is not called worse for that', () => {
    const bad = compareRates(minutes(60, [8, 8, 0], [...times(3, 8), ...times(24, 0)]), { ...rule, alpha: 0.025 })
    expect(bad.state).toBe('inconclusive')
  })

  test('a canary that is worse than its like does not pass because dead devices make the baseline look bad', () => {
    const worse = compareRates(minutes(60, times(20, 2), [...times(90, 20), ...times(210, 0)]), { ...rule, alpha: 0.025 })
    expect(worse).toMatchObject({ state: 'fail', leftOut: 90, canary: { share: 0.1 }, baseline: { share: 0 } })
  })

  test('dead devices of the baseline keep no canary from passing; one of its own does, and no number of requests changes that', () => {
    const shape = { ...rule, alpha: 0.025 }
    const dead = [20, ...times(49, 0)]
    expect(compareRates(minutes(60, times(5, 0), dead), shape)).toMatchObject({ state: 'pass', leftOut: 1, baseline: { share: 0 } })
    expect(compareRates(minutes(140, [0], dead), shape)).toMatchObject({ state: 'pass', leftOut: 1, unsettled: null })
    const odd = compareRates(minutes(60, [20, ...times(19, 0)], dead), shape)
    expect(odd).toMatchObject({ state: 'inconclusive', unsettled: 'odd', needs: null })
    // A device that was dead as the incumbent is no proof of the version.
    const own = minutes(60, times(5, 0), dead).map(({ canary, baseline }) => ({
      ...{ canary: [...canary, cell('b0', 0, 20)], baseline },
    }))
    expect(compareRates(own, shape)).toMatchObject({ state: 'inconclusive', unsettled: 'odd' })
  })

  test('more requests may settle what is worse without its odd devices, and one device that is not certainly worse', () => {
    const shape = { ...rule, alpha: 0.025 }
    const dead = [20, ...times(49, 0)]
    const others = compareRates(minutes(3, [20, 1, ...times(18, 0)], dead), { ...shape, absoluteMargin: 0.001 })
    expect(others).toMatchObject({ state: 'inconclusive', unsettled: null })
    const mild = [...minutes(9, [0], dead), ...minutes(1, [2], dead)]
    expect(compareRates(mild, shape)).toMatchObject({ state: 'inconclusive', unsettled: null })
  })

  test('a canary that is worse than the others of the baseline does not pass for their dead ones', () => {
    const dead = [20, ...times(49, 0)]
    const worse = Array.from({ length: 40 }, () => [...minutes(2, times(5, 0), dead), ...minutes(1, times(5, 1), dead)]).flat()
    const said = compareRates(worse, { ...rule, alpha: 0.025 })
    expect(said.canary.share).toBeLessThan(20 / 1000)
    expect(said).toMatchObject({ state: 'fail', leftOut: 1 })
  })

  test('a single device may be an odd one itself, and nobody can tell', () => {
    expect(compareRates(minutes(60, [20], [20, ...times(49, 0)]), { ...rule, alpha: 0.025 })).toMatchObject({
      ...{ state: 'inconclusive', unsettled: 'lone', needs: null, leftOut: 1, difference: 1 },
    })
    expect(compareRates(minutes(60, [20], times(50, 0)), { ...rule, alpha: 0.025 }).state).toBe('fail')
  })
})

describe('bounds', () => {
  test('of one share: whole without trials, 0 and 1 at the ends, narrower with more', () => {
    expect(proportionBounds(0, 0, 0.05)).toBeNull()
    expect(proportionBounds(3, 2, 0.05)).toBeNull()
    expect(proportionBounds(0, 100, 0.05)).toMatchObject({ low: 0 })
    expect(proportionBounds(100, 100, 0.05)).toMatchObject({ high: 1 })
    const [few, many] = [proportionBounds(10, 20, 0.05)!, proportionBounds(1000, 2000, 0.05)!]
    expect(few.low).toBeLessThan(many.low)
    expect(few.high).toBeGreaterThan(many.high)
    // p^k (1 - p)^(n - k) B at its border is 1 / alpha: for k = 0, (1 - p)^n = alpha / (n + 1).
    expect(proportionBounds(0, 100, 0.05)!.high).toBeCloseTo(1 - (0.05 / 101) ** (1 / 100), 9)
  })

  test('of devices: the figures that a gate prints', () => {
    const printed = [5, 10, 30, 60, 100, 300].map((devices) => Number((100 * sizeBound(0, devices)).toFixed(1)))
    expect(printed).toEqual([45.1, 25.9, 9.5, 4.9, 3, 1])
    expect([sizeBound(0, 0), sizeBound(3, 3)]).toEqual([1, 1])
    expect(sizeBound(1, 10)).toBeCloseTo(0.394, 3)
    expect(() => sizeBound(2, 1)).toThrow(RangeError)
  })
})

describe('distribution shift', () => {
  const of = (baseline: number[], canary: number[]) => {
    const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0)
    return distributionShift(
      { baseline, canary, effective: { baseline: sum(baseline), canary: sum(canary) } },
      { alpha: 0.01, margin: 0.25, leastValues: 100 },
    )
  }

  test('an empty side, few values and a single class are no evidence of a difference', () => {
    expect(of([], [])).toMatchObject({ state: 'inconclusive', value: null })
    expect(of([10, 10], [0, 0])).toMatchObject({ state: 'inconclusive', value: null })
    expect(of([10, 0], [0, 10]).state).toBe('inconclusive')
    expect(of([500], [500])).toMatchObject({ state: 'pass', value: 0 })
  })

  test('a shift within the margin is no fail, however certain it is', () => {
    const within = of([500, 500], [72, 28])
    expect(within.p! < within.threshold && within.value! < 0.25).toBe(true)
    expect(within.state).toBe('inconclusive')
  })

  test('equal shapes pass, others fail', () => {
    expect(of([4000, 4000], [400, 400]).state).toBe('pass')
    expect(of([4000, 1000], [100, 400])).toMatchObject({ state: 'fail' })
  })
})
