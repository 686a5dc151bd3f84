import { formatCount } from '../../components/format.ts'
import { EvidenceMark } from '../../components/evidence-mark.tsx'
import type { Figure } from '../../../shared/rpc/contract/monitoring.ts'
import { intervalText, qualityText, type HealthRow } from './monitoring-words.ts'
import styles from './monitoring.module.css'

/** A figure with what stands behind it: shape, value, interval, n, and the word. Without a value only why there is none. */
export function FigureText({
  figure,
  measure,
  isShort = false,
}: {
  figure: Figure
  measure: HealthRow['qualityMeasure']
  /** True: without the number of rows. */
  isShort?: boolean
}) {
  const { state, value } = figure
  if (value === null) return <EvidenceMark state={state} />
  const interval = intervalText(figure, measure)
  return (
    <span className={styles.figure} title={`${qualityText(value, measure)} ${state}, 95 % ${interval}, n ${formatCount(figure.n)}`}>
      <EvidenceMark state={state} isBare />
      <strong>{qualityText(value, measure)}</strong>
      <span className="dim">{interval}</span>
      {state !== 'measured' && <span className={styles.evidence}>{state}</span>}
      {!isShort && <span className="dim">n {formatCount(figure.n)}</span>}
    </span>
  )
}
