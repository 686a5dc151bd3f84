import { plotOf, timeAxis, type Axis, type Plot } from './scale.ts'

/** How a window of a feature was judged, the mildest first. */
export const heatLevels = ['insufficient data', 'none', 'warn', 'alarm'] as const
export type HeatLevel = (typeof heatLevels)[number]

/** One window of one row. */
export interface HeatCell {
  from: number
  through: number
  level: HeatLevel
  /** The effect as a share of what warns: shades the quiet cells. null: unknown. */
  share: number | null
}

/** What a cell is filled with: quiet ones in three steps, so that drift is seen to grow before it warns. */
export const heatTones = ['unsure', 'quiet-1', 'quiet-2', 'quiet-3', 'warn', 'alarm'] as const
export type HeatTone = (typeof heatTones)[number]

export interface HeatBox {
  x: number
  y: number
  width: number
  height: number
}

export interface HeatRowScene {
  /** All cells of a tone as one path: a map of a hundred features stays light. */
  fills: { tone: HeatTone; path: string }[]
  /** Shapes within the cells, for those who do not tell the colours apart: diamond, triangle, square. */
  shapes: { tone: HeatTone; path: string }[]
  boxes: HeatBox[]
}

/** Cells narrower than this have no room for a shape: their height tells the level instead. */
const LEAST_FOR_SHAPE = 9
const GAP = 1
const heights: Record<HeatLevel, number> = { 'insufficient data': 0.2, none: 0.45, warn: 0.72, alarm: 1 }

/** The time axis over the cells of every row. */
export function heatAxis(from: number, through: number, width: number): { plot: Plot; x: Axis } {
  const plot = plotOf(width, 20, { left: 0, right: 0, top: 0, bottom: 0 })
  return { plot, x: timeAxis(from, through, plot) }
}

/** Lays out one row. Windows that were not closed have no cell: a gap, which is not "no drift". */
export function heatRow(cells: readonly HeatCell[], x: Axis, height: number): HeatRowScene {
  const fills = new Map<HeatTone, string>()
  const shapes = new Map<HeatTone, string>()
  const boxes: HeatBox[] = []
  for (const cell of cells) {
    const box = boxOf(cell, x, height)
    const tone = toneOf(cell)
    boxes.push({ ...box, y: 0, height })
    fills.set(tone, `${fills.get(tone) ?? ''}${rectangle(box)}`)
    const shape = box.width < LEAST_FOR_SHAPE ? '' : shapeOf(cell.level, box)
    if (shape !== '') shapes.set(tone, `${shapes.get(tone) ?? ''}${shape}`)
  }
  return { fills: inOrder(fills), shapes: inOrder(shapes), boxes }
}

/** What a cell is filled with. */
export function toneOf({ level, share }: Pick<HeatCell, 'level' | 'share'>): HeatTone {
  if (level === 'insufficient data') return 'unsure'
  if (level === 'warn' || level === 'alarm') return level
  if (share === null || share < 1 / 3) return 'quiet-1'
  return share < 2 / 3 ? 'quiet-2' : 'quiet-3'
}

/** The cell that holds a moment, or else the nearest one; -1 where there is none. */
export function cellAt(cells: readonly Pick<HeatCell, 'from' | 'through'>[], moment: number): number {
  let best = -1
  let distance = Number.POSITIVE_INFINITY
  for (const [i, { from, through }] of cells.entries()) {
    const away = moment < from ? from - moment : moment >= through ? moment - through + 1 : 0
    if (away >= distance) continue
    distance = away
    best = i
  }
  return best
}

function boxOf({ from, through, level }: HeatCell, x: Axis, height: number): HeatBox {
  // A window that began before the axis does is drawn from its start.
  const left = Math.max(0, x.place(from))
  const width = Math.max(1, x.place(through) - left - GAP)
  const tall = width < LEAST_FOR_SHAPE ? Math.max(2, height * heights[level]) : height
  return { x: left, y: height - tall, width, height: tall }
}

function inOrder(paths: ReadonlyMap<HeatTone, string>): { tone: HeatTone; path: string }[] {
  return heatTones.flatMap((tone) => (paths.has(tone) ? [{ tone, path: paths.get(tone)! }] : []))
}

const px = (value: number): string => String(Math.round(value * 100) / 100)

function rectangle({ x, y, width, height }: HeatBox): string {
  return `M${px(x)} ${px(y)}h${px(width)}v${px(height)}h${px(-width)}z`
}

function shapeOf(level: HeatLevel, { x, y, width, height }: HeatBox): string {
  const [cx, cy] = [x + width / 2, y + height / 2]
  if (level === 'alarm') return rectangle({ x: cx - 3, y: cy - 3, width: 6, height: 6 })
  if (level === 'warn') return `M${px(cx)} ${px(cy - 3.5)}l4 7h-8z`
  if (level === 'insufficient data') return `M${px(cx)} ${px(cy - 3)}l3 3l-3 3l-3 -3z`
  return ''
}
