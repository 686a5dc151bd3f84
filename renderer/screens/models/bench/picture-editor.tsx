import { Slider } from '@mantine/core'
import { useRef, useState } from 'react'
import { formatNumber } from '../../../components/format.ts'
import { textOf } from './bench-rows.ts'
import type { PictureShape } from '../../../../shared/domain/picture-shape.ts'
import { levelOf, pointAfter } from './picture.ts'
import styles from './bench.module.css'

/** Draws a row as a picture and lets a person draw in it: by pointer, or with the arrow keys and Space. */
export function PictureEditor({
  shape,
  values,
  noted,
  onPaint,
}: {
  shape: PictureShape
  values: readonly string[]
  /** Points that something is to be said about. */
  noted: ReadonlyMap<number, string>
  onPaint(changes: ReadonlyMap<number, string>): void
}) {
  const { side, low, high } = shape
  const [ink, setInk] = useState(high)
  const [at, setAt] = useState(0)
  const grid = useRef<HTMLDivElement>(null)
  const paint = (index: number, value: number): void => onPaint(new Map([[index, textOf(Math.max(low, Math.min(high, value)))]]))
  const press = pointKeys({ shape, values, at, ink, paint }, (next) => {
    setAt(next)
    grid.current?.querySelector<HTMLElement>(`[data-point="${next}"]`)?.focus()
  })
  const draw = usePointerDrawing({ grid, side, ink, low, paint })
  return (
    <div className={styles.pictureRow}>
      <div
        ref={grid}
        className={styles.picture}
        role="grid"
        aria-label={`Picture of the row, ${side} by ${side}`}
        style={{ gridTemplateColumns: `repeat(${side}, 1fr)` }}
        onKeyDown={press}
        {...draw}
      >
        {Array.from({ length: side }, (_, row) => (
          <div key={row} role="row" style={{ display: 'contents' }}>
            {Array.from({ length: side }, (_, column) => {
              const index = row * side + column
              return (
                <div
                  key={column}
                  role="gridcell"
                  className={styles.point}
                  data-point={index}
                  data-note={noted.has(index) || undefined}
                  tabIndex={index === at ? 0 : -1}
                  aria-label={`row ${row + 1}, column ${column + 1}: ${values[index] ?? ''}${noted.has(index) ? `, ${noted.get(index)}` : ''}`}
                  style={{ '--level': levelOf(shape, values[index] ?? '') } as React.CSSProperties}
                  onFocus={() => setAt(index)}
                />
              )
            })}
          </div>
        ))}
      </div>
      <PictureSide
        shape={shape}
        ink={ink}
        onInk={setInk}
        place={`Row ${Math.floor(at / side) + 1}, column ${(at % side) + 1}: ${values[at]}`}
      />
    </div>
  )
}

/** Steps in which ink and points change. */
const STEPS = 16

function PictureSide({ shape, ink, place, onInk }: { shape: PictureShape; ink: number; place: string; onInk(ink: number): void }) {
  const { low, high } = shape
  return (
    <div className={styles.pictureSide}>
      <span aria-hidden="true">Ink {formatNumber(ink)}</span>
      <Slider thumbLabel="Ink" label={null} size="sm" min={low} max={high} step={(high - low) / STEPS} value={ink} onChange={onInk} />
      <span className="dim">Draw with the pointer; hold Shift to erase.</span>
      <span className="dim">By keyboard: arrows move, Space draws or erases, Shift and an arrow draw a line, + and − change a point.</span>
      <span className="dim">{place}</span>
    </div>
  )
}

interface PointKeys {
  shape: PictureShape
  values: readonly string[]
  at: number
  ink: number
  paint(index: number, value: number): void
}

/** Keys within the picture: moving, drawing, erasing, changing a point by a step. */
function pointKeys({ shape, values, at, ink, paint }: PointKeys, moveTo: (index: number) => void): (event: React.KeyboardEvent) => void {
  const { side, low, high } = shape
  const step = (high - low) / STEPS
  return (event) => {
    const next = pointAfter(event.key, at, side)
    const now = Number(values[at]) || 0
    if (next !== null) {
      moveTo(next)
      if (event.shiftKey) paint(next, ink)
    } else if (event.key === ' ' || (event.key === 'Enter' && !event.ctrlKey && !event.metaKey)) paint(at, now === ink ? low : ink)
    else if (event.key === 'Delete' || event.key === 'Backspace') paint(at, low)
    else if (event.key === '+' || event.key === '=') paint(at, now + step)
    else if (event.key === '-') paint(at, now - step)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
}

/** Drawing while the button is down: each point that the pointer meets gets the ink. */
function usePointerDrawing({
  grid,
  side,
  ink,
  low,
  paint,
}: {
  grid: { current: HTMLDivElement | null }
  side: number
  ink: number
  low: number
  paint(index: number, value: number): void
}) {
  const last = useRef<number | null>(null)
  const meet = (event: React.PointerEvent): void => {
    const box = grid.current?.getBoundingClientRect()
    if (box === undefined) return
    const column = Math.floor(((event.clientX - box.left) / box.width) * side)
    const row = Math.floor(((event.clientY - box.top) / box.height) * side)
    if (column < 0 || row < 0 || column >= side || row >= side) return
    const index = row * side + column
    if (index === last.current) return
    last.current = index
    paint(index, event.shiftKey ? low : ink)
  }
  return {
    onPointerDown(event: React.PointerEvent<HTMLDivElement>) {
      if (event.button !== 0) return
      event.currentTarget.setPointerCapture(event.pointerId)
      last.current = null
      meet(event)
    },
    onPointerMove(event: React.PointerEvent) {
      if (event.buttons === 1) meet(event)
    },
    onPointerUp() {
      last.current = null
    },
  }
}
