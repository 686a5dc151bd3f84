import { useComputedColorScheme } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useRef, useState } from 'react'
import { formatCount } from '../../components/format.ts'
import { StateMark } from '../../components/state-mark.tsx'
import { Ago } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { useGo } from '../../data/url-state.ts'
import { useQuery } from '../../data/use-query.ts'
import type { Health } from '../../../shared/domain/device-health.ts'
import { cellAt, cellBeside, type CellScene } from './cell-layout.ts'
import { cellColors, paintCells } from './cell-paint.ts'
import styles from './overview.module.css'

/** One device of the strip. */
export interface Cell {
  device: string
  site: string | null
  health: Health
}

/** The pointer rests so long before the core is asked what a device has to say. */
const REST_MS = 150

/** Cells on a canvas: pointing shows what a device is, a click or Enter opens it, arrow keys move from cell to cell and are spoken. */
export function CellCanvas({
  cells,
  scene,
  siteTitle,
  children,
}: {
  cells: readonly Cell[]
  scene: CellScene
  siteTitle(site: string | null): string
  children: React.ReactNode
}) {
  const go = useGo()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [pointed, setPointed] = useState(-1)
  const [focused, setFocused] = useState(-1)
  const [hasFocus, setHasFocus] = useState(false)
  const marked = pointed >= 0 ? pointed : hasFocus ? focused : -1
  usePainting(canvas, { cells, scene, marked })
  const open = (cell: Cell | undefined): void => {
    if (cell !== undefined) go(paths.device(cell.device))
  }
  const press = (event: React.KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Enter') open(cells[focused])
    const next = cellBeside(scene, Math.max(0, focused), event.key)
    if (next === null || cells.length === 0) return
    event.preventDefault()
    setPointed(-1)
    setFocused(focused < 0 ? 0 : next)
  }
  const spoken = hasFocus ? cells[focused] : undefined
  return (
    <div
      className={styles.canvasBox}
      style={{ height: scene.height }}
      role="application"
      aria-label={`${formatCount(cells.length)} devices as cells; arrow keys move, Enter opens`}
      tabIndex={0}
      onKeyDown={press}
      onFocus={(event) => {
        if (event.target !== event.currentTarget) return
        setHasFocus(true)
        if (focused < 0) setFocused(0)
      }}
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
      {children}
      {marked >= 0 && cells[marked] !== undefined && (
        <CellFacts cell={cells[marked]} x={scene.xs[marked]!} y={scene.ys[marked]!} scene={scene} site={siteTitle(cells[marked].site)} />
      )}
      <span className="sr-only" aria-live="polite">
        {spoken === undefined
          ? ''
          : `${spoken.device}, ${siteTitle(spoken.site)}, ${spoken.health}, ${focused + 1} of ${formatCount(cells.length)}`}
      </span>
    </div>
  )
}

/** Paints when cells, layout, theme or the density of the screen change. */
function usePainting(
  canvas: React.RefObject<HTMLCanvasElement | null>,
  { cells, scene, marked }: { cells: readonly Cell[]; scene: CellScene; marked: number },
): void {
  const scheme = useComputedColorScheme('light')
  const [ratio, setRatio] = useState(window.devicePixelRatio)
  useEffect(() => {
    const media = window.matchMedia(`(resolution: ${ratio}dppx)`)
    const change = (): void => setRatio(window.devicePixelRatio)
    media.addEventListener('change', change)
    return () => media.removeEventListener('change', change)
  }, [ratio])
  useEffect(() => {
    if (canvas.current === null) return undefined
    // The theme's attribute is set after this effect: the colours are read in the next frame.
    const frame = requestAnimationFrame(() => {
      if (canvas.current === null) return
      paintCells(canvas.current, { scene, healths: cells.map(({ health }) => health), colors: cellColors(canvas.current), marked })
    })
    return () => cancelAnimationFrame(frame)
  }, [canvas, cells, scene, marked, scheme, ratio])
}

/** What a device is and why it is in its state, beside its cell. */
function CellFacts({ cell, x, y, scene, site }: { cell: Cell; x: number; y: number; scene: CellScene; site: string }) {
  const [rested] = useDebouncedValue(cell.device, REST_MS)
  const facts = useQuery('devices.show', { device: cell.device }, { enabled: rested === cell.device }).data
  const isRight = x > scene.width / 2
  return (
    <div
      className={styles.cellFacts}
      aria-hidden="true"
      style={{ top: y + scene.pitch, ...(isRight ? { right: scene.width - x } : { left: x }) }}
    >
      <div className={styles.cellHead}>
        <StateMark state={cell.health} />
        <strong className="mono foreign">{cell.device}</strong>
        <span className="dim foreign">{site}</span>
      </div>
      {facts !== undefined && (
        <>
          <div className="foreign">{facts.sentence}</div>
          <div className="dim">
            Last seen <Ago at={facts.lastSeenAt} />
            {facts.agentVersion !== null && `, agent ${facts.agentVersion}`}
          </div>
        </>
      )}
    </div>
  )
}
