import { Link as RouteLink } from 'wouter'
import { plural } from '../../components/format.ts'
import { paths } from '../../data/paths.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import type { VersionSummary } from '../../../shared/rpc/contract/models.ts'
import { formatDifference, formatMetric, metricName, orderMetrics } from '../models/metrics.ts'
import { versionNamed } from './version-options.ts'
import styles from './deploy.module.css'

/** Metrics that are set side by side here; the page that compares has all of them, with intervals. */
const MOST_METRICS = 3

/** The chosen version beside the one that most of the changing devices have now. */
export function AgainstIncumbent({
  chosen,
  from,
  versions,
}: {
  chosen: VersionSummary
  from: OutputOf<'deployments.preview'>['from']
  versions: readonly VersionSummary[]
}) {
  const most = from.find(({ current }) => current !== null)
  const incumbent = most?.current == null ? null : versionNamed(versions, most.current.model, most.current.version)
  if (most === undefined || incumbent === null || incumbent.digest === chosen.digest) return null
  const metrics = orderMetrics(Object.keys(chosen.metrics))
    .filter((metric) => chosen.metrics[metric] != null && incumbent.metrics[metric] != null)
    .slice(0, MOST_METRICS)
  return (
    <div className={styles.incumbent}>
      <div>
        Against the incumbent{' '}
        <span className="foreign">
          {incumbent.model} {incumbent.version}
        </span>{' '}
        <span className="dim">on {plural(most.devices, 'device')}</span>
        {incumbent.model === chosen.model && (
          <>
            {' '}
            <RouteLink href={paths.compare(chosen.model, incumbent.version, chosen.version)}>Compare</RouteLink>
          </>
        )}
      </div>
      {metrics.length === 0 ? (
        <span className="dim">No metric was measured on both.</span>
      ) : (
        <div className={styles.metrics}>
          {metrics.map((metric) => (
            <span key={metric}>
              <span className="dim">{metricName(metric)}</span> {formatMetric(metric, incumbent.metrics[metric]!)} →{' '}
              <strong>{formatMetric(metric, chosen.metrics[metric]!)}</strong>{' '}
              <span className="dim">{formatDifference(metric, chosen.metrics[metric]! - incumbent.metrics[metric]!)}</span>
            </span>
          ))}
        </div>
      )}
    </div>
  )
}
