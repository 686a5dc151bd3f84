import { describe, expect, it } from 'vitest'
import { cellAt, heatAxis, heatRow, toneOf, type HeatCell } from '../../../../shared/charts/heatmap.ts'
import { lineScene } from '../../../../shared/charts/line.ts'
import { placeMarks } from '../../../../shared/charts/marks.ts'
import { categoryPairs, overlayScene, type OverlayBin } from '../../../../shared/charts/overlay.ts'
import { positionScene } from '../../../../shared/charts/position.ts'
import { reliabilityScene } from '../../../../shared/charts/reliability.ts'

const hour = 3_600_000
const cell = (at: number, level: HeatCell['level'], share: number | null = 0): HeatCell => ({
  from: at * hour,
  through: (at + 1) * hour,
  level,
  share,
})

describe('a heat map', () => {
  const cells = [cell(0, 'insufficient data', null), cell(1, 'none', 0.2), cell(4, 'warn', 1.2), cell(5, 'alarm', 3)]
  const wide = heatAxis(0, 6 * hour, 240)

  it('draws windows where they are, and nothing where none was closed', () => {
    const { boxes } = heatRow(cells, wide.x, 20)
    expect(boxes.map(({ x, width }) => [x, width])).toEqual([
      [0, 39],
      [40, 39],
      [160, 39],
      [200, 39],
    ])
  })

  it('draws a window that began before the axis from its start', () => {
    const { boxes } = heatRow([cell(-1, 'none'), cell(0, 'none')], heatAxis(-0.5 * hour, 5.5 * hour, 240).x, 20)
    expect(boxes.map(({ x, width }) => [x, width])).toEqual([
      [0, 19],
      [20, 39],
    ])
  })

  it('tells every level by tone and shape; narrow cells tell it by their height', () => {
    expect(heatRow(cells, wide.x, 20).fills.map(({ tone }) => tone)).toEqual(['unsure', 'quiet-1', 'warn', 'alarm'])
    expect(heatRow(cells, wide.x, 20).shapes.map(({ tone }) => tone)).toEqual(['unsure', 'warn', 'alarm'])
    const narrow = heatRow(cells, heatAxis(0, 6 * hour, 30).x, 20)
    expect(narrow.shapes).toEqual([])
    const heights = narrow.fills.map(({ path }) => Number(/v([\d.]+)/.exec(path)![1]))
    expect(heights).toEqual([...heights].sort((a, b) => a - b))
    expect(new Set(heights).size).toBe(4)
  })

  it('shades what is quiet by how near it is to a warning; an unknown effect is not the darkest', () => {
    expect([null, 0, 0.5, 0.9].map((share) => toneOf({ level: 'none', share }))).toEqual(['quiet-1', 'quiet-1', 'quiet-2', 'quiet-3'])
  })

  it('finds the window that holds a moment, or the nearest', () => {
    expect([-5, 0, 2.2, 3.9, 4.5, 99].map((at) => cellAt(cells, at * hour))).toEqual([0, 0, 1, 2, 2, 3])
    expect(cellAt([], 0)).toBe(-1)
  })
})

describe('marks on a time axis', () => {
  it('keep to the period: what began before has no line, what goes on reaches the end, what is over is left out', () => {
    const { plot, x } = heatAxis(0, 10 * hour, 100)
    const mark = (id: string, from: number, through: number | null) =>
      ({ id, from: from * hour, through: through === null ? null : through * hour, label: id, level: 'warning' }) as const
    const marks = [mark('before', -5, 2), mark('within', 3, 4), mark('goes on', 8, null), mark('over', -9, -8), mark('later', 11, null)]
    const placed = placeMarks(marks, { plot, x, from: 0, through: 10 * hour })
    expect(placed.map(({ id, line, x: left, width }) => [id, line, left, width])).toEqual([
      ['before', null, 0, 20],
      ['within', 30, 30, 10],
      ['goes on', 80, 80, 20],
    ])
  })
})

const bin = (from: number | null, to: number | null, reference: number, current: number): OverlayBin => ({
  ...{ label: `${from} to ${to}`, from, to, reference, current },
})

