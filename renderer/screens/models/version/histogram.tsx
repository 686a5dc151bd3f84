import { useMemo } from 'react'
import { histogramScene } from '../../../../shared/charts/histogram.ts'
import type { FeatureBaseline } from '../../../../shared/stats/reference-bins.ts'
import { formatNumber, formatPercent } from '../../../components/format.ts'
import styles from './version.module.css'

/** The training distribution of a feature as small bars; each tells its range and share on hover, and the whole is one sentence. */
export function Histogram({ feature, width = 168, height = 22 }: { feature: FeatureBaseline; width?: number; height?: number }) {
  const scene = useMemo(
    () => histogramScene(feature, { width, height, format: (value) => formatNumber(value, 3) }),
    [feature, width, height],
  )
  const most = scene.bars.reduce<(typeof scene.bars)[number] | null>(
    (best, bar) => (best === null || bar.share > best.share ? bar : best),
    null,
  )
  return (
    <svg
      className={styles.histogram}
      width={width}
      height={height + 1}
      role="img"
      aria-label={most === null ? 'No values' : `Most often ${most.label}, ${formatPercent(most.share)} of the rows`}
    >
      <line x1="0" x2={width} y1={height + 0.5} y2={height + 0.5} />
      {scene.bars.map((bar) => (
        <rect key={bar.x} x={bar.x} y={bar.y} width={bar.width} height={bar.height}>
          <title>{`${bar.label}: ${formatPercent(bar.share)}`}</title>
        </rect>
      ))}
    </svg>
  )
}
