import { useComputedColorScheme } from '@mantine/core'
import { useDebouncedValue, useElementSize } from '@mantine/hooks'
import { useEffect, useMemo, useRef, useState } from 'react'
import { formatCount, formatPercent } from '../../../components/format.ts'
import { Sentence } from '../../../components/time.tsx'
import { useQuery } from '../../../data/use-query.ts'
import { cellAt, cellBeside, type CellScene } from '../../overview/cell-layout.ts'
import { idQuery } from '../../devices/selection-query.ts'
import { CellMark } from './cell-mark.tsx'
import { layOutWave } from './wave-layout.ts'
import { paintWave, waveColors, type WaveCell } from './wave-paint.ts'
import { deviceMarks } from './rollout-words.ts'
import styles from './waves.module.css'

/** The pointer rests so long before the core is asked why a device is where it is. */
const REST_MS = 150
/** Width of what is told of a device. */
const FACTS_PX = 320

/** The devices of a wave as cells: pointing tells where one is and why, a click or Enter opens it, arrow keys move and are spoken. */
export function WaveCells({
  rollout,
  label,
  cells,
  maxHeight,
  onOpen,
}: {
  rollout: number
  label: string
  cells: readonly WaveCell[]
  maxHeight: number
  onOpen(device: string): void
}) {
  const { ref, width } = useElementSize()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [pointed, setPointed] = useState(-1)
  const [focused, setFocused] = useState(0)
  const [hasFocus, setHasFocus] = useState(false)
  const scene = useMemo(() => layOutWave(cells.length, { width: Math.max(20, width), maxHeight }), [cells.length, width, maxHeight])
  const marked = pointed >= 0 ? pointed : hasFocus ? focused : -1
  usePainting(canvas, { cells, scene, marked })
  const open = (cell: WaveCell | undefined): void => {
    if (cell !== undefined) onOpen(cell.device)
  }
  const press = (event: React.KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Enter') open(cells[focused])
    const next = cellBeside(scene, focused, event.key)
    if (next === null || cells.length === 0) return
    event.preventDefault()
    setPointed(-1)
    setFocused(next)
  }
  const spoken = hasFocus ? cells[focused] : undefined
  return (
    <div ref={ref} className={styles.cells}>
      <div
        className={styles.cellBox}
        style={{ height: scene.height }}
        role="application"
        aria-label={`${label}: ${formatCount(cells.length)} devices as cells; arrow keys move, Enter opens`}
        tabIndex={0}
        onKeyDown={press}
        onFocus={() => setHasFocus(true)}
        onBlur={() => setHasFocus(false)}
      >
        <canvas
          ref={canvas}
          style={{ width: scene.width, height: scene.height }}
          data-pointed={pointed >= 0 || undefined}
          onPointerMove={({ nativeEvent }) => setPointed(cellAt(scene, nativeEvent.offsetX, nativeEvent.offsetY))}
          onPointerLeave={() => setPointed(-1)}
          onClick={({ nativeEvent }) => open(cells[cellAt(scene, nativeEvent.offsetX, nativeEvent.offsetY)])}
        />
        {marked >= 0 && cells[marked] !== undefined && (
          <CellFacts rollout={rollout} cell={cells[marked]} place={placeBeside(canvas.current, scene, marked)} />
        )}
        <span className="sr-only" aria-live="polite">
          {spoken === undefined
            ? ''
            : `${spoken.device}, ${deviceMarks[spoken.state].word}, ${focused + 1} of ${formatCount(cells.length)}`}
        </span>
      </div>
    </div>
  )
}

/** Paints when cells, layout, theme or the density of the screen change. */
function usePainting(
  canvas: React.RefObject<HTMLCanvasElement | null>,
  { cells, scene, marked }: { cells: readonly WaveCell[]; scene: CellScene; marked: number },
): void {
  const scheme = useComputedColorScheme('light')
  useEffect(() => {
    if (canvas.current === null) return undefined
    // The theme's attribute is set after this effect: the colours are read in the next frame.
    const frame = requestAnimationFrame(() => {
      if (canvas.current !== null) paintWave(canvas.current, { scene, cells, colors: waveColors(canvas.current), marked })
    })
    return () => cancelAnimationFrame(frame)
  }, [canvas, cells, scene, marked, scheme])
}

/** Beside a cell and within the window: columns may be narrower than what is told of a device, and scroll. */
function placeBeside(canvas: HTMLCanvasElement | null, scene: CellScene, cell: number): { left: number; top: number } {
  const box = canvas?.getBoundingClientRect()
  const left = (box?.left ?? 0) + scene.xs[cell]!
  return { left: Math.max(8, Math.min(left, window.innerWidth - FACTS_PX - 8)), top: (box?.top ?? 0) + scene.ys[cell]! + scene.pitch }
}

/** Where a device is and its one sentence, beside its cell. */
function CellFacts({ rollout, cell, place }: { rollout: number; cell: WaveCell; place: { left: number; top: number } }) {
  const [rested] = useDebouncedValue(cell.device, REST_MS)
  const asked = useQuery('rollouts.devices', { rollout, query: idQuery([cell.device]), limit: 1 }, { enabled: rested === cell.device })
  const why = asked.data?.devices[0]?.why
  return (
    <div className={styles.facts} aria-hidden="true" style={{ ...place, width: FACTS_PX }}>
      <div className={styles.factsHead}>
        <strong className="mono foreign">{cell.device}</strong>
        <CellMark
          state={cell.state}
          {...(cell.share === null ? {} : { word: `${deviceMarks[cell.state].word}, ${formatPercent(cell.share, 0)}` })}
        />
      </div>
      {why !== undefined && (
        <div>
          <Sentence text={why} />
        </div>
      )}
    </div>
  )
}
