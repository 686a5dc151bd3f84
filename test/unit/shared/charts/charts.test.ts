import { describe, expect, it } from 'vitest'
import { nearestIndex, stackScene } from '../../../../shared/charts/bars.ts'
import { lineScene, sparkline } from '../../../../shared/charts/line.ts'
import { plotOf, valueAxis } from '../../../../shared/charts/scale.ts'

const times = [0, 60_000, 120_000, 180_000, 240_000]
const size = { width: 364, height: 128, times, from: 0, through: 240_000, format: String }

describe('a line chart', () => {
  it('leaves a gap where data is missing, and draws a lonely value as a dot', () => {
    const { series, y, hasData } = lineScene({ ...size, series: [{ id: 'a', name: 'a', values: [1, 2, null, 4, null] }] })
    expect(series[0]!.path.match(/M/g)).toHaveLength(2)
    expect(series[0]!.lonely).toEqual([{ x: 52 + 225, y: y.place(4) }])
    expect(series[0]!.end).toMatchObject({ value: 4 })
    expect(hasData).toBe(true)
  })

  it('spans exactly the period, from zero to beyond the highest value and threshold', () => {
    const { x, y } = lineScene({ ...size, series: [{ id: 'a', name: 'a', values: [1, 2, 3, 4, 5] }], threshold: { value: 9, label: '9' } })
    expect([x.place(0), x.place(240_000)]).toEqual([52, 352])
    expect(y.place(0)).toBe(108)
    expect(y.place(9)).toBeGreaterThanOrEqual(8)
  })

  it('says when there is nothing to draw', () => {
    const scene = lineScene({ ...size, series: [{ id: 'a', name: 'a', values: [null, null, null, null, null] }] })
    expect({ hasData: scene.hasData, path: scene.series[0]!.path, ticks: scene.y.ticks.length > 0 }).toEqual({
      hasData: false,
      path: '',
      ticks: true,
    })
  })

  it('draws an interval as a closed band with the same gaps', () => {
    const band = [{ low: 0.5, high: 1.5 }, { low: 1, high: 3 }, null, { low: 3, high: 5 }, null]
    const { series } = lineScene({ ...size, series: [{ id: 'a', name: 'a', values: [1, 2, null, 4, null], band }] })
    expect(series[0]!.band!.match(/Z/g)).toHaveLength(2)
  })
})

describe('stacked bars', () => {
  it('stand on each other, and are absent where nothing was measured', () => {
    const { bars, y } = stackScene({
      ...size,
      parts: [
        { id: 'a', name: 'a', values: [1, null, 0, 3, null] },
        { id: 'b', name: 'b', values: [2, null, 4, null, null] },
      ],
    })
    expect(bars.map(({ id, index }) => `${id}${index}`)).toEqual(['a0', 'b0', 'b2', 'a3'])
    expect(bars[1]!.y + bars[1]!.height).toBeCloseTo(bars[0]!.y)
    expect(bars[1]!.y).toBeCloseTo(y.place(3))
  })
})

describe('axes and sparklines', () => {
  it('stay finite for no values, one value and equal values', () => {
    const plot = plotOf(300, 100, { left: 0, right: 0, top: 0, bottom: 0 })
    for (const values of [[], [0], [5, 5], [Number.NaN, Number.POSITIVE_INFINITY]]) {
      const axis = valueAxis(values, plot, { format: String })
      expect(Number.isFinite(axis.place(0)) && axis.ticks.every(({ at }) => Number.isFinite(at))).toBe(true)
    }
  })

  it('need two values for a course', () => {
    expect(sparkline([1, null], 96, 24)).toBe('')
    expect(sparkline([1, null, 3, 3], 96, 24)).toMatch(/^M/)
  })

  it('find the time nearest to a pointer', () => {
    expect([nearestIndex([], 5), nearestIndex(times, -5), nearestIndex(times, 100_000), nearestIndex(times, 1e12)]).toEqual([-1, 0, 2, 4])
  })
})
