import { Button } from '@mantine/core'
import { useState } from 'react'
import { z } from 'zod'
import type { EvaluationRecord } from '../../../../shared/rpc/contract/models.ts'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { EmptyState } from '../../../components/answered.tsx'
import { Confusion } from '../../../components/confusion/confusion.tsx'
import { Copy, CopyAsCommand } from '../../../components/copy.tsx'
import { Facts } from '../../../components/facts.tsx'
import { formatCount, formatMs, plural, shortDigest } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { Ago } from '../../../components/time.tsx'
import { useUrlState } from '../../../data/url-state.ts'
import { cliLines } from '../cli-lines.ts'
import { formatInterval, formatMetric, keyMetricOf, metricHint, metricName, orderMetrics } from '../metrics.ts'
import styles from '../models.module.css'
import { EvaluateDialog } from './evaluate-dialog.tsx'
import versionStyles from './version.module.css'
import { MayButton } from '../../../shell/may-button.tsx'

type Detail = OutputOf<'models.show'>

const view = z.object({ tab: z.string().default(''), evaluation: z.string().max(64).default('') })

/** How good the version is: one evaluation in full, the ones before it, and the golden set. */
export function EvaluationsTab({ detail }: { detail: Detail }) {
  const [state, change] = useUrlState(view)
  const [isAsking, setAsking] = useState(false)
  const { evaluations, model, version } = detail
  const shown = evaluations.find(({ evaluation }) => evaluation === state.evaluation) ?? evaluations[0]
  const evaluate = (
    <>
      <CopyAsCommand command={cliLines.evaluate(model, version)} isIcon />
      <MayButton method="models.evaluate" onClick={() => setAsking(true)}>
        Evaluate
      </MayButton>
    </>
  )
  return (
    <>
      {shown === undefined ? (
        <Section title="Evaluation" actions={evaluate}>
          <EmptyState
            title="Not evaluated yet"
            actions={
              <MayButton method="models.evaluate" onClick={() => setAsking(true)}>
                Evaluate on a hold-out file
              </MayButton>
            }
          >
            Metrics come from rows with a known truth: a CSV with the features and the column of the truth.
          </EmptyState>
        </Section>
      ) : (
        <>
          <OneEvaluation record={shown} detail={detail} actions={evaluate} />
          <Section title={`History (${evaluations.length})`}>
            <History
              evaluations={evaluations}
              task={detail.task}
              shown={shown.evaluation}
              onShow={(evaluation) => change({ evaluation })}
            />
          </Section>
        </>
      )}
      <Section title="Golden set">
        <p>
          {detail.goldenRows === 0
            ? 'There is none: it is made from the hold-out rows of an import.'
            : `${plural(detail.goldenRows, 'case')} with the answers that the model gave at its import. Each device runs them before it activates the version, and refuses it where an answer differs.`}
        </p>
      </Section>
      {isAsking && <EvaluateDialog detail={detail} onClose={() => setAsking(false)} />}
    </>
  )
}

function OneEvaluation({ record, detail, actions }: { record: EvaluationRecord; detail: Detail; actions: React.ReactNode }) {
  const { metrics, interval, latencyMs } = record
  return (
    <Section title={record === detail.evaluations[0] ? 'Newest evaluation' : 'Evaluation'} actions={actions}>
      <div className={versionStyles.evaluation}>
        <Facts
          rows={[
            [
              'Rows',
              <span key="rows" className={styles.line}>
                {formatCount(record.rows)} of {record.dataset}
                <Copy value={record.datasetSha256} label={`Copy the SHA-256 of the rows, ${shortDigest(record.datasetSha256)}`} />
              </span>,
            ],
            ...orderMetrics(Object.keys(metrics)).map((name): [string, React.ReactNode] => [
              metricName(name),
              <span key={name} title={metricHint(name)}>
                {formatMetric(name, metrics[name] ?? null)}
                {interval?.metric === name && (
                  <span className="dim">
                    {' '}
                    {formatInterval(interval)} ({Math.round(interval.level * 100)} % interval)
                  </span>
                )}
              </span>,
            ]),
            [
              'Time per row',
              `p50 ${formatMs(latencyMs.p50)}, p95 ${formatMs(latencyMs.p95)}, p99 ${formatMs(latencyMs.p99)}, on this console`,
            ],
            ['Runtime', `onnxruntime ${record.runtimeVersion}`],
            ['Evaluated', <Ago key="at" at={record.evaluatedAt} />],
          ]}
        />
        {record.confusion === null ? (
          <p className="dim">{detail.task === 'classification' ? 'The matrix is not kept for more than 100 classes.' : ''}</p>
        ) : (
          <Confusion matrix={record.confusion} labels={detail.manifest.labels} />
        )}
      </div>
    </Section>
  )
}

function History({
  evaluations,
  task,
  shown,
  onShow,
}: {
  evaluations: readonly EvaluationRecord[]
  task: string
  shown: string
  onShow(evaluation: string): void
}) {
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Rows of</th>
            <th scope="col" data-numeric>
              Rows
            </th>
            <th scope="col">Key metric</th>
            <th scope="col" data-numeric>
              p95
            </th>
            <th scope="col">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {evaluations.map((record) => {
            const key = keyMetricOf({ task, metrics: record.metrics, interval: record.interval })
            return (
              <tr key={record.evaluation} aria-current={record.evaluation === shown || undefined}>
                <td data-nowrap>
                  <Ago at={record.evaluatedAt} />
                </td>
                <td className="foreign">{record.dataset}</td>
                <td data-numeric>{formatCount(record.rows)}</td>
                <td>
                  {key !== null && (
                    <>
                      <span className="dim">{metricName(key.metric)}</span> {formatMetric(key.metric, key.value)}
                      {key.interval !== null && <span className="dim"> {formatInterval(key.interval)}</span>}
                    </>
                  )}
                </td>
                <td data-numeric>{formatMs(record.latencyMs.p95)}</td>
                <td data-numeric>
                  {record.evaluation === shown ? (
                    <span className="dim">shown above</span>
                  ) : (
                    <Button size="compact-xs" onClick={() => onShow(record.evaluation)}>
                      Show
                    </Button>
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
