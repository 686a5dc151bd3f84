import { expect, it } from 'vitest'
import { withinRange } from '../../../../../electron/core/monitor/within-range.ts'
import { featureBaseline } from '../../../../../shared/stats/reference-bins.ts'
import { emptyDistribution } from '../../../../../shared/stats/reference/distribution.ts'
import { NumericCounter, type NumericReference } from '../../../../../shared/stats/reference/numeric-counter.ts'

it('leaves out what lies outside the reference, and no more', () => {
  const reference = featureBaseline(
    'x',
    Array.from({ length: 200 }, (_, i) => i),
  ) as NumericReference
  const inside = new NumericCounter(reference)
  const all = new NumericCounter(reference)
  for (const value of [0, 3, 3, 77, 150, 199]) {
    inside.add(value)
    all.add(value)
  }
  for (const value of [-1, -1000, 200, 1e6]) all.add(value)
  const counts = withinRange({ ...emptyDistribution(), features: new Map([['x', all.counts()]]) }).features.get('x')!
  expect(counts.bins).toEqual(inside.counts().bins)
  expect(counts).toMatchObject({ below: 0, above: 0 })
})
