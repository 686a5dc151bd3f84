import { ActionIcon, Table, Tooltip } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { IconChartLine, IconTable } from '@tabler/icons-react'
import { useId, useState } from 'react'
import { formatExact } from '../format.ts'
import type { Axis, Plot } from '../../../shared/charts/scale.ts'
import styles from './charts.module.css'

/** A picture with its title, what its colours stand for, and the same numbers as a table. */
export function FigureFrame({
  title,
  unit,
  legend,
  table,
  height,
  children,
}: {
  title: string
  unit?: string
  legend: readonly { name: string; color: string; value?: string }[]
  /** The same numbers as a table, which scrolls within the height of the chart. */
  table: React.ReactNode
  height: number
  children(width: number): React.ReactNode
}) {
  const { ref, width } = useElementSize()
  const [isTable, setTable] = useState(false)
  const id = useId()
  return (
    <figure className={styles.figure} aria-labelledby={id}>
      <figcaption id={id} className={styles.caption}>
        <span>
          {title}
          {unit === undefined ? '' : <span className="dim"> {unit}</span>}
        </span>
        <span className={styles.legend}>
          {legend.map(({ name, color, value }) => (
            <span key={name}>
              <svg width="10" height="10" aria-hidden="true">
                <rect y="4" width="10" height="2.5" fill={color} />
              </svg>
              <span className="foreign">{name}</span>
              {value !== undefined && <strong>{value}</strong>}
            </span>
          ))}
        </span>
        <Tooltip label={isTable ? 'Show as chart' : 'Show as table'}>
          <ActionIcon size="sm" aria-label={isTable ? 'Show as chart' : 'Show as table'} onClick={() => setTable(!isTable)}>
            {isTable ? <IconChartLine size={14} /> : <IconTable size={14} />}
          </ActionIcon>
        </Tooltip>
      </figcaption>
      <div ref={ref} style={{ height }} className={styles.area}>
        {isTable ? table : width > 0 && children(width)}
      </div>
    </figure>
  )
}

/** A chart over time: its table has a row per moment. */
export function ChartFrame({
  table,
  ...frame
}: Omit<Parameters<typeof FigureFrame>[0], 'table'> & {
  table: {
    times: readonly number[]
    columns: readonly { name: string; values: readonly (number | null)[] }[]
    format(value: number): string
  }
}) {
  return <FigureFrame {...frame} table={<NumbersTable {...table} height={frame.height} />} />
}

/** Rows of text in place of a chart. The first cell names the row. */
export function FigureTable({ head, rows, height }: { head: readonly string[]; rows: readonly (readonly string[])[]; height: number }) {
  return (
    <div className={styles.tableBox} style={{ maxHeight: height }} tabIndex={0}>
      <Table stickyHeader>
        <Table.Thead>
          <Table.Tr>
            {head.map((name) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((cells, row) => (
            <Table.Tr key={`${row} ${cells[0] ?? ''}`}>
              {cells.map((cell, i) => (
                <Table.Td key={head[i]} className="foreign">
                  {cell}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function NumbersTable({
  times,
  columns,
  format,
  height,
}: {
  times: readonly number[]
  columns: readonly { name: string; values: readonly (number | null)[] }[]
  format(value: number): string
  height: number
}) {
  const there = times.map((_, i) => i).filter((i) => columns.some(({ values }) => values[i] !== null && values[i] !== undefined))
  const word = (value: number | null | undefined): string => (value === null || value === undefined ? 'no data' : format(value))
  return (
    <FigureTable
      head={['Time', ...columns.map(({ name }) => name)]}
      rows={there.map((i) => [formatExact(times[i]!), ...columns.map(({ values }) => word(values[i]))])}
      height={height}
    />
  )
}

/** Axes and grid of a chart. */
export function Axes({ plot, x, y }: { plot: Plot; x: Axis; y: Axis }) {
  return (
    <g className={styles.axes}>
      {y.ticks.map(({ at, label }) => (
        <g key={`y${at}`}>
          <line x1={plot.left} x2={plot.left + plot.width} y1={at} y2={at} />
          <text x={plot.left - 6} y={at} dy="0.32em" textAnchor="end">
            {label}
          </text>
        </g>
      ))}
      {x.ticks.map(({ at, label }) => (
        <text key={`x${at}`} x={at} y={plot.top + plot.height + 15} textAnchor="middle">
          {label}
        </text>
      ))}
    </g>
  )
}
