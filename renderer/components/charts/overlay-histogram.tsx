import { useMemo, useState } from 'react'
import { overlayScene, type OverlayBin, type OverlayScene, type OverlaySpan } from '../../../shared/charts/overlay.ts'
import { formatNumber, formatPercent } from '../format.ts'
import { FigureFrame, FigureTable } from './frame.tsx'
import styles from './charts.module.css'

interface OverlayProps {
  title: string
  bins: readonly OverlayBin[]
  span: OverlaySpan
  referenceName: string
  currentName: string
  height?: number
}

const shareText = (share: number | null): string => (share === null ? 'no data' : formatPercent(share))

/** The reference (grey, filled) and now (accent, outlined) laid over each other; what stands under the pointer is told below the title. */
export function OverlayHistogram({ title, bins, span, referenceName, currentName, height = 168 }: OverlayProps) {
  const rows = useMemo(() => overlayRows(bins), [bins])
  return (
    <FigureFrame
      title={title}
      height={height}
      legend={[
        { name: referenceName, color: 'var(--chart-incumbent)' },
        { name: currentName, color: 'var(--chart-candidate)' },
      ]}
      table={<FigureTable head={['Values', 'Reference', 'Now']} rows={rows} height={height} />}
    >
      {(width) => <Overlay title={title} bins={bins} span={span} width={width} height={height} />}
    </FigureFrame>
  )
}

function overlayRows(bins: readonly OverlayBin[]): string[][] {
  const reference = bins.reduce((total, bin) => total + bin.reference, 0)
  const current = bins.reduce((total, bin) => total + bin.current, 0)
  return bins.map((bin) => [
    bin.label,
    shareText(reference === 0 ? null : bin.reference / reference),
    shareText(current === 0 ? null : bin.current / current),
  ])
}

function Overlay({ title, bins, span, width, height }: Pick<OverlayProps, 'title' | 'bins' | 'span'> & { width: number; height: number }) {
  const scene = useMemo(
    () => overlayScene(bins, { width, height, span, format: (value) => formatNumber(value, 3) }),
    [bins, width, height, span],
  )
  const [at, setAt] = useState(-1)
  const step = (event: React.KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (by === undefined || scene.bars.length === 0) return
    event.preventDefault()
    setAt(Math.max(0, Math.min(scene.bars.length - 1, at + by)))
  }
  const { plot, base } = scene
  return (
    <svg className={styles.chart} width={width} height={height} role="group" aria-label={title}>
      <line className={styles.baseLine} x1={plot.left} x2={plot.left + plot.width} y1={base} y2={base} />
      <path d={scene.reference} className={styles.overlayReference} />
      <path d={scene.current} className={styles.overlayCurrent} />
      <g className={styles.axes}>
        {scene.ticks.map(({ at: place, label }) => (
          <text key={place} x={place} y={base + 15} textAnchor="middle">
            {label}
          </text>
        ))}
      </g>
      {!scene.hasCurrent && (
        <text className={styles.nothing} x={plot.left + plot.width / 2} y={plot.top + 14} textAnchor="middle">
          No value in this period
        </text>
      )}
      <OverlayReader scene={scene} title={title} at={at} onAt={setAt} onKeyDown={step} />
    </svg>
  )
}

function OverlayReader({
  scene,
  title,
  at,
  onAt,
  onKeyDown,
}: {
  scene: OverlayScene
  title: string
  at: number
  onAt(index: number): void
  onKeyDown(event: React.KeyboardEvent): void
}) {
  const { plot, bars, base } = scene
  const bar = bars[at]
  const text = bar === undefined ? '' : `${bar.label}: reference ${shareText(bar.reference)}, now ${shareText(bar.current)}`
  return (
    <>
      {bar !== undefined && <rect className={styles.overlayHover} x={bar.x} width={bar.width} y={plot.top} height={base - plot.top} />}
      {bar !== undefined && (
        <text className={styles.overlayText} x={plot.left + plot.width} y={plot.top + 6} textAnchor="end">
          {text}
        </text>
      )}
      <rect
        className={styles.reader}
        x={plot.left}
        y={plot.top}
        width={plot.width}
        height={plot.height}
        tabIndex={0}
        role="slider"
        aria-label={`Read ${title} at a value`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, bars.length - 1)}
        aria-valuenow={Math.max(0, at)}
        aria-valuetext={text === '' ? 'nothing read yet' : text}
        onPointerMove={(event) => {
          const x = event.clientX - event.currentTarget.getBoundingClientRect().left + plot.left
          onAt(bars.findIndex((one) => x >= one.x && x < one.x + one.width))
        }}
        onPointerLeave={() => onAt(-1)}
        onKeyDown={onKeyDown}
        onBlur={() => onAt(-1)}
      />
    </>
  )
}
