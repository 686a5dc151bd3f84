import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { StateMark } from '../../../components/state-mark.tsx'
import { formatDifference, formatDifferenceInterval, formatMetric, metricHint, metricName, orderMetrics } from '../metrics.ts'
import styles from '../models.module.css'

type Comparison = OutputOf<'models.compare'>
type Metric = Comparison['metrics'][number]

/** Metrics of two versions with difference, interval and verdict; the verdict speaks of the right one. */
export function MetricsTable({ comparison, leftTitle, rightTitle }: { comparison: Comparison; leftTitle: string; rightTitle: string }) {
  const byName = new Map(comparison.metrics.map((metric) => [metric.metric, metric]))
  const metrics = orderMetrics([...byName.keys()]).map((name) => byName.get(name)!)
  const level = metrics.find(({ interval }) => interval !== null)?.interval?.level
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col" data-numeric>
              {leftTitle}
            </th>
            <th scope="col" data-numeric>
              {rightTitle}
            </th>
            <th scope="col" data-numeric>
              Difference
            </th>
            <th scope="col" data-numeric>
              {level === undefined ? 'Interval' : `${Math.round(level * 100)} % interval`}
            </th>
            <th scope="col">{rightTitle} is</th>
          </tr>
        </thead>
        <tbody>
          {metrics.map((metric) => (
            <tr key={metric.metric}>
              <th scope="row" className="foreign" title={metricHint(metric.metric)}>
                {metricName(metric.metric)}
              </th>
              <td data-numeric>
                {metric.left === null ? <span className="dim">no value</span> : formatMetric(metric.metric, metric.left)}
              </td>
              <td data-numeric>
                {metric.right === null ? <span className="dim">no value</span> : formatMetric(metric.metric, metric.right)}
              </td>
              <td data-numeric>{formatDifference(metric.metric, metric.difference)}</td>
              <td data-numeric>
                {metric.interval === null ? <span className="dim">none</span> : formatDifferenceInterval(metric.metric, metric.interval)}
              </td>
              <td data-nowrap title={metric.note}>
                <Verdict metric={metric} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Verdict({ metric: { verdict } }: { metric: Metric }) {
  if (verdict === 'right') return <StateMark state="ok" word="better" />
  if (verdict === 'left') return <StateMark state="attention" word="worse" />
  if (verdict === 'unsure') return <StateMark state="unsure" />
  return <span className="dim">{verdict === 'same' ? 'the same' : 'no better side'}</span>
}

/** Why the verdicts are as careful as they are: the notes of the metrics, each once. */
export function VerdictNotes({ comparison }: { comparison: Comparison }) {
  const notes = [...new Set(comparison.metrics.filter(({ difference }) => difference !== null).map(({ note }) => note))].filter(Boolean)
  if (notes.length === 0) return null
  return (
    <details>
      <summary className="dim">How sure this is</summary>
      {notes.map((note) => (
        <p key={note} className="dim">
          {note}
        </p>
      ))}
    </details>
  )
}
