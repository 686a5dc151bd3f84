import { useMemo } from 'react'
import { reliabilityScene, type ReliabilityBin } from '../../../shared/charts/reliability.ts'
import { formatCount, formatPercent } from '../format.ts'
import { FigureFrame, FigureTable } from './frame.tsx'
import styles from './charts.module.css'

const percent = (share: number): string => formatPercent(share, 0)
const orNothing = (share: number | null): string => (share === null ? 'no rows' : formatPercent(share))

/** How often a model is right against how sure it says it is: on the dashed line it knows itself; below, it is too sure. */
export function ReliabilityDiagram({ bins, height = 260 }: { bins: readonly ReliabilityBin[]; height?: number }) {
  const rows = bins.map(({ from, to, rows, confidence, share, interval }) => [
    `${percent(from)} to ${percent(to)}`,
    formatCount(rows),
    orNothing(confidence),
    orNothing(share),
    interval === null ? '' : `${formatPercent(interval.low)} to ${formatPercent(interval.high)}`,
  ])
  return (
    <FigureFrame
      title="Reliability"
      unit="right against sure, 95 % intervals"
      height={height}
      legend={[]}
      table={<FigureTable head={['Confidence', 'Rows', 'Mean', 'Right', '95 %']} rows={rows} height={height} />}
    >
      {(width) => <Diagram bins={bins} width={Math.min(width, 420)} height={height} />}
    </FigureFrame>
  )
}

function Diagram({ bins, width, height }: { bins: readonly ReliabilityBin[]; width: number; height: number }) {
  const scene = useMemo(() => reliabilityScene(bins, { width, height, format: percent }), [bins, width, height])
  const { plot, diagonal, points, ticks } = scene
  const bottom = plot.top + plot.height
  const seen = points.length
  return (
    <svg
      className={styles.chart}
      width={width}
      height={height}
      role="img"
      aria-label={seen === 0 ? 'No labelled row has a confidence' : describe(bins)}
    >
      <g className={styles.axes}>
        {ticks.y.map(({ at, label }) => (
          <g key={at}>
            <line x1={plot.left} x2={plot.left + plot.width} y1={at} y2={at} />
            <text x={plot.left - 6} y={at} dy="0.32em" textAnchor="end">
              {label}
            </text>
          </g>
        ))}
        {ticks.x.map(({ at, label }) => (
          <text key={at} x={at} y={bottom + 15} textAnchor="middle">
            {label}
          </text>
        ))}
        <text x={plot.left + plot.width} y={bottom + 30} textAnchor="end">
          confidence
        </text>
      </g>
      <line className={styles.diagonal} {...diagonal} />
      <g className={styles.reliability}>
        <path d={scene.line} />
        {points.map(({ index, x, y, radius, low, high }) => {
          const bin = bins[index]!
          return (
            <g key={index}>
              <title>{`Sure ${orNothing(bin.confidence)}, right ${orNothing(bin.share)}, ${formatCount(bin.rows)} rows`}</title>
              <line x1={x} x2={x} y1={low} y2={high} />
              <circle cx={x} cy={y} r={radius} />
            </g>
          )
        })}
      </g>
      {seen === 0 && (
        <text className={styles.nothing} x={plot.left + plot.width / 2} y={plot.top + plot.height / 2} textAnchor="middle">
          No labelled row has a confidence
        </text>
      )}
    </svg>
  )
}

function describe(bins: readonly ReliabilityBin[]): string {
  const worst = bins
    .filter(({ rows, share, confidence }) => rows >= 10 && share !== null && confidence !== null)
    .sort((a, b) => Math.abs(b.share! - b.confidence!) - Math.abs(a.share! - a.confidence!))[0]
  if (worst === undefined) return 'Reliability: fewer than 10 rows in every interval of confidence'
  return `Reliability: furthest off where it is ${orNothing(worst.confidence)} sure and ${orNothing(worst.share)} right`
}
