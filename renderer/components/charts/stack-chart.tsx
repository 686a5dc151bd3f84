import { useMemo } from 'react'
import { stackScene, type StackInput } from '../../../shared/charts/bars.ts'
import { Axes, ChartFrame } from './frame.tsx'
import { hueOf } from './palette.ts'
import { Reading } from './reading.tsx'
import { TimeMarks } from './time-marks.tsx'
import styles from './charts.module.css'

interface StackChartProps extends Omit<StackInput, 'width' | 'height'> {
  title: string
  unit?: string
  height?: number
  emptyText?: string
}

/** Amounts per interval as stacked bars. */
export function StackChart({ title, unit, height = 160, emptyText = 'No data in this period', ...input }: StackChartProps) {
  return (
    <ChartFrame
      title={title}
      {...(unit === undefined ? {} : { unit })}
      height={height}
      legend={input.parts.map(({ name }, i) => ({ name, color: hueOf(i) }))}
      table={{ times: input.times, columns: input.parts.map(({ name, values }) => ({ name, values })), format: input.format }}
    >
      {(width) => <Stack title={title} width={width} height={height} emptyText={emptyText} {...input} />}
    </ChartFrame>
  )
}

function Stack({ title, emptyText, ...input }: StackInput & { title: string; emptyText: string }) {
  const scene = useMemo(() => stackScene(input), [input])
  const { plot, x, y } = scene
  const colors = new Map(input.parts.map(({ id }, i) => [id, hueOf(i)]))
  return (
    <svg className={styles.chart} width={input.width} height={input.height} role="group" aria-label={title}>
      <Axes plot={plot} x={x} y={y} />
      <TimeMarks plot={plot} x={x} from={input.from} through={input.through} />
      {scene.bars.map((bar) => (
        <rect key={`${bar.id} ${bar.index}`} x={bar.x} y={bar.y} width={bar.width} height={bar.height} fill={colors.get(bar.id)} />
      ))}
      {!scene.hasData ? (
        <text className={styles.nothing} x={plot.left + plot.width / 2} y={plot.top + plot.height / 2} textAnchor="middle">
          {emptyText}
        </text>
      ) : (
        <Reading
          plot={plot}
          x={x}
          from={input.from}
          through={input.through}
          times={middlesOf(input.times, input.through)}
          title={title}
          read={(index) =>
            input.parts.map(({ id, name, values }) => {
              const value = values[index]
              return { name, color: colors.get(id)!, value: value === null || value === undefined ? 'no data' : input.format(value) }
            })
          }
        />
      )}
    </svg>
  )
}

/** The pointer reads the bar that it is on: a bar stands from its time to the next. */
function middlesOf(times: readonly number[], through: number): number[] {
  return times.map((time, i) => (time + (times[i + 1] ?? through)) / 2)
}
