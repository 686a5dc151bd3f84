import { cellAt, type HeatCell } from '../../../shared/charts/heatmap.ts'

/** A place in a heat map; a row without windows has cell -1. */
export interface HeatCursor {
  row: number
  cell: number
}

/**
 * Where a key leads in a heat map, or `null` for a key that means nothing here. Up and down stay at the same time, whatever windows a row has.
 * @param at where the cursor is; null: nowhere yet, and the first key brings it to the newest window of the first row
 */
export function heatMove(
  key: string,
  at: HeatCursor | null,
  rows: readonly { cells: readonly Pick<HeatCell, 'from' | 'through'>[] }[],
): HeatCursor | null {
  const keys = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End', 'PageUp', 'PageDown']
  if (!keys.includes(key) || rows.length === 0) return null
  if (at === null) return { row: 0, cell: rows[0]!.cells.length - 1 }
  const cells = rows[at.row]?.cells ?? []
  const along = (cell: number): HeatCursor => ({ row: at.row, cell: cells.length === 0 ? -1 : clamp(cell, cells.length) })
  const down = (by: number): HeatCursor => {
    const row = clamp(at.row + by, rows.length)
    const moment = cells[at.cell]
    const others = rows[row]!.cells
    return { row, cell: moment === undefined ? others.length - 1 : cellAt(others, moment.from) }
  }
  switch (key) {
    case 'ArrowLeft':
      return along(at.cell - 1)
    case 'ArrowRight':
      return along(at.cell + 1)
    case 'Home':
      return along(0)
    case 'End':
      return along(cells.length - 1)
    case 'ArrowUp':
      return down(-1)
    case 'ArrowDown':
      return down(1)
    case 'PageUp':
      return down(-10)
    default:
      return down(10)
  }
}

function clamp(index: number, length: number): number {
  return Math.max(0, Math.min(length - 1, index))
}
