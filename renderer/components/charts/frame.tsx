import { ActionIcon, Table, Tooltip } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { IconChartLine, IconTable } from '@tabler/icons-react'
import { useId, useState } from 'react'
import { formatExact } from '../format.ts'
import type { Axis, Plot } from '../../../shared/charts/scale.ts'
import styles from './charts.module.css'

/** A chart with its title, what it shows as one sentence, and the same numbers as a table. */
export function ChartFrame({
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
  table: {
    times: readonly number[]
    columns: readonly { name: string; values: readonly (number | null)[] }[]
    format(value: number): string
  }
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
        {isTable ? <NumbersTable {...table} height={height} /> : width > 0 && children(width)}
      </div>
    </figure>
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
  return (
    <div className={styles.tableBox} style={{ maxHeight: height }} tabIndex={0}>
      <Table stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Time</Table.Th>
            {columns.map(({ name }) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {there.map((i) => (
            <Table.Tr key={i}>
              <Table.Td>{formatExact(times[i]!)}</Table.Td>
              {columns.map(({ name, values }) => (
                <Table.Td key={name}>{values[i] === null || values[i] === undefined ? 'no data' : format(values[i])}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
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
