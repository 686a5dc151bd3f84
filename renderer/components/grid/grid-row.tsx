import { memo } from 'react'
import type { Column } from './column.ts'
import styles from './grid.module.css'

interface GridRowProps<Row> {
  index: number
  top: number
  row: Row | undefined
  columns: readonly Column<Row>[]
  template: string
  isActive: boolean
  /** `null`: rows of this grid cannot be selected. */
  isSelected: boolean | null
  onPick(index: number, how: { isRange: boolean; isToggle: boolean; isDouble: boolean }): void
}

function Cells<Row>({ index, top, row, columns, template, isActive, isSelected, onPick }: GridRowProps<Row>) {
  return (
    <div
      role="row"
      id={`row-${index}`}
      aria-rowindex={index + 2}
      aria-selected={isSelected === null ? isActive : isSelected}
      className={styles.row}
      data-active={isActive || undefined}
      style={{ gridTemplateColumns: template, transform: `translateY(${top}px)` }}
      onClick={(event) => onPick(index, { isRange: event.shiftKey, isToggle: event.ctrlKey || event.metaKey, isDouble: false })}
      onDoubleClick={() => onPick(index, { isRange: false, isToggle: false, isDouble: true })}
    >
      {isSelected !== null && (
        <div role="gridcell" className={styles.check} onClick={(event) => event.stopPropagation()}>
          {/* A plain box: the library's costs more than the rest of the row while a person scrolls. */}
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label="Select this row"
            checked={isSelected}
            onChange={() => onPick(index, { isRange: false, isToggle: true, isDouble: false })}
          />
        </div>
      )}
      {columns.map((column) => (
        <div key={column.id} role="gridcell" className={styles.cell} data-numeric={column.isNumeric || undefined}>
          {row === undefined ? <span className={styles.wait} /> : column.cell(row)}
        </div>
      ))}
      <div role="gridcell" aria-hidden="true" />
    </div>
  )
}

/** One row; it is drawn again only when something of it changed. */
export const GridRow = memo(Cells) as typeof Cells
