/** A site of the strip: its title and how many devices stand there. */
export interface CellGroup {
  title: string
  count: number
}

/** Where every cell of the strip stands, in px; cells are numbered through all groups in order. */
export interface CellScene {
  width: number
  height: number
  /** Distance from one cell to the next. */
  pitch: number
  /** Side of a cell; the rest of the pitch is the gap. */
  side: number
  /** Centres of the cells. */
  xs: Float64Array
  ys: Float64Array
  /** Where the titles stand, by group; empty where there are too many groups to be named. */
  titles: { group: number; x: number; y: number; width: number }[]
}

const PITCHES = [18, 16, 14, 12, 10, 9, 8, 7, 6, 5, 4] as const
const ROWS = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 26, 32, 40, 50, 64] as const
const TITLE_HEIGHT = 18
const SHELF_GAP = 8
const GROUP_GAP = 16
/** More groups than this cannot be named in the strip: a gap divides them, and pointing at a cell names its site. */
const MOST_TITLES = 60

/**
 * Lays out one cell per device, grouped by site: the largest cells with which everything fits the height, the smallest where nothing does.
 * @param measure width of a title in px
 */
export function layOutCells(
  groups: readonly CellGroup[],
  { width, maxHeight, measure }: { width: number; maxHeight: number; measure(title: string): number },
): CellScene {
  const titleWidths = groups.map(({ title }) => Math.min(160, measure(title)))
  let best: CellScene | null = null
  for (const pitch of PITCHES) {
    best = groups.length > MOST_TITLES ? inSequence(groups, { width, pitch }) : onShelves(groups, { width, pitch, titleWidths })
    if (best.height <= maxHeight) break
  }
  return best ?? emptyScene(width, PITCHES[0], 0)
}

function emptyScene(width: number, pitch: number, cells: number): CellScene {
  const gap = pitch >= 12 ? 4 : pitch >= 8 ? 2 : 1
  return { width, height: 0, pitch, side: pitch - gap, xs: new Float64Array(cells), ys: new Float64Array(cells), titles: [] }
}

const sumOf = (groups: readonly CellGroup[]): number => groups.reduce((sum, { count }) => sum + count, 0)

interface Block {
  columns: number
  rows: number
  width: number
}

/** Groups as blocks below their titles, side by side on shelves; the number of rows that needs the least height. */
function onShelves(
  groups: readonly CellGroup[],
  { width, pitch, titleWidths }: { width: number; pitch: number; titleWidths: readonly number[] },
): CellScene {
  const most = Math.max(1, Math.floor(width / pitch))
  const tries = ROWS.map((rows) => {
    const blocks = groups.map(({ count }, i): Block => {
      const columns = Math.min(most, Math.max(1, Math.ceil(count / rows)))
      return { columns, rows: Math.ceil(count / columns), width: Math.max(columns * pitch, titleWidths[i]!) }
    })
    return { blocks, shelves: shelvesOf(blocks, width, pitch) }
  })
  const heightOf = ({ shelves }: (typeof tries)[number]): number => (shelves.at(-1)?.bottom ?? 0) - SHELF_GAP
  const chosen = tries.reduce((best, one) => (heightOf(one) < heightOf(best) ? one : best))
  const scene = emptyScene(width, pitch, sumOf(groups))
  scene.height = Math.max(0, heightOf(chosen))
  let cell = 0
  for (const { group, x, y } of chosen.shelves.flatMap(({ places }) => places)) {
    const block = chosen.blocks[group]!
    scene.titles.push({ group, x, y, width: block.width })
    for (let i = 0; i < groups[group]!.count; i += 1) {
      scene.xs[cell] = x + (i % block.columns) * pitch + scene.side / 2
      scene.ys[cell] = y + TITLE_HEIGHT + Math.floor(i / block.columns) * pitch + scene.side / 2
      cell += 1
    }
  }
  return scene
}

function shelvesOf(
  blocks: readonly Block[],
  width: number,
  pitch: number,
): { bottom: number; places: { group: number; x: number; y: number }[] }[] {
  const shelves: { bottom: number; places: { group: number; x: number; y: number }[] }[] = []
  let x = Number.POSITIVE_INFINITY
  let top = 0
  for (const [group, block] of blocks.entries()) {
    if (x + block.width > width) {
      top = shelves.at(-1)?.bottom ?? 0
      shelves.push({ bottom: top, places: [] })
      x = 0
    }
    const shelf = shelves.at(-1)!
    shelf.places.push({ group, x, y: top })
    shelf.bottom = Math.max(shelf.bottom, top + TITLE_HEIGHT + block.rows * pitch + SHELF_GAP)
    x += block.width + GROUP_GAP
  }
  return shelves
}

/** Cells one after the other, a gap between two groups. */
function inSequence(groups: readonly CellGroup[], { width, pitch }: { width: number; pitch: number }): CellScene {
  const columns = Math.max(1, Math.floor(width / pitch))
  const scene = emptyScene(width, pitch, sumOf(groups))
  let place = 0
  let cell = 0
  for (const { count } of groups) {
    for (let i = 0; i < count; i += 1) {
      scene.xs[cell] = (place % columns) * pitch + scene.side / 2
      scene.ys[cell] = Math.floor(place / columns) * pitch + scene.side / 2
      place += 1
      cell += 1
    }
    if (place % columns !== 0) place += 1
  }
  scene.height = Math.ceil(place / columns) * pitch
  return scene
}

/** The cell at a point, or -1. */
export function cellAt({ xs, ys, pitch }: CellScene, x: number, y: number): number {
  const reach = pitch / 2
  return xs.findIndex((centre, i) => Math.abs(centre - x) <= reach && Math.abs(ys[i]! - y) <= reach)
}

/** The cell that a key leads to from another one; the same where the key leads nowhere, `null` for other keys. */
export function cellBeside(scene: CellScene, from: number, key: string): number | null {
  const last = scene.xs.length - 1
  switch (key) {
    case 'ArrowRight':
      return Math.min(last, from + 1)
    case 'ArrowLeft':
      return Math.max(0, from - 1)
    case 'Home':
      return 0
    case 'End':
      return last
    case 'ArrowDown':
      return nearestRow(scene, from, 1)
    case 'ArrowUp':
      return nearestRow(scene, from, -1)
    default:
      return null
  }
}

/** The cell straight above or below: of the nearest row there, the one nearest to the column. */
function nearestRow({ xs, ys }: CellScene, from: number, direction: 1 | -1): number {
  let best = from
  let bestRow = Number.POSITIVE_INFINITY
  let bestColumn = Number.POSITIVE_INFINITY
  for (let i = 0; i < xs.length; i += 1) {
    const row = (ys[i]! - ys[from]!) * direction
    const column = Math.abs(xs[i]! - xs[from]!)
    if (row <= 0 || row > bestRow || (row === bestRow && column >= bestColumn)) continue
    best = i
    bestRow = row
    bestColumn = column
  }
  return best
}
