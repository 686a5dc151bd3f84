import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useRef } from 'react'
import { everythingSelected, extended, isSelected, toggled, type Column, type Selection, type Sort } from './column.ts'
import { gridMove } from './grid-keys.ts'
import { GridHead } from './grid-head.tsx'
import { GridRow } from './grid-row.tsx'
import type { ColumnLayout } from './use-columns.ts'
import styles from './grid.module.css'

const ROW_PX = 30

export interface DataGridProps<Row> {
  /** What the rows are, for a reader of the screen. */
  label: string
  layout: ColumnLayout<Row>
  total: number
  /** The row at a place, or `undefined` while it is under way. */
  rowAt(index: number): Row | undefined
  keyOf(row: Row): string
  /** Told which rows are on the screen, so that they can be asked for. */
  onVisible?(first: number, last: number): void
  sort?: Sort | null
  onSort?(sort: Sort): void
  selection?: Selection
  onSelection?(selection: Selection): void
  /** Key of the row that is active (shown in the panel), or `null`. */
  active: string | null
  onActive(key: string): void
  onOpen(row: Row): void
  /** Shown in place of the rows where there are none. */
  empty: React.ReactNode
}

/**
 * A dense table of any length: only the rows on the screen exist, the core sorts and pages, and everything works by keyboard
 * (see `placeKeys` in shell/commands.ts).
 */
export function DataGrid<Row>(props: DataGridProps<Row>) {
  const { label, layout, total, rowAt, keyOf, onVisible, selection, active } = props
  const scroller = useRef<HTMLDivElement>(null)
  const at = useRef(-1)
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    scrollPaddingStart: ROW_PX,
  })
  const visible = rows.getVirtualItems()
  const first = visible[0]?.index ?? 0
  const last = visible.at(-1)?.index ?? 0
  useEffect(() => onVisible?.(first, last), [onVisible, first, last])
  const { onKeyDown, pick } = useGridKeys(props, { at, scroller, scrollTo: (index) => rows.scrollToIndex(index, { align: 'auto' }) })

  const template = `${selection === undefined ? '' : '32px '}${layout.shown.map((column) => `${layout.widthOf(column)}px`).join(' ')} minmax(0, 1fr)`
  const activeIndex = visible.find(({ index }) => {
    const row = rowAt(index)
    return row !== undefined && keyOf(row) === active
  })?.index
  if (activeIndex !== undefined) at.current = activeIndex
  return (
    <div
      ref={scroller}
      className={styles.grid}
      role="grid"
      aria-label={label}
      aria-rowcount={total + 1}
      aria-colcount={layout.shown.length + (selection === undefined ? 0 : 1)}
      aria-multiselectable={selection === undefined ? undefined : true}
      aria-activedescendant={activeIndex === undefined ? undefined : `row-${activeIndex}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <GridHead {...props} template={template} />
      {total === 0 && (
        <div role="row">
          <div role="gridcell">{props.empty}</div>
        </div>
      )}
      <div role="presentation" className={styles.space} style={{ height: rows.getTotalSize() }}>
        {visible.map(({ index, start }) => {
          const row = rowAt(index)
          const key = row === undefined ? null : keyOf(row)
          return (
            <GridRow
              key={index}
              index={index}
              top={start}
              row={row}
              columns={layout.shown}
              template={template}
              isActive={key !== null && key === active}
              isSelected={selection === undefined ? null : key !== null && isSelected(selection, key)}
              onPick={pick}
            />
          )
        })}
      </div>
    </div>
  )
}

interface PickedHow {
  isRange: boolean
  isToggle: boolean
  isDouble: boolean
}

/** Keyboard and mouse of a grid: moving, opening, selecting one, a range or all. */
function useGridKeys<Row>(
  { total, rowAt, keyOf, selection, onSelection, onActive, onOpen }: DataGridProps<Row>,
  { at, scroller, scrollTo }: { at: { current: number }; scroller: { current: HTMLDivElement | null }; scrollTo(index: number): void },
) {
  const anchor = useRef<number | null>(null)
  const keysBetween = (from: number, through: number): string[] => {
    const keys: string[] = []
    for (let index = Math.min(from, through); index <= Math.max(from, through); index += 1) {
      const row = rowAt(index)
      if (row !== undefined) keys.push(keyOf(row))
    }
    return keys
  }
  const toggle = (index: number): void => {
    const row = rowAt(index)
    if (selection === undefined || row === undefined) return
    onSelection?.(toggled(selection, keyOf(row)))
    anchor.current = index
  }
  const extend = (index: number): void => {
    if (selection === undefined) return
    anchor.current ??= Math.max(0, at.current)
    onSelection?.(extended(selection, keysBetween(anchor.current, index)))
  }
  const moveTo = (index: number): void => {
    at.current = index
    scrollTo(index)
    const row = rowAt(index)
    if (row !== undefined) onActive(keyOf(row))
  }
  const activate = (index: number, how: PickedHow): void => {
    const row = rowAt(index)
    if (row === undefined) return
    if (how.isDouble) onOpen(row)
    else if (how.isToggle) toggle(index)
    else if (how.isRange) extend(index)
    else moveTo(index)
  }
  // The rows are drawn again only when something of them changes: what they call must stay the same.
  const newest = useRef(activate)
  newest.current = activate
  const pick = useCallback((index: number, how: PickedHow): void => newest.current(index, how), [])
  return {
    pick,
    onKeyDown(event: React.KeyboardEvent) {
      if (event.target !== scroller.current || event.altKey) return
      const isMod = event.ctrlKey || event.metaKey
      const perScreen = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 300) / ROW_PX) - 2)
      const move = gridMove({ key: event.key, isMod }, { at: at.current, total, perScreen })
      if ('does' in move && move.does === 'none') return
      event.preventDefault()
      if ('move' in move) {
        if (event.shiftKey) extend(move.move)
        else anchor.current = null
        moveTo(move.move)
      } else if (move.does === 'toggle') toggle(at.current)
      else if (move.does === 'all') onSelection?.(everythingSelected)
      else {
        const row = rowAt(at.current)
        if (row !== undefined) onOpen(row)
      }
    },
  }
}

export type { Column }
