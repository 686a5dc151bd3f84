import type { Standing } from '../../../../shared/rpc/contract/approvals.ts'
import { Ago } from '../../../components/time.tsx'
import { actWords } from './stage-words.ts'
import styles from './approval.module.css'

/** Who decided what, when and why; the newest first. */
export function DecisionList({ decisions }: { decisions: Standing['decisions'] }) {
  return (
    <ol className={styles.decisions} aria-label="Decisions">
      {decisions.map((one, i) => (
        <li key={`${one.at} ${decisions.length - i}`}>
          <strong>{actWords[one.act]}</strong>
          <span className="foreign">by {one.by}</span>
          <span className="dim">
            <Ago at={one.at} />
            {one.isDespiteGates ? ', despite the gates' : ''}
          </span>
          {one.why !== '' && <p className="foreign">{one.why}</p>}
        </li>
      ))}
    </ol>
  )
}
