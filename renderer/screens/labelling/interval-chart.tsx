import { useElementSize } from '@mantine/hooks'
import { useMemo } from 'react'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { formatNumber, formatPercent, plural } from '../../components/format.ts'
import { StateMark } from '../../components/state-mark.tsx'
import { figureOf, intervalScene, type CoursePoint } from './interval-scene.ts'
import styles from './labelling.module.css'

type Progress = OutputOf<'labelling.progress'>

const HEIGHT = 150

/** The accuracy and how its interval tightens with each label. */
export function IntervalChart({ progress, course }: { progress: Progress; course: readonly CoursePoint[] }) {
  const { ref, width } = useElementSize()
  const scene = useMemo(() => intervalScene(course, { width, height: HEIGHT }), [course, width])
  return (
    <section className={styles.interval} aria-label="What the labels say">
      <Headline progress={progress} />
      <div ref={ref} style={{ height: HEIGHT }}>
        {scene !== null && width > 0 && (
          <svg
            className={styles.chart}
            width={width}
            height={HEIGHT}
            role="img"
            aria-label="Accuracy with its 95 % interval, by number of labels"
          >
            {scene.y.ticks.map(({ at, label }) => (
              <g key={at}>
                <line className={styles.gridLine} x1={scene.plot.left} x2={scene.plot.left + scene.plot.width} y1={at} y2={at} />
                <text x={scene.plot.left - 6} y={at} dy="0.32em" textAnchor="end">
                  {label}
                </text>
              </g>
            ))}
            {scene.x.ticks.map(({ at, label }) => (
              <text key={at} x={at} y={scene.plot.top + scene.plot.height + 16} textAnchor="middle">
                {label}
              </text>
            ))}
            <path className={styles.band} d={scene.band} />
            <path className={styles.line} d={scene.line} />
            <circle className={styles.end} cx={scene.end.x} cy={scene.end.y} r="3" />
          </svg>
        )}
        {scene === null && <p className="dim">The first label draws the first interval here.</p>}
      </div>
      {scene !== null && <div className={`dim ${styles.axis}`}>labels</div>}
      <Target progress={progress} />
    </section>
  )
}

function Headline({ progress }: { progress: Progress }) {
  const figure = figureOf(progress)
  const { mae, weightedMissing, accuracy } = progress
  if (figure === null) {
    return mae === null ? (
      <StateMark state="unsure" word="insufficient data" />
    ) : (
      <div className={styles.figure}>
        <strong>{formatNumber(mae, 4)}</strong> <span>mean absolute error, measured on {plural(progress.labelled, 'label')}</span>
      </div>
    )
  }
  const half = ((figure.high - figure.low) / 2) * 100
  return (
    <div className={styles.figure} aria-live="polite">
      <strong>{formatPercent(figure.value)}</strong>
      <span>
        {' '}
        {formatPercent(figure.low)} to {formatPercent(figure.high)} <span className="dim">(±{half.toFixed(1)} points)</span>
      </span>
      <div className="dim">
        {figure.isWeighted
          ? 'measured: accuracy of all requests, by the weights of the samples'
          : 'measured: accuracy of the labelled rows'}
      </div>
      {figure.isWeighted && accuracy !== null && (
        <div className="dim">
          {formatPercent(accuracy.value)} of {plural(accuracy.rows, 'labelled row')}, chosen for what they teach
        </div>
      )}
      {!figure.isWeighted && weightedMissing !== null && (
        <div>
          <StateMark state="unsure" word="of all requests: insufficient data" /> <span className="dim">{weightedMissing}</span>
        </div>
      )}
    </div>
  )
}

function Target({ progress: { target } }: { progress: Progress }) {
  if (target.rowsToGo === null) return null
  const width = `±${formatNumber(target.halfWidth * 100)} points`
  return (
    <p className={styles.target}>
      {target.rowsToGo === 0 ? (
        <StateMark state="ok" word={`The interval is as narrow as ${width}`} />
      ) : (
        <>
          About <strong>{plural(target.rowsToGo, 'label')}</strong> to {width}
        </>
      )}
    </p>
  )
}
