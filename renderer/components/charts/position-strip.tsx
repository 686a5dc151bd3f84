import { useMemo } from 'react'
import { positionScene } from '../../../shared/charts/position.ts'
import styles from './charts.module.css'

const HEIGHT = 16

/** Where one value lies against the band of most others: the band is grey, all of them together a tick, the value a dot. */
export function PositionStrip({
  value,
  low,
  high,
  middle,
  width = 140,
  label,
  isOutside = false,
}: {
  value: number | null
  low: number | null
  high: number | null
  middle: number | null
  width?: number
  /** The same as a sentence. */
  label: string
  /** True: the value differs from the others by more than chance. */
  isOutside?: boolean
}) {
  const scene = useMemo(() => positionScene(value, { low, high, middle }, width), [value, low, high, middle, width])
  return (
    <svg className={styles.position} width={width} height={HEIGHT} role="img" aria-label={label} data-outside={isOutside || undefined}>
      <title>{label}</title>
      <line className={styles.positionLine} x1="0" x2={width} y1="8" y2="8" />
      {scene.band !== null && <rect className={styles.positionBand} x={scene.band.x} width={scene.band.width} y="4" height="8" />}
      {scene.middle !== null && <line className={styles.positionMiddle} x1={scene.middle} x2={scene.middle} y1="3" y2="13" />}
      {scene.value !== null && <circle cx={scene.value} cy="8" r="3.5" fill="currentColor" />}
    </svg>
  )
}
