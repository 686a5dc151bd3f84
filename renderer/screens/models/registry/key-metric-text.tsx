import type { VersionSummary } from '../../../../shared/rpc/contract/models.ts'
import { formatInterval, formatMetric, keyMetricOf, metricName } from '../metrics.ts'

/** The metric that stands for a version, with its interval where there is one. */
export function KeyMetricText({ version }: { version: Pick<VersionSummary, 'task' | 'metrics' | 'interval'> }) {
  const key = keyMetricOf(version)
  if (key === null) return <span className="dim">not evaluated</span>
  const { metric, value, interval } = key
  return (
    <span title={interval === null ? undefined : `${Math.round(interval.level * 100)} % interval`}>
      <span className="dim foreign">{metricName(metric)}</span> {formatMetric(metric, value)}
      {interval !== null && <span className="dim"> {formatInterval(interval)}</span>}
    </span>
  )
}

/** The same as plain text. */
export function keyMetricWords(version: Pick<VersionSummary, 'task' | 'metrics' | 'interval'>): string {
  const key = keyMetricOf(version)
  if (key === null) return 'not evaluated'
  const interval = key.interval === null ? '' : ` (${formatInterval(key.interval)})`
  return `${metricName(key.metric)} ${formatMetric(key.metric, key.value)}${interval}`
}
