import { StateMark, type State } from '../../../../components/state-mark.tsx'
import { showPlace } from '../fields/findings.tsx'
import type { PlanFinding } from '../plan/plan-draft.ts'
import styles from './preview.module.css'

const marks: Record<PlanFinding['severity'], State> = { error: 'failed', warning: 'attention', info: 'offline' }
const order: Record<PlanFinding['severity'], number> = { error: 0, warning: 1, info: 2 }

/** Said beside the sentence of the preview, with more: approval, an alert, other rollouts. */
const saidBelow: readonly string[] = ['approval.required', 'deployment.held', 'rollout.outranks', 'rollout.outranked']

/** Everything that the check says, errors first; each leads to its field. */
export function FindingList({ findings }: { findings: readonly PlanFinding[] }) {
  const sorted = findings
    .filter(({ code }) => code === undefined || !saidBelow.includes(code))
    .toSorted((a, b) => order[a.severity] - order[b.severity])
  if (sorted.length === 0) return null
  return (
    <ul className={styles.findings} aria-label="Findings">
      {sorted.map(({ severity, path, message }) => (
        <li key={`${path} ${message}`}>
          <StateMark state={marks[severity]} word={severity} isBare />
          {path === '' ? (
            <span>{message}</span>
          ) : (
            <button type="button" className={styles.findingLink} onClick={() => showPlace(path)} title={`Go to ${path}`}>
              {message}
            </button>
          )}
        </li>
      ))}
    </ul>
  )
}
