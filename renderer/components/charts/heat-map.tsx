import { useElementSize } from '@mantine/hooks'
import { useId, useMemo, useState } from 'react'
import { cellAt, heatAxis, heatRow, type HeatCell } from '../../../shared/charts/heatmap.ts'
import type { Axis } from '../../../shared/charts/scale.ts'
import { heatMove, type HeatCursor } from './heat-keys.ts'
import { Sparkline } from './sparkline.tsx'
import { TimeMarks } from './time-marks.tsx'
import styles from './heat-map.module.css'

const ROW_PX = 24
const AXIS_PX = 20

/** One thing that is judged over time. */
export interface HeatMapRow {
  id: string
  name: string
  /** Its state, in front of the name. */
  mark: React.ReactNode
  /** Its figure now, at the end of the sparkline. */
  figure: string
  course: readonly (number | null)[]
  /** Its course is drawn against at least this value, so that all rows share a scale until one leaves it. */
  courseHigh: number
  cells: readonly HeatCell[]
}

interface HeatMapProps {
  label: string
  rows: readonly HeatMapRow[]
  from: number
  through: number
  /** What is shown beside the map: a row, and the start of one of its windows, or null for all of them. */
  chosen: { id: string; from: number | null } | null
  /** A cell as a sentence; without a cell its row. */
  describe(row: number, cell: number): string
  onChoose(id: string, from: number | null): void
}

/**
 * Features over time: a row each with its name, its course and its windows. The pointer reads a cell, arrow keys move over cells, a click or
 * Enter opens one.
 */
export function HeatMap({ label, rows, from, through, chosen, describe, onChoose }: HeatMapProps) {
  const { ref, width } = useElementSize()
  const [hovered, setHovered] = useState<HeatCursor | null>(null)
  const [cursor, setCursor] = useState<HeatCursor | null>(null)
  const id = useId()
  const { plot, x } = useMemo(() => heatAxis(from, through, Math.max(1, width)), [from, through, width])
  const read = hovered ?? cursor
  const press = (event: React.KeyboardEvent): void => {
    const row = cursor === null ? undefined : rows[cursor.row]
    if ((event.key === 'Enter' || event.key === ' ') && row !== undefined) onChoose(row.id, row.cells[cursor!.cell]?.from ?? null)
    else {
      const next = heatMove(event.key, cursor, rows)
      if (next === null) return
      setCursor(next)
      setHovered(null)
      document.getElementById(`${id}-${next.row}`)?.scrollIntoView({ block: 'nearest' })
    }
    event.preventDefault()
  }
  return (
    <div className={styles.map}>
      <p className={styles.read} role="status">
        {read === null ? (
          <span className="dim">Point at a window, or move over them with the arrow keys; Enter opens one.</span>
        ) : (
          describe(read.row, read.cell)
        )}
      </p>
      <div
        className={styles.grid}
        role="grid"
        aria-label={label}
        aria-rowcount={rows.length}
        aria-activedescendant={cursor === null ? undefined : `${id}-${cursor.row}`}
        tabIndex={0}
        onKeyDown={press}
        onFocus={() => setCursor((before) => before ?? heatMove('Home', null, rows))}
        onBlur={() => setCursor(null)}
        onPointerLeave={() => setHovered(null)}
      >
        {rows.map((row, index) => (
          <Row
            key={row.id}
            id={`${id}-${index}`}
            row={row}
            index={index}
            x={x}
            width={width}
            isChosen={chosen?.id === row.id}
            chosenFrom={chosen?.id === row.id ? chosen.from : null}
            readCell={read?.row === index ? read.cell : null}
            isCursor={cursor?.row === index && hovered === null}
            onRead={(cell) => setHovered(cell === null ? null : { row: index, cell })}
            onChoose={onChoose}
          />
        ))}
      </div>
      <div className={styles.axis} aria-hidden="true">
        <span />
        <span />
        <div ref={ref} className={styles.axisBox}>
          {width > 0 && (
            <svg width={width} height={AXIS_PX} className={styles.ticks}>
              <TimeMarks plot={{ ...plot, top: 6, height: 0 }} x={x} from={from} through={through} />
              {x.ticks.map(({ at, label: text }) => (
                <g key={at}>
                  <line x1={at} x2={at} y1="0" y2="4" />
                  <text x={at} y="15" textAnchor="middle">
                    {text}
                  </text>
                </g>
              ))}
            </svg>
          )}
        </div>
      </div>
    </div>
  )
}

