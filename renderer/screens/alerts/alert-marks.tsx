import { formatExact } from '../../components/format.ts'
import { StateMark } from '../../components/state-mark.tsx'
import type { Alert, AlertSeverity } from '../../../shared/domain/alert.ts'
import { alertStateMarks, severityStates } from './alert-words.ts'
import styles from './alerts.module.css'

/** How bad it is, by shape and word. */
export function SeverityMark({ severity }: { severity: AlertSeverity }) {
  return <StateMark state={severityStates[severity]} word={severity} />
}

/** Whether it fires. A firing one has its shape from the severity beside it. */
export function AlertStateMark({ state }: { state: Alert['state'] }) {
  return state === 'firing' ? <strong className={styles.firing}>firing</strong> : <StateMark state={alertStateMarks[state]} word={state} />
}

/** Who looks after it, and until when it is silenced; nothing where it is loud. */
export function QuietMarks({ alert }: { alert: Pick<Alert, 'acknowledged' | 'silencedUntil'> }) {
  const { acknowledged, silencedUntil } = alert
  return (
    <>
      {acknowledged !== null && (
        <span className={styles.quiet} title={`Acknowledged by ${acknowledged.by}, ${formatExact(acknowledged.at)}`}>
          acknowledged
        </span>
      )}
      {silencedUntil !== null && (
        <span className={styles.quiet} title={`Nobody is told until ${formatExact(silencedUntil)}`}>
          silenced
        </span>
      )}
    </>
  )
}
