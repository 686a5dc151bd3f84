import { describe, expect, test } from 'vitest'
import type { CountCell } from '../../../../../../electron/core/rollout/evidence/counts.ts'
import { isMostlyNamed, saidBy } from '../../../../../../electron/core/rollout/evidence/outcome-counts.ts'
import { distributionShift } from '../../../../../../shared/stats/canary/distribution-shift.ts'
import { textBaseline } from '../../../../../../shared/stats/reference-bins.ts'
import { CategoryCounter } from '../../../../../../shared/stats/reference/category-counter.ts'
import { emptyDistribution } from '../../../../../../shared/stats/reference/distribution.ts'
import { OUTCOME_NAME } from '../../../../../../shared/stats/reference/monitored.ts'
import { referenceKey } from '../../../../../../shared/stats/reference/reference-key.ts'

/** What a bundle said, whose reference was made of other rows. */
function cell(digest: string, reference: Record<string, number>, said: Record<string, number>): CountCell {
  const baseline = textBaseline(OUTCOME_NAME, new Map(Object.entries(reference)), { missing: 0, other: 0 })
  if (baseline.kind !== 'categorical') throw new Error('no classes')
  const counter = new CategoryCounter(baseline)
  for (const [name, count] of Object.entries(said)) for (let i = 0; i < count; i += 1) counter.add(name)
  return {
    device: digest,
    bundle: {
      ...{ digest, model: 'goods', version: '1.0.0', task: 'classification', labels: [], rows: 0, outcomes: null },
      references: { features: [], outcome: baseline, confidence: null },
      things: [{ name: OUTCOME_NAME, role: 'outcome', reference: baseline, key: referenceKey(baseline), hasRows: true }],
    },
    counts: { ...emptyDistribution(), outcome: counter.counts() },
  }
}

/** So many classes, each said as often as `of` says. */
function classes(count: number, of: (i: number) => number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`class ${i}`, of(i)]))
}

function verdictOf(candidate: CountCell, incumbent: CountCell): string | null {
  const said = saidBy([candidate], [incumbent])
  if (said === null) return null
  const names = [...new Set([...said.candidate.bins.keys(), ...said.incumbent.bins.keys()])]
  const [canary, baseline] = [said.candidate, said.incumbent].map(({ bins }) => names.map((name) => bins.get(name) ?? 0))
  const effective = { baseline: said.incumbent.values, canary: said.candidate.values }
  return distributionShift({ canary: canary!, baseline: baseline!, effective }, { alpha: 0.025, margin: 0.25, leastValues: 100 }).state
}

describe('classes are compared by names that both sides count', () => {
  const live = classes(60, () => 60)
  const named = (from: number) => classes(60, (i) => 200 - ((i - from + 60) % 60))

  test('models with more classes than a reference names, and other ones named, are equal where they say the same', () => {
    expect(verdictOf(cell('b', named(10), live), cell('a', named(0), live))).toBe('pass')
    const few = classes(60, (i) => (i % 10 === 0 ? 600 : 6))
    expect(verdictOf(cell('b', named(10), few), cell('a', named(0), live))).toBe('fail')
  })

  test('a class that only one of them has is a difference as long as the other certainly never said it', () => {
    const old = { barolo: 50, barbera: 50 }
    expect(
      verdictOf(cell('b', { Barolo: 50, barbera: 50 }, { Barolo: 500, barbera: 500 }), cell('a', old, { barolo: 500, barbera: 500 })),
    ).toBe('fail')
    expect(
      verdictOf(
        cell('b', { barolo: 50, barbera: 50, rare: 1 }, { barolo: 490, barbera: 490, rare: 20 }),
        cell('a', old, { barolo: 490, barbera: 490, rare: 20 }),
      ),
    ).toBe('pass')
  })

  test('without a name in common nothing can be said', () => {
    const [one, other] = [
      { a: 1, b: 1 },
      { c: 1, d: 1 },
    ]
    const all = { a: 250, b: 250, c: 250, d: 250 }
    expect(verdictOf(cell('b', other, all), cell('a', one, all))).toBeNull()
  })

  test('with little in common it is said that little is compared', () => {
    const said = (from: number) => saidBy([cell('b', named(from), live)], [cell('a', named(0), live)])!.candidate
    expect([said(10), said(30)].map(isMostlyNamed)).toEqual([true, true])
    const many = classes(200, () => 60)
    const rare = saidBy([cell('b', named(30), many)], [cell('a', named(0), many)])!
    expect(isMostlyNamed(rare.candidate)).toBe(false)
  })
})