function Row({
  id,
  row,
  index,
  x,
  width,
  isChosen,
  chosenFrom,
  readCell,
  isCursor,
  onRead,
  onChoose,
}: {
  id: string
  row: HeatMapRow
  index: number
  x: Axis
  width: number
  isChosen: boolean
  chosenFrom: number | null
  readCell: number | null
  isCursor: boolean
  onRead(cell: number | null): void
  onChoose(id: string, from: number | null): void
}) {
  const cellUnder = (event: React.PointerEvent | React.MouseEvent): number => {
    const box = event.currentTarget.getBoundingClientRect()
    const [first, last] = [x.place(row.cells[0]?.from ?? 0), event.clientX - box.left]
    return last < first && row.cells.length === 0 ? -1 : nearest(row.cells, x, last)
  }
  return (
    <div role="row" id={id} aria-rowindex={index + 1} aria-selected={isChosen} className={styles.row} data-chosen={isChosen || undefined}>
      <div role="rowheader" className={styles.name} onClick={() => onChoose(row.id, null)} title={row.name}>
        {row.mark}
        <span className="foreign">{row.name}</span>
      </div>
      <div role="gridcell" className={styles.course} onClick={() => onChoose(row.id, null)}>
        <Sparkline values={row.course} width={56} height={18} label={`Course of ${row.name}`} leastHigh={row.courseHigh} />
        <span>{row.figure}</span>
      </div>
      <div
        role="gridcell"
        aria-label={`${row.cells.length} windows of ${row.name}`}
        className={styles.cells}
        onPointerMove={(event) => onRead(cellUnder(event))}
        onClick={(event) => onChoose(row.id, row.cells[cellUnder(event)]?.from ?? null)}
      >
        {width > 0 && <Cells cells={row.cells} x={x} width={width} readCell={readCell} isCursor={isCursor} chosenFrom={chosenFrom} />}
      </div>
    </div>
  )
}

/** The cell under a place in px: the one that holds it, or the nearest. */
function nearest(cells: readonly HeatCell[], x: Axis, place: number): number {
  const at = cells.findIndex(({ from, through }) => place >= x.place(from) && place < x.place(through))
  if (at >= 0) return at
  const [first] = cells
  return first === undefined ? -1 : place < x.place(first.from) ? 0 : cells.findLastIndex(({ from }) => x.place(from) <= place)
}

function Cells({
  cells,
  x,
  width,
  readCell,
  isCursor,
  chosenFrom,
}: {
  cells: readonly HeatCell[]
  x: Axis
  width: number
  readCell: number | null
  isCursor: boolean
  chosenFrom: number | null
}) {
  const scene = useMemo(() => heatRow(cells, x, ROW_PX - 4), [cells, x])
  const read = readCell === null ? undefined : scene.boxes[readCell]
  const chosen = chosenFrom === null ? undefined : scene.boxes[cellAt(cells, chosenFrom)]
  return (
    <svg width={width} height={ROW_PX - 4} aria-hidden="true">
      {scene.fills.map(({ tone, path }) => (
        <path key={tone} d={path} data-tone={tone} className={styles.fill} />
      ))}
      {scene.shapes.map(({ tone, path }) => (
        <path key={tone} d={path} data-tone={tone} className={styles.shape} />
      ))}
      {chosen !== undefined && <rect {...chosen} className={styles.chosen} />}
      {read !== undefined && <rect {...read} className={isCursor ? styles.cursor : styles.hover} />}
    </svg>
  )
}
