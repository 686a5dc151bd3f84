import type { CellScene } from '../../overview/cell-layout.ts'

const PITCHES = [20, 18, 16, 14, 12, 10, 9, 8, 7, 6, 5, 4, 3] as const

/** Lays the devices of a wave out as rows of cells: the largest ones with which all of them fit the height, the smallest where none do. */
export function layOutWave(cells: number, { width, maxHeight }: { width: number; maxHeight: number }): CellScene {
  const pitch =
    PITCHES.find((one) => Math.ceil(cells / Math.max(1, Math.floor(width / one))) * one <= maxHeight) ?? PITCHES[PITCHES.length - 1]!
  const columns = Math.max(1, Math.floor(width / pitch))
  const gap = pitch >= 12 ? 4 : pitch >= 8 ? 2 : 1
  const scene: CellScene = {
    ...{ width, height: Math.ceil(cells / columns) * pitch, pitch, side: pitch - gap },
    ...{ xs: new Float64Array(cells), ys: new Float64Array(cells), titles: [] },
  }
  for (let cell = 0; cell < cells; cell += 1) {
    scene.xs[cell] = (cell % columns) * pitch + scene.side / 2
    scene.ys[cell] = Math.floor(cell / columns) * pitch + scene.side / 2
  }
  return scene
}
