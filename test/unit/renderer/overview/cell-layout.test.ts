import { describe, expect, test } from 'vitest'
import { cellAt, cellBeside, layOutCells, type CellGroup } from '../../../../renderer/screens/overview/cell-layout.ts'

const measure = (title: string): number => title.length * 6
const lay = (groups: readonly CellGroup[], width = 800, maxHeight = 190) => layOutCells(groups, { width, maxHeight, measure })
const many = (count: number, each: number): CellGroup[] => Array.from({ length: count }, (_, i) => ({ title: `site-${i}`, count: each }))

/** Cells that lie on each other, or outside of the width. */
function faults({ xs, ys, side, width, height }: ReturnType<typeof lay>): string[] {
  const seen = new Set<string>()
  const found: string[] = []
  for (const [i, x] of xs.entries()) {
    const place = `${x} ${ys[i]}`
    if (seen.has(place)) found.push(`cell ${i} lies on another one at ${place}`)
    seen.add(place)
    if (x - side / 2 < 0 || x + side / 2 > width || ys[i]! - side / 2 < 0 || ys[i]! + side / 2 > height)
      found.push(`cell ${i} is outside at ${place}`)
  }
  return found
}

describe('the layout of the cells', () => {
  test('a small fleet has large cells in one row per site, side by side below their titles', () => {
    const scene = lay([
      { title: 'lyon 3', count: 3 },
      { title: 'oslo 2', count: 2 },
    ])
    expect(scene.pitch).toBe(18)
    expect(scene.titles).toEqual([
      { group: 0, x: 0, y: 0, width: 54 },
      { group: 1, x: 70, y: 0, width: 36 },
    ])
    expect([...scene.xs]).toEqual([7, 25, 43, 77, 95])
    expect(new Set(scene.ys)).toEqual(new Set([25]))
  })

  const fleets: [string, CellGroup[], number][] = [
    ['no device', [], 800],
    ['one device', many(1, 1), 800],
    ['10,000 devices at one site', many(1, 10_000), 820],
    ['10,000 devices at 40 sites', many(40, 250), 820],
    ['10,000 devices at as many sites', many(10_000, 1), 820],
    ['sites of very different size', [...many(3, 1), { title: 'main', count: 3000 }, ...many(5, 7)], 620],
    ['a narrow page', many(4, 100), 120],
  ]
  test.each(fleets)('%s: every device has a cell of its own within the width', (_, groups, width) => {
    const scene = lay(groups, width)
    expect(scene.xs.length).toBe(groups.reduce((sum, { count }) => sum + count, 0))
    expect(faults(scene)).toEqual([])
  })

  test('cells are as large as the height allows, and never smaller than they can be seen', () => {
    expect(lay(many(4, 25)).pitch).toBe(18)
    expect(lay(many(1, 2000)).pitch).toBe(8)
    const crowded = lay(many(40, 250))
    expect(crowded.pitch).toBe(4)
    expect(crowded.height).toBeGreaterThan(190)
  })

  test('too many sites to be named are divided by a gap', () => {
    const scene = lay(many(61, 2))
    expect(scene.titles).toEqual([])
    expect(scene.xs[2]! - scene.xs[1]!).toBe(2 * scene.pitch)
  })
})

describe('pointing and moving', () => {
  const scene = lay(many(2, 7), 110)

  test('the cell under a point is found, and none between the groups', () => {
    for (const i of scene.xs.keys()) expect(cellAt(scene, scene.xs[i]! + 1, scene.ys[i]! - 1)).toBe(i)
    expect(cellAt(scene, 5, 5)).toBe(-1)
  })

  test.each([
    ['ArrowRight', 0, 1],
    ['ArrowRight', 13, 13],
    ['ArrowLeft', 0, 0],
    ['ArrowLeft', 8, 7],
    ['Home', 9, 0],
    ['End', 0, 13],
    ['ArrowUp', 0, 0],
    ['ArrowDown', 13, 13],
    ['x', 3, null],
  ])('%s from cell %i leads to %s', (key, from, to) => {
    expect(cellBeside(scene, from, key)).toBe(to)
  })

  test('down leads to the nearest row below, straight under the cell, and up leads back', () => {
    const below = cellBeside(scene, 1, 'ArrowDown')!
    expect([scene.xs[below], scene.ys[below]! > scene.ys[1]!]).toEqual([scene.xs[1], true])
    expect(cellBeside(scene, below, 'ArrowUp')).toBe(1)
  })
})
