import { describe, expect, test } from 'vitest'
import { agree, outcomeOf } from '../../../../../electron/core/labelling/consensus.ts'
import type { DeskVote, Truth } from '../../../../../electron/core/store/fleet/desk.ts'

const votes = (...labels: (Truth | null)[]): DeskVote[] => labels.map((label, i) => ({ by: `p${i}`, label, at: i + 1, source: 'desk' }))
const nothing = { actual: null, source: null, settledAt: null }

describe('what the votes make of a row', () => {
  const cases = [
    { name: 'nobody', given: votes(), needed: 1, is: { state: 'open', ...nothing } },
    { name: 'one label of one', given: votes('a'), needed: 1, is: { state: 'settled', actual: 'a', source: 'desk', settledAt: 1 } },
    { name: 'only skips', given: votes(null, null), needed: 1, is: { state: 'skipped', ...nothing } },
    { name: 'one label of two', given: votes('a', null), needed: 2, is: { state: 'open', ...nothing } },
    { name: 'two that agree', given: votes('a', 'a'), needed: 2, is: { state: 'settled', actual: 'a', source: 'desk', settledAt: 2 } },
    { name: 'two that do not', given: votes('a', 'b'), needed: 2, is: { state: 'disputed', ...nothing } },
    {
      name: 'a third ends it',
      given: votes('a', 'b', 'b'),
      needed: 2,
      is: { state: 'settled', actual: 'b', source: 'desk', settledAt: 3 },
    },
    {
      name: 'values within one percent',
      given: votes(100, 100.5),
      needed: 2,
      is: { state: 'settled', actual: 100.25, source: 'desk', settledAt: 2 },
    },
    { name: 'values further apart', given: votes(100, 102), needed: 2, is: { state: 'disputed', ...nothing } },
  ]
  test.each(cases)('$name', ({ given, needed, is }) => {
    expect(outcomeOf(given, null, needed)).toEqual(is)
  })

  test('a decision overrules the votes', () => {
    expect(outcomeOf(votes('a', 'a'), { label: 'b', by: 'boss', at: 9 }, 2)).toEqual({
      state: 'settled',
      actual: 'b',
      source: 'decision',
      settledAt: 9,
    })
  })

  test('imported labels alone are of an import', () => {
    const imported = votes('a').map((vote) => ({ ...vote, source: 'import' as const }))
    expect(outcomeOf(imported, null, 1).source).toBe('import')
  })

  test('numbers and texts of the same sign are one label where one of them is a class', () => {
    expect([agree('3', 3), agree('3', '3.0'), agree(0, 0), agree(1, -1)]).toEqual([true, false, true, false])
  })
})
