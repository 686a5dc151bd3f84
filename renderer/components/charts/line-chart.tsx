import { useMemo } from 'react'
import { lineScene, type LineInput, type Series } from '../../../shared/charts/line.ts'
import { Axes, ChartFrame } from './frame.tsx'
import { hueOf } from './palette.ts'
import { Reading } from './reading.tsx'
import { TimeMarks } from './time-marks.tsx'
import styles from './charts.module.css'

interface LineChartProps extends Omit<LineInput, 'width' | 'height'> {
  title: string
  unit?: string
  height?: number
  /** Why there is nothing to draw. */
  emptyText?: string
  /** Where the series mean something, such as incumbent and candidate: their colours, in order. */
  colors?: readonly string[]
}

/** Values over time as thin lines; a gap stays a gap, an interval is a band, a threshold a dashed line with its value. */
export function LineChart({ title, unit, height = 160, emptyText = 'No data in this period', colors, ...input }: LineChartProps) {
  const { series, times, format } = input
  const colorOf = (i: number): string => colors?.[i] ?? hueOf(i)
  const last = (values: Series['values']): string | undefined => {
    const value = values.findLast((one) => one !== null)
    return value === undefined || value === null ? undefined : format(value)
  }
  return (
    <ChartFrame
      title={title}
      {...(unit === undefined ? {} : { unit })}
      height={height}
      legend={series.map(({ name, values }, i) => ({
        name,
        color: colorOf(i),
        ...(last(values) === undefined ? {} : { value: last(values)! }),
      }))}
      table={{ times, columns: series.map(({ name, values }) => ({ name, values })), format }}
    >
      {(width) => <Lines title={title} width={width} height={height} emptyText={emptyText} colorOf={colorOf} {...input} />}
    </ChartFrame>
  )
}

function Lines({ title, emptyText, colorOf, ...input }: LineInput & { title: string; emptyText: string; colorOf(i: number): string }) {
  const scene = useMemo(() => lineScene(input), [input])
  const { plot, x, y } = scene
  return (
    <svg className={styles.chart} width={input.width} height={input.height} role="group" aria-label={title}>
      <Axes plot={plot} x={x} y={y} />
      <TimeMarks plot={plot} x={x} from={input.from} through={input.through} />
      {scene.series.map(({ id, path, band, lonely, areDots }, i) => (
        <g key={id} style={{ color: colorOf(i) }}>
          {band !== null && <path d={band} className={styles.band} />}
          <path d={path} className={styles.line} />
          {lonely.map((dot) => (
            <circle key={dot.x} cx={dot.x} cy={dot.y} r={areDots ? 2.6 : 1.8} className={areDots ? styles.ring : styles.dot} />
          ))}
        </g>
      ))}
      {scene.threshold !== null && (
        <g className={styles.threshold}>
          <line x1={plot.left} x2={plot.left + plot.width} y1={scene.threshold.y} y2={scene.threshold.y} />
          <text x={plot.left + plot.width} y={scene.threshold.y - 4} textAnchor="end">
            {scene.threshold.label}
          </text>
        </g>
      )}
      {!scene.hasData && (
        <text className={styles.nothing} x={plot.left + plot.width / 2} y={plot.top + plot.height / 2} textAnchor="middle">
          {emptyText}
        </text>
      )}
      {scene.hasData && (
        <Reading
          plot={plot}
          x={x}
          from={input.from}
          through={input.through}
          times={input.times}
          title={title}
          read={(index) =>
            input.series.map(({ name, values }, i) => {
              const value = values[index]
              return { name, color: colorOf(i), value: value === null || value === undefined ? 'no data' : input.format(value) }
            })
          }
        />
      )}
    </svg>
  )
}
