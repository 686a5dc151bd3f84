import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { formatCount, formatNumber, formatPercent, plural } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import styles from '../models.module.css'
import { Histogram } from './histogram.tsx'

type Detail = OutputOf<'models.show'>

/** What the model says of reference rows: monitoring compares the answers in service with it. */
export function OutcomesSection({ outcomes }: { outcomes: Detail['outcomes'] }) {
  if (outcomes === null) {
    return (
      <Section title="Answers">
        <p className="dim">
          There is no reference of its answers: no rows came along at its import, or the model could not answer them. Monitoring then
          compares answers with the device itself, with the season and with the fleet&rsquo;s peers.
        </p>
      </Section>
    )
  }
  const { rows, from, outcome, confidence, accuracy, isCalibrated } = outcomes
  return (
    <Section
      title="Answers"
      actions={<span className="dim">{`reference of ${plural(rows, from === 'holdout' ? 'hold-out row' : 'training row')}`}</span>}
    >
      <div className={styles.scroll}>
        <table className={styles.table}>
          <tbody>
            <tr>
              <th scope="row">{outcome.kind === 'categorical' ? 'Classes' : 'Values'}</th>
              <td>
                <Histogram feature={outcome} />
              </td>
              <td>{spreadText(outcome)}</td>
            </tr>
            {confidence !== null && (
              <tr>
                <th scope="row">Confidence</th>
                <td>
                  <Histogram feature={confidence} />
                </td>
                <td>
                  {spreadText(confidence)}
                  {isCalibrated && ', calibrated'}
                </td>
              </tr>
            )}
            {accuracy !== null && (
              <tr>
                <th scope="row">Right</th>
                <td>{formatPercent(accuracy.right / accuracy.rows)}</td>
                <td>
                  {formatCount(accuracy.right)} of {formatCount(accuracy.rows)}
                  {from === 'training' && ', on rows that the model has seen'}
                </td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </Section>
  )
}

function spreadText(one: NonNullable<Detail['outcomes']>['outcome']): string {
  if (one.kind === 'numeric') return `${formatNumber(one.mean)} ± ${formatNumber(one.standardDeviation)}`
  return plural(one.categories.length, 'different answer')
}
