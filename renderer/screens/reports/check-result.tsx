import { valueText } from '../../../shared/domain/report/value-text.ts'
import type { ReportVerdict, ReportVerification } from '../../../shared/rpc/contract/reports.ts'
import { ProblemBox } from '../../components/answered.tsx'
import { plural, shortDigest } from '../../components/format.ts'
import { Progress } from '../../components/progress.tsx'
import { StateMark, type State } from '../../components/state-mark.tsx'
import { MayButton } from '../../shell/may-button.tsx'
import { formatTitles } from './reports-view.ts'
import type { Check } from './use-check.ts'
import styles from './reports.module.css'

const MOST_SHOWN = 20

/** How far a verification is, and what it found. */
export function CheckResult({ check }: { check: Check }) {
  if (check.isRunning)
    return (
      <div className={styles.running}>
        <Progress share={check.share} label="Verification" />
        <div className={styles.line}>
          <span className="dim" role="status">
            {check.note === '' ? 'Verifying' : check.note}
          </span>
          <MayButton method="jobs.cancel" size="compact-xs" onClick={check.cancel}>
            Stop
          </MayButton>
        </div>
      </div>
    )
  if (check.problem !== null) return <ProblemBox problem={check.problem} />
  return check.result === null ? null : <Verdict found={check.result} />
}

/** The word in front of the sentence. */
export const verdictMarks: Record<ReportVerdict, { state: State; word: string }> = {
  good: { state: 'ok', word: 'Genuine, and the store agrees' },
  outdated: { state: 'attention', word: 'Genuine; the store has moved on' },
  differs: { state: 'failed', word: 'Genuine, but the store says something else' },
  'other-console': { state: 'unsure', word: 'Signed by another console' },
  changed: { state: 'failed', word: 'Changed after it was signed' },
}

function Verdict({ found }: { found: ReportVerification }) {
  const { state, word } = verdictMarks[found.verdict]
  return (
    <section className={styles.verdict} data-state={state} aria-label="Result of the verification" role={found.isGood ? 'status' : 'alert'}>
      <StateMark state={state} word={word} />
      <p className="foreign">{found.sentence}</p>
      <p className="dim">
        Read as {formatTitles[found.format]}; {found.signer === 'ours' && !found.isCurrentKey ? 'an earlier key' : 'key'}{' '}
        <span className="mono">{found.keyId.slice(0, 16)}</span>, data hash{' '}
        <span className="mono" title={found.dataHash}>
          {shortDigest(found.dataHash)}
        </span>
        .
      </p>
      {found.moves.length > 0 && (
        <ul className={styles.moves}>
          {found.moves.map(({ kind, note }) => (
            <li key={`${kind} ${note}`} className="foreign">
              {note}
            </li>
          ))}
        </ul>
      )}
      {found.differences.length > 0 && <Differences found={found} />}
    </section>
  )
}

function Differences({ found: { differences, differing } }: { found: ReportVerification }) {
  const text = (value: string | number | null): string => valueText(value, 'number', { zone: 'UTC', currency: '' })
  return (
    <>
      <table className={`${styles.table} ${styles.differences}`} aria-label="Values that differ">
        <thead>
          <tr>
            <th>Value</th>
            <th data-numeric>Report</th>
            <th data-numeric>Store</th>
          </tr>
        </thead>
        <tbody>
          {differences.slice(0, MOST_SHOWN).map((one) => (
            <tr key={one.place}>
              <td className="mono foreign">{one.place}</td>
              <td data-numeric className="foreign">
                {one.wasReported ? text(one.reported) : 'not there'}
              </td>
              <td data-numeric className="foreign">
                {one.isThereNow ? text(one.now) : 'not there'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {differing > MOST_SHOWN && <p className="dim">And {plural(differing - MOST_SHOWN, 'more value')}.</p>}
    </>
  )
}