describe('distributions over each other', () => {
  const size = { width: 296, height: 120, span: { low: 0, high: 4 }, format: String }

  it('read exact shares of the bins, whatever their width', () => {
    const { bars } = overlayScene([bin(null, 1, 10, 30), bin(1, 3, 10, 10), bin(3, null, 20, 0)], size)
    expect(bars.map(({ x, width, reference, current }) => [x, width, reference, current])).toEqual([
      [8, 70, 0.25, 0.75],
      [78, 140, 0.25, 0.25],
      [218, 70, 0.5, 0],
    ])
  })

  it('draw a bin of twice the width half as high, and equal ones equally high', () => {
    const { reference } = overlayScene([bin(null, 1, 10, 0), bin(1, 3, 10, 0), bin(3, null, 10, 0)], size)
    const tops = [...reference.matchAll(/V([\d.]+)/g)].map((one) => Number(one[1]))
    expect(tops[0]).toBe(6)
    expect(tops[13]).toBe(53)
    expect(tops[26]).toBe(6)
  })

  it('are not pressed against the edge by one wild value', () => {
    const { bars } = overlayScene([bin(null, 1, 5, 5), bin(1, 2, 5, 5), bin(2, null, 5, 6)], { ...size, span: { low: 0, high: 1e9 } })
    expect(bars[1]!.width).toBeGreaterThan(50)
  })

  it('stay finite without bins, without counts, and where all values are one', () => {
    for (const bins of [[], [bin(null, null, 0, 0)], [bin(null, 5, 3, 0), bin(5, null, 0, 0)]]) {
      const scene = overlayScene(bins, { ...size, span: { low: null, high: null } })
      expect(`${scene.reference}${scene.current}${JSON.stringify(scene.bars)}`).not.toMatch(/NaN|Infinity/)
      expect(scene.hasCurrent || scene.current !== '').toBe(false)
    }
  })

  it('of categories put first what changed most, and add up the rest', () => {
    const bins = ['a', 'b', 'c', 'd', 'unseen'].map((label, i) => ({
      ...bin(null, null, [50, 30, 10, 10, 0][i]!, [50, 10, 30, 10, 0][i]!),
      label,
    }))
    expect(categoryPairs(bins, 10).map(({ label }) => label)).toEqual(['b', 'c', 'a', 'd'])
    expect(categoryPairs(bins, 3).at(-1)).toEqual({ label: '2 others', reference: 0.6, current: 0.6 })
    expect(categoryPairs([{ ...bin(null, null, 0, 7), label: 'a' }], 3)).toEqual([{ label: 'a', reference: null, current: 1 }])
  })
})

describe('a reliability diagram', () => {
  const row = (from: number, rows: number, share: number | null) => ({
    ...{ from, to: from + 0.1, rows, share, confidence: rows === 0 ? null : from + 0.05 },
    interval: share === null ? null : { low: share - 0.1, high: Math.min(1, share + 0.1) },
  })

  it('has a point per bin with rows, on the diagonal where confidence is right', () => {
    const { points, diagonal } = reliabilityScene([row(0.5, 0, null), row(0.6, 40, 0.65), row(0.8, 10, 0.6)], {
      ...{ width: 252, height: 242, format: String },
    })
    expect(points.map(({ index }) => index)).toEqual([1, 2])
    const at = (x: number): number => diagonal.y1 + ((x - diagonal.x1) / (diagonal.x2 - diagonal.x1)) * (diagonal.y2 - diagonal.y1)
    expect(points[0]!.y).toBeCloseTo(at(points[0]!.x))
    expect(points[1]!.y).toBeGreaterThan(at(points[1]!.x))
    expect(points[0]!.radius).toBeGreaterThan(points[1]!.radius)
  })

  it('is finite without rows', () => {
    expect(JSON.stringify(reliabilityScene([row(0, 0, null)], { width: 200, height: 200, format: String }))).not.toMatch(/null|NaN/)
  })
})

describe('a place within a band', () => {
  it('holds value and band, and leaves out what is unknown', () => {
    const { band, value, middle } = positionScene(9, { low: 1, high: 3, middle: 2 }, 112)
    expect(value).toBeGreaterThan(band!.x + band!.width)
    expect(middle).toBeGreaterThan(band!.x)
    expect(positionScene(null, { low: 1, high: 3, middle: 2 }, 112).value).toBeNull()
    expect(positionScene(4, { low: null, high: null, middle: null }, 112)).toMatchObject({ band: null, middle: null })
    expect(positionScene(Number.NaN, { low: null, high: null, middle: null }, 112).value).toBeNull()
  })
})

describe('values that must not be read as a course', () => {
  it('are rings without a line', () => {
    const { series } = lineScene({
      ...{ width: 364, height: 128, times: [0, 1, 2], from: 0, through: 2, format: String },
      series: [{ id: 'a', name: 'a', values: [1, 2, 3], areDots: true }],
    })
    expect({ path: series[0]!.path, dots: series[0]!.lonely.length }).toEqual({ path: '', dots: 3 })
  })
})
