import type { evidenceStates } from '../../shared/rpc/contract/monitoring.ts'
import styles from './evidence-mark.module.css'

type Evidence = (typeof evidenceStates)[number]

/** What stands behind a figure, each with a shape of its own: disc, diamond, ring, half diamond, dash. */
const shapes: Record<Evidence, React.ReactNode> = {
  measured: <circle cx="5" cy="5" r="4" fill="currentColor" />,
  estimated: <path d="M5 0.6 L9.4 5 L5 9.4 L0.6 5 Z" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  inconclusive: (
    <>
      <path d="M5 0.6 L9.4 5 L5 9.4 L0.6 5 Z" fill="none" stroke="currentColor" />
      <path d="M5 0.6 L5 9.4 L0.6 5 Z" fill="currentColor" />
    </>
  ),
  'insufficient data': <circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  none: <path d="M2 5 H8" fill="none" stroke="currentColor" strokeWidth="1.5" />,
}

const words: Record<Evidence, string> = {
  measured: 'measured',
  estimated: 'estimated',
  inconclusive: 'inconclusive',
  'insufficient data': 'insufficient data',
  none: 'no data',
}

/** Shape and word of what stands behind a figure: measured, estimated, inconclusive, insufficient data, or nothing. */
export function EvidenceMark({ state, word, isBare = false }: { state: Evidence; word?: string; isBare?: boolean }) {
  const text = word ?? words[state]
  return (
    <span className={styles.mark} data-evidence={state} title={isBare ? text : undefined}>
      <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true" focusable="false">
        {shapes[state]}
      </svg>
      <span className={isBare ? 'sr-only' : undefined}>{text}</span>
    </span>
  )
}
