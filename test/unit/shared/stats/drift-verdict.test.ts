import { describe, expect, test } from 'vitest'
import { driftVerdict, isResolved } from '../../../../shared/stats/drift/drift-verdict.ts'
import { defaultDriftRule, scoreWindow, type DriftScore, type FeatureWindow } from '../../../../shared/stats/drift/score-window.ts'
import { defaultRateRule, rateVerdict } from '../../../../shared/stats/quality/rate-verdict.ts'

const reference = Array.from({ length: 10 }, () => 100)
/** So many values, evenly, with `extra` of them moved from the first bins to the last. */
const even = (n: number, extra = 0): number[] => reference.map((_, bin) => n / 10 + (bin >= 5 ? extra / 5 : -extra / 5))
const window = (current: number[], more: Partial<FeatureWindow> = {}): FeatureWindow => ({
  feature: 'x',
  kind: 'numeric',
  reference,
  current,
  correlation: null,
  effective: current.reduce((sum, count) => sum + count, 0),
  ...more,
})
const score = (current: number[], more: Partial<FeatureWindow> = {}): DriftScore => scoreWindow([window(current, more)], 'training')[0]!

describe('one window', () => {
  test('says everything that it rests on', () => {
    expect(score(even(500, 150))).toMatchObject({
      feature: 'x',
      referenceId: 'training',
      n: 500,
      effective: 500,
      m: 1000,
      bins: 10,
      level: 'alarm',
      test: { df: 9 },
    })
  })

  test.each([
    ['no drift', even(500), 'none'],
    ['a small drift with overwhelming evidence', even(100_000, 5000), 'none'],
    ['a middling drift', even(500, 100), 'warn'],
    ['a middling drift of few values', even(150, 32), 'none'],
    ['a large drift of few values', even(150, 60), 'alarm'],
    ['a large drift of too few values', even(90, 40), 'insufficient data'],
    ['nothing', even(0), 'insufficient data'],
  ])('%s', (_, current, level) => {
    expect(score(current).level).toBe(level)
  })

  test('dependent values count for less, in the bias, in the evidence and for the minimum', () => {
    const [independent, dependent, stuck] = [
      score(even(1000, 250)),
      score(even(1000, 250), { effective: 120 }),
      score(even(1000, 250), { effective: 20 }),
    ]
    expect(dependent.psi).toBe(independent.psi)
    expect(dependent.psiAdjusted!).toBeLessThan(independent.psiAdjusted!)
    expect(dependent.test.p).toBeGreaterThan(independent.test.p)
    expect([independent.level, stuck.level]).toEqual(['alarm', 'insufficient data'])
  })

  test('the evidence is corrected over the features with enough data', () => {
    const features = [
      window(even(200, 60)),
      ...Array.from({ length: 9 }, (_, i) => window(even(200), { feature: `y${i}` })),
      window(even(10), { feature: 'few' }),
    ]
    const scores = scoreWindow(features, 'training')
    expect(scores[0]!.pAdjusted).toBeCloseTo(scores[0]!.test.p * 10, 12)
    expect(scores.at(-1)).toMatchObject({ level: 'insufficient data', pAdjusted: null })
  })

  test('bins that are empty on both sides do not matter', () => {
    const categories = { kind: 'categorical' as const, reference: [60, 40, 0, 0] }
    const same = score([600, 400, 0, 0], categories)
    expect(same).toMatchObject({ psi: 0, psiAdjusted: 0, jsDistance: 0, bins: 2, level: 'none', test: { df: 1, p: 1 } })
    const unseen = score([300, 200, 0, 500], categories)
    expect(unseen).toMatchObject({ level: 'alarm', largest: { bin: 3, distance: 0.5 } })
    expect(unseen.effect).toBe(unseen.jsDistanceAdjusted)
  })

  test('a constant feature is no drift, and a value that never was is', () => {
    expect(score([500, 0, 0], { kind: 'categorical', reference: [20, 0, 0] })).toMatchObject({
      level: 'none',
      effect: 0,
      test: { p: 1, df: 0 },
    })
    expect(score([250, 0, 250], { kind: 'categorical', reference: [1000, 0, 0] }).level).toBe('alarm')
  })

  test('no reference is no verdict', () => {
    expect(score(even(500), { reference: even(0) })).toMatchObject({ level: 'insufficient data', psi: null, effect: null, largest: null })
  })
})

describe('over windows', () => {
  const [none, warn, alarm, few] = [score(even(500)), score(even(500, 100)), score(even(500, 150)), score(even(50))]
  test.each([
    ['nothing yet', [], 'insufficient data'],
    ['one alarm', [alarm], 'ok'],
    ['alarms two times', [alarm, alarm], 'alarm'],
    ['two of three', [alarm, none, alarm], 'alarm'],
    ['two of the last three', [alarm, alarm, none, none], 'ok'],
    ['an alarm and a warning', [alarm, warn], 'warn'],
    ['two warnings', [warn, none, warn], 'warn'],
    ['too little data now', [alarm, alarm, few], 'insufficient data'],
    ['too little data between', [alarm, few, alarm], 'alarm'],
  ])('%s', (_, scores, state) => {
    expect(driftVerdict(scores)).toMatchObject({ state, score: scores.at(-1) ?? null, rule: defaultDriftRule })
  })

  test('it is over after three clean windows, not at the threshold', () => {
    const below = score(even(500, 108))
    expect([below.effect! < 0.2, below.effect! > 0.16, below.level]).toEqual([true, true, 'warn'])
    expect(isResolved([alarm, none, none, none], 0.2)).toBe(true)
    expect(isResolved([alarm, none, none], 0.2)).toBe(false)
    expect(isResolved([none, none, below], 0.2)).toBe(false)
    expect(isResolved([none, none, few], 0.2)).toBe(false)
    expect(isResolved([none, none], 0.2)).toBe(false)
  })
})

describe('rates', () => {
  const rate = (successes: number, trials: number) => ({ successes, trials })
  const verdict = (reference: [number, number], current: [number, number]) =>
    rateVerdict({ reference: rate(...reference), current: rate(...current), referenceId: 'training' })

  test.each([
    ['no rise', [20, 1000], [10, 500], 'ok'],
    ['a clear rise', [20, 1000], [60, 500], 'alarm'],
    ['a clear rise that does not matter', [20, 100_000], [500, 100_000], 'ok'],
    ['a rise by chance', [2, 100], [8, 100], 'ok'],
    ['a fall', [500, 1000], [10, 500], 'ok'],
    ['few values', [20, 1000], [50, 60], 'insufficient data'],
    ['no reference', [0, 0], [50, 600], 'insufficient data'],
    ['nothing', [20, 1000], [0, 0], 'insufficient data'],
  ] as const)('%s', (_, reference, current, state) => {
    const { state: said, referenceId, rule, p } = verdict([...reference], [...current])
    expect({ said, referenceId, rule }).toEqual({ said: state, referenceId: 'training', rule: defaultRateRule })
    expect(p >= 0 && p <= 1).toBe(true)
  })
})
