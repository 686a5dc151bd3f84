import { placeMarks } from '../../../shared/charts/marks.ts'
import type { Axis, Plot } from '../../../shared/charts/scale.ts'
import { useMarks } from './marks-context.ts'
import styles from './charts.module.css'

/** Alerts and the like on the time axis of a chart: a line where one began, a bar above the plot for as long as it lasted. */
export function TimeMarks({ plot, x, from, through }: { plot: Plot; x: Axis; from: number; through: number }) {
  const marks = placeMarks(useMarks(), { plot, x, from, through })
  return (
    <g className={styles.marks}>
      {marks.map(({ id, line, x: left, width, label, level }) => (
        <g key={id} data-level={level}>
          <title>{label}</title>
          <rect x={left} y={plot.top - 6} width={width} height="4" />
          {line !== null && <line x1={line} x2={line} y1={plot.top - 6} y2={plot.top + plot.height} />}
        </g>
      ))}
    </g>
  )
}
