import { Checkbox } from '@mantine/core'
import { useRef } from 'react'
import type { Column, Sort } from './column.ts'
import type { DataGridProps } from './data-grid.tsx'
import { everythingSelected, nothingSelected } from './column.ts'
import styles from './grid.module.css'

/** The head of a grid: titles that sort, edges that resize, a box that selects everything. */
export function GridHead<Row>({
  layout,
  sort,
  onSort,
  selection,
  onSelection,
  total,
  template,
}: DataGridProps<Row> & { template: string }) {
  const some = selection !== undefined && (selection.isAll || selection.keys.size > 0)
  return (
    <div role="row" aria-rowindex={1} className={styles.head} style={{ gridTemplateColumns: template }}>
      {selection !== undefined && (
        <div role="columnheader" className={styles.check} aria-label="Selection">
          <Checkbox
            aria-label={some ? 'Select nothing' : 'Select all'}
            checked={selection.isAll && selection.except.size === 0 && total > 0}
            indeterminate={selection.isAll ? selection.except.size > 0 : selection.keys.size > 0}
            onChange={() => onSelection?.(some ? nothingSelected : everythingSelected)}
          />
        </div>
      )}
      {layout.shown.map((column) => (
        <HeadCell
          key={column.id}
          column={column}
          sort={sort?.column === column.id ? sort : null}
          width={layout.widthOf(column)}
          onSort={onSort}
          onResize={(width) => layout.resize(column, width)}
        />
      ))}
      <div role="columnheader" aria-hidden="true" />
    </div>
  )
}

function HeadCell<Row>({
  column,
  sort,
  width,
  onSort,
  onResize,
}: {
  column: Column<Row>
  sort: Sort | null
  width: number
  onSort: ((sort: Sort) => void) | undefined
  onResize(width: number | null): void
}) {
  const drag = useRef<{ from: number; width: number } | null>(null)
  const canSort = column.isSortable === true && onSort !== undefined
  const order = sort === null ? 'none' : sort.descending ? 'descending' : 'ascending'
  return (
    <div
      role="columnheader"
      className={styles.headCell}
      aria-sort={canSort ? order : undefined}
      data-numeric={column.isNumeric || undefined}
    >
      {canSort ? (
        <button
          type="button"
          tabIndex={-1}
          className={styles.sort}
          onClick={() => onSort({ column: column.id, descending: sort !== null && !sort.descending })}
        >
          <span>{column.title}</span>
          <span aria-hidden="true">{sort === null ? '' : sort.descending ? '↓' : '↑'}</span>
        </button>
      ) : (
        <span className={styles.sort}>{column.title}</span>
      )}
      <span
        className={styles.edge}
        aria-hidden="true"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          drag.current = { from: event.clientX, width }
        }}
        onPointerMove={(event) => {
          if (drag.current !== null) onResize(drag.current.width + event.clientX - drag.current.from)
        }}
        onPointerUp={() => {
          drag.current = null
        }}
        onDoubleClick={() => onResize(null)}
      />
    </div>
  )
}
