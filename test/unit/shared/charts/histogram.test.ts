import { describe, expect, test } from 'vitest'
import { histogramScene } from '../../../../shared/charts/histogram.ts'
import { layeredScene } from '../../../../shared/charts/layered-graph.ts'
import { featureBaseline } from '../../../../shared/stats/reference-bins.ts'

const size = { width: 100, height: 20, bins: 10, format: (value: number) => value.toFixed(1) }
const shares = (values: number[]): number[] => histogramScene(featureBaseline('x', values), size).bars.map(({ share }) => share)

describe('a histogram of a baseline', () => {
  test('shows the shape of the values although the bins of a baseline hold equally many', () => {
    const even = shares(Array.from({ length: 2000 }, (_, i) => i / 2000))
    expect(even).toHaveLength(10)
    for (const share of even) expect(share).toBeCloseTo(0.1, 2)
    const steep = shares(Array.from({ length: 2000 }, (_, i) => (i / 2000) ** 3))
    expect(steep[0]).toBeGreaterThan(0.4)
    expect(steep.at(-1)).toBeLessThan(0.06)
    expect(steep.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
  })

  test('a value that many rows have stays where it is', () => {
    const half = shares(Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? 0 : 0.5 + i / 4000)))
    expect(half[0]).toBeCloseTo(0.5, 2)
    expect(half[1]).toBeLessThan(0.02)
  })

  test('categories that are numbers stand in their order, the rest is one bar', () => {
    const { bars } = histogramScene(
      {
        ...{ kind: 'categorical', name: 'x', missing: 0, other: 5 },
        categories: [
          ['10', 3],
          ['9', 2],
        ],
      },
      size,
    )
    expect(bars.map(({ label, share }) => [label, share])).toEqual([
      ['9', 0.2],
      ['10', 0.3],
      ['others', 0.5],
    ])
    expect(bars.map(({ height }) => height)).toEqual([8, 12, 20])
  })

  test('one value is one bar, no value none; a bin that holds anything is seen', () => {
    expect(histogramScene(featureBaseline('x', [4, 4, 4]), size).bars).toHaveLength(1)
    expect(histogramScene(featureBaseline('x', [Number.NaN]), size).bars).toEqual([])
    const { bars } = histogramScene(featureBaseline('x', [...Array.from({ length: 5000 }, (_, i) => i / 5000), 9]), size)
    expect(bars.at(-1)?.height).toBeGreaterThanOrEqual(1)
  })
})

describe('a layered graph', () => {
  test('centres its columns and leads edges from right side to left side; what is not there has no edge', () => {
    const { width, height, nodes, edges } = layeredScene({
      columns: [['a', 'b'], [], ['c']],
      edges: [
        { from: 'a', to: 'c' },
        { from: 'b', to: 'gone' },
      ],
      node: { width: 100, height: 40 },
      gap: { x: 50, y: 10 },
    })
    expect({ width, height }).toEqual({ width: 250, height: 90 })
    expect(nodes).toEqual([
      { id: 'a', x: 0, y: 0 },
      { id: 'b', x: 0, y: 50 },
      { id: 'c', x: 150, y: 25 },
    ])
    expect(edges).toHaveLength(1)
    expect(edges[0]?.path).toMatch(/^M100,20C.*150,45$/)
  })

  test('of nothing has no size to speak of', () => {
    expect(layeredScene({ columns: [], edges: [], node: { width: 1, height: 1 }, gap: { x: 1, y: 1 } })).toMatchObject({
      width: 0,
      nodes: [],
    })
  })
})
