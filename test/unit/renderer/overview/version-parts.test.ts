import { describe, expect, test } from 'vitest'
import { stackParts } from '../../../../renderer/screens/overview/version-parts.ts'

const version = (name: string, requests: (number | null)[], deployment = 'digits') => ({
  deployment,
  model: 'digits',
  version: name,
  requests,
})

describe('versions as parts of a stack', () => {
  test('they stand in the order of their versions, whichever has more requests', () => {
    const parts = stackParts([version('1.10.0', [9, 9]), version('1.9.0', [1, 1])], 'requests')
    expect(parts.map(({ name }) => name)).toEqual(['digits 1.9.0', 'digits 1.10.0'])
  })

  test('shares are of all requests of the interval; where nobody was asked there is none', () => {
    const parts = stackParts([version('1.0.0', [30, null, 0, 5]), version('1.1.0', [10, null, 0, null])], 'share')
    expect(parts.map(({ values }) => values)).toEqual([
      [0.75, null, null, 1],
      [0.25, null, null, null],
    ])
  })

  test('versions with few requests stand together, and nothing is lost', () => {
    const series = Array.from({ length: 8 }, (_, i) => version(`1.${i}.0`, [i + 1, null]))
    const parts = stackParts(series, 'requests')
    expect(parts.map(({ name, values }) => [name, values[0]])).toEqual([
      ['digits 1.4.0', 5],
      ['digits 1.5.0', 6],
      ['digits 1.6.0', 7],
      ['digits 1.7.0', 8],
      ['4 others', 10],
    ])
    expect(parts.at(-1)!.values[1]).toBeNull()
  })

  test('a deployment that is not called as its model is named', () => {
    expect(stackParts([version('1.0.0', [1], 'quality-check')], 'requests')[0]!.name).toBe('quality-check: digits 1.0.0')
    expect(stackParts([], 'share')).toEqual([])
  })
})
