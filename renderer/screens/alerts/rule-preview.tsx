import { useDebouncedValue } from '@mantine/hooks'
import { Loading, ProblemBox } from '../../components/answered.tsx'
import { formatCount } from '../../components/format.ts'
import { StateMark } from '../../components/state-mark.tsx'
import { useQuery } from '../../data/use-query.ts'
import type { AlertRuleInput } from '../../../shared/domain/alert.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { evidenceShort, severityStates, subjectText } from './alert-words.ts'
import { previewSentence } from './preview-words.ts'
import styles from './alerts.module.css'

/** Keys that are pressed one after the other ask once. */
const SETTLE_MS = 400

/** What the rule would say of the fleet as it is now. @param set `null`: it cannot be asked yet */
export function RulePreview({
  set,
  problem,
  thresholdWords,
}: {
  set: AlertRuleInput | null
  problem: string | null
  thresholdWords: string
}) {
  // By its text: the same rule is another object with every look at the editor.
  const asked = set === null ? null : JSON.stringify(set)
  const [settled] = useDebouncedValue(asked, SETTLE_MS)
  const input = settled === null ? null : (JSON.parse(settled) as AlertRuleInput)
  const answer = useQuery('alerts.previewRule', { set: input! }, { enabled: input !== null, keepsPrevious: true })
  const isStale = asked !== settled || answer.isPlaceholderData
  return (
    <section className={styles.preview} aria-label="What it would say now">
      <h3>{isStale && answer.data !== undefined ? 'What it said a moment ago' : 'What it would say now'}</h3>
      {problem !== null && <p role="status">{problem}</p>}
      {answer.error !== null && set !== null && <ProblemBox problem={answer.error} />}
      {answer.data !== undefined && set !== null && <Preview preview={answer.data} severity={set.severity} />}
      {answer.data === undefined && answer.error === null && set !== null && <Loading />}
      {thresholdWords !== '' && (
        <>
          <h3>From the budget of false alarms</h3>
          <p>{thresholdWords}</p>
        </>
      )}
    </section>
  )
}

function Preview({ preview, severity }: { preview: OutputOf<'alerts.previewRule'>; severity: AlertRuleInput['severity'] }) {
  const { wouldFire, looked, insufficient } = preview
  return (
    <>
      <p role="status">{previewSentence(preview)}</p>
      {wouldFire.length > 0 && (
        <ul className={styles.would} aria-label="Would fire for" tabIndex={0}>
          {wouldFire.map((one) => (
            <li key={`${subjectText(one.subject)} ${one.sentence}`}>
              <StateMark state={severityStates[severity]} word={subjectText(one.subject)} />
              <div className="foreign">{one.sentence}</div>
              <div className="dim">{evidenceShort(one.evidence)}</div>
            </li>
          ))}
        </ul>
      )}
      {wouldFire.length === 0 && looked > insufficient && <StateMark state="ok" word="quiet" />}
      {insufficient > 0 && <StateMark state="unsure" word={`${formatCount(insufficient)} with insufficient data`} />}
    </>
  )
}
