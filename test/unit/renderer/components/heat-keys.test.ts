import { expect, it } from 'vitest'
import { heatMove } from '../../../../renderer/components/charts/heat-keys.ts'

const cells = (...starts: number[]) => ({ cells: starts.map((from) => ({ from, through: from + 10 })) })
const rows = [cells(0, 10, 20, 30), cells(0, 30), cells(), cells(10, 20)]

it.each([
  ['the first key leads to the newest window of the first row', 'ArrowDown', null, { row: 0, cell: 3 }],
  ['along a row', 'ArrowLeft', { row: 0, cell: 2 }, { row: 0, cell: 1 }],
  ['not beyond its ends', 'ArrowRight', { row: 0, cell: 3 }, { row: 0, cell: 3 }],
  ['to its ends', 'Home', { row: 0, cell: 3 }, { row: 0, cell: 0 }],
  ['down at the same time, whatever windows a row has', 'ArrowDown', { row: 0, cell: 3 }, { row: 1, cell: 1 }],
  ['into a row without windows', 'ArrowDown', { row: 1, cell: 1 }, { row: 2, cell: -1 }],
  ['out of it, to the newest', 'ArrowDown', { row: 2, cell: -1 }, { row: 3, cell: 1 }],
  ['along nothing', 'ArrowRight', { row: 2, cell: -1 }, { row: 2, cell: -1 }],
  ['far, but not beyond the last row', 'PageDown', { row: 0, cell: 0 }, { row: 3, cell: 0 }],
] as const)('a key leads %s', (_, key, at, to) => {
  expect(heatMove(key, at, rows)).toEqual(to)
})

it('other keys mean nothing, and so does any key without rows', () => {
  expect([heatMove('x', { row: 0, cell: 0 }, rows), heatMove('ArrowDown', null, [])]).toEqual([null, null])
})
