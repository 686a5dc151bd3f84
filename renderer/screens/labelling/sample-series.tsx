import { useElementSize } from '@mantine/hooks'
import { useMemo } from 'react'
import { plotOf, valueAxis } from '../../../shared/charts/scale.ts'
import { formatNumber } from '../../components/format.ts'
import styles from './labelling.module.css'

const margin = { left: 52, right: 12, top: 10, bottom: 22 } as const

/** A row of values as a course, in the order of their places; a missing value is a gap. */
export function SampleSeries({ values, isSmall }: { values: readonly (number | null)[]; isSmall: boolean }) {
  const { ref, width } = useElementSize()
  const height = isSmall ? 80 : 320
  const scene = useMemo(() => seriesScene(values, { width, height }), [values, width, height])
  return (
    <div ref={ref} className={styles.series} style={{ height }}>
      {width > 0 && (
        <svg className={styles.chart} width={width} height={height} role="img" aria-label={`Course of ${values.length} values`}>
          {scene.y.ticks.map(({ at, label }) => (
            <g key={at}>
              <line className={styles.gridLine} x1={scene.plot.left} x2={scene.plot.left + scene.plot.width} y1={at} y2={at} />
              <text x={scene.plot.left - 6} y={at} dy="0.32em" textAnchor="end">
                {label}
              </text>
            </g>
          ))}
          <text x={scene.plot.left} y={height - 6}>
            1
          </text>
          <text x={scene.plot.left + scene.plot.width} y={height - 6} textAnchor="end">
            {values.length}
          </text>
          <path className={styles.line} d={scene.path} />
        </svg>
      )}
    </div>
  )
}

function seriesScene(values: readonly (number | null)[], size: { width: number; height: number }) {
  const plot = plotOf(size.width, size.height, margin)
  const there = values.filter((value) => value !== null)
  const y = valueAxis(there, plot, { format: (value) => formatNumber(value), isFromZero: false })
  const step = plot.width / Math.max(1, values.length - 1)
  let path = ''
  let isPenDown = false
  for (const [i, value] of values.entries()) {
    if (value !== null) path += `${isPenDown ? 'L' : 'M'}${(plot.left + i * step).toFixed(1)},${y.place(value).toFixed(1)}`
    isPenDown = value !== null
  }
  return { plot, y, path }
}
