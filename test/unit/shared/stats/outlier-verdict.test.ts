import { describe, expect, test } from 'vitest'
import { featureBaseline } from '../../../../shared/stats/reference-bins.ts'
import { expectedOutlierRate, outlierVerdict, referenceOutliers } from '../../../../shared/stats/quality/outlier-verdict.ts'
import { NumericCounter, type NumericReference } from '../../../../shared/stats/reference/numeric-counter.ts'
import { normals, seeded } from './oracle.ts'

function referenceOf(values: readonly number[]): NumericReference {
  const reference = featureBaseline('x', values)
  if (reference.kind !== 'numeric') throw new Error('no numeric reference')
  return reference
}

/** Values 0 to 99, evenly: quartiles 24 and 74, fences at -126 and 224. */
const even = Array.from({ length: 200 }, (_, i) => i / 2)

describe('what a reference lets expect', () => {
  test('short tails: one in a thousand', () => {
    expect(referenceOutliers(referenceOf(even))).toEqual({ successes: 0, trials: 200 })
    expect(expectedOutlierRate(referenceOf(even))).toBe(0.001)
  })

  test('a largest value on its way to the fence: the upper limit of 0 of m', () => {
    expect(expectedOutlierRate(referenceOf([...even, 200]))).toBeCloseTo(1 - 0.05 ** (1 / 201), 6)
  })

  test('outliers of its own raise it', () => {
    const reference = referenceOf([...even, 500, 600, 700])
    expect(referenceOutliers(reference)!.successes).toBeGreaterThanOrEqual(3)
    expect(expectedOutlierRate(reference)).toBeGreaterThan(3 / 203)
  })

  test('too few values say nothing about tails', () => {
    expect(expectedOutlierRate(referenceOf(even.slice(0, 60)))).toBeCloseTo(1 - 0.05 ** (1 / 60), 6)
  })

  test('a reference without spread has no fences, and no verdict', () => {
    const constantMiddle = referenceOf([...Array.from({ length: 100 }, () => 5), ...Array.from({ length: 30 }, (_, i) => i * 10)])
    expect(expectedOutlierRate(constantMiddle)).toBeNull()
    expect(outlierVerdict({ reference: constantMiddle, current: { successes: 5, trials: 200 }, referenceId: 'r' })).toBeNull()
  })
})

describe('the verdict', () => {
  const judge = (successes: number, trials: number) =>
    outlierVerdict({ reference: referenceOf(even), current: { successes, trials }, referenceId: 'r' })!

  test.each([
    { successes: 0, trials: 0, state: 'insufficient data' },
    { successes: 50, trials: 99, state: 'insufficient data' },
    { successes: 0, trials: 200, state: 'ok' },
    { successes: 2, trials: 100, state: 'ok' },
    { successes: 4, trials: 200, state: 'alarm' },
    { successes: 10, trials: 10_000, state: 'ok' },
    { successes: 200, trials: 200, state: 'alarm' },
  ])('$successes of $trials: $state', ({ successes, trials, state }) => {
    expect(judge(successes, trials).state).toBe(state)
  })

  test('p is the exact binomial tail', () => {
    // 1 - (0.999^200 + 200 * 0.001 * 0.999^199 + ...), summed by hand to three terms.
    const term = (k: number, choose: number): number => choose * 0.001 ** k * 0.999 ** (200 - k)
    const below = term(0, 1) + term(1, 200) + term(2, 19_900) + term(3, 1_313_400)
    expect(judge(4, 200).p).toBeCloseTo(1 - below, 12)
  })
})

test('features of any tail are quiet without a change', { timeout: 60_000 }, () => {
  const random = seeded(11)
  const normal = normals(seeded(12))
  const draws: Record<string, () => number> = {
    normal,
    uniform: random,
    exponential: () => -Math.log(1 - random()),
    lognormal: () => Math.exp(normal()),
    'log of it': () => Math.exp(normal() / 2),
    'few degrees of freedom': () => normal() / Math.sqrt((normal() ** 2 + normal() ** 2 + normal() ** 2) / 3),
  }
  const figures = Object.entries(draws).map(([name, draw]) => {
    let alarms = 0
    for (let feature = 0; feature < 150; feature += 1) {
      const reference = referenceOf(Array.from({ length: 110 + (feature % 3) * 200 }, draw))
      let risen = 0
      for (let window = 0; window < 3; window += 1) {
        const counter = new NumericCounter(reference)
        for (let i = 0; i < 300; i += 1) counter.addNumber(draw())
        const { outliers } = counter.counts()
        if (outlierVerdict({ reference, current: { successes: outliers, trials: 300 }, referenceId: 'r' })?.state === 'alarm') risen += 1
      }
      if (risen >= 2) alarms += 1
    }
    return { name, alarms }
  })
  console.log(
    `features of 150 with a false outlier alarm (2 of 3 windows): ${figures.map(({ name, alarms }) => `${name} ${alarms}`).join(', ')}`,
  )
  for (const { alarms } of figures) expect(alarms).toBeLessThanOrEqual(1)
})
