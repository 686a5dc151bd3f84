import { Link as RouteLink } from 'wouter'
import { EmptyState, ProblemBox } from '../../components/answered.tsx'
import { ChartGroup } from '../../components/charts/chart-group.tsx'
import { plural } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { Ago } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery } from '../../data/use-query.ts'
import type { Alert, AlertSeverity } from '../../../shared/domain/alert.ts'
import { hasModelMeasures } from '../devices/chart-data.ts'
import { ModelCharts } from '../devices/model-charts.tsx'
import { alertMarks } from './alert-marks.ts'
import { devicesOf, periods } from './monitoring-view.ts'
import { ChartsWaiting } from './waiting.tsx'
import { EVERY_MS, type TabProps } from './tab-props.ts'
import styles from './version.module.css'

const severityStates: Record<AlertSeverity, 'failed' | 'attention' | 'working'> = {
  critical: 'failed',
  warning: 'attention',
  info: 'working',
}
const MOST_LISTED = 8

/** Traffic over time: latency as a band, throughput, errors by cause, findings; alerts are marked on every time axis. */
export function HealthTab({ of, view, span }: TabProps) {
  const scope = devicesOf(view)
  const asked = { ...span, buckets: periods[view.period].buckets, ...of }
  // Over the whole fleet the sums per minute answer; they are there for any number of devices.
  const isFleet = !('device' in scope) && scope.query === ''
  const ofFleet = useQuery('telemetry.fleetSeries', asked, { enabled: isFleet, keepsPrevious: true, everyMs: EVERY_MS })
  const ofSome = useQuery('telemetry.series', { ...asked, ...scope }, { enabled: !isFleet, keepsPrevious: true, everyMs: EVERY_MS })
  const answer = isFleet ? ofFleet : ofSome
  const alerts = useAlertsOf(of.deployment, view.device, span.from)
  const series = answer.data?.series[0]
  return (
    <div className={styles.body}>
      {answer.error !== null && (
        <ProblemBox problem={answer.error} onRetry={() => void answer.refetch()} isOverData={answer.data !== undefined} />
      )}
      {answer.data === undefined && answer.error === null && <ChartsWaiting count={4} />}
      {answer.data !== undefined &&
        (hasModelMeasures(series) ? (
          <ChartGroup marks={alertMarks(alerts)}>
            <div className={styles.charts}>
              <ModelCharts grid={answer.data} span={span} series={series} />
            </div>
          </ChartGroup>
        ) : (
          <EmptyState title={`No request was answered in the last ${periods[view.period].title}`}>
            Measures come with the windows that devices close. Choose a longer period, or other devices.
          </EmptyState>
        ))}
      <AlertsOfPeriod alerts={alerts} />
    </div>
  )
}

function useAlertsOf(deployment: string, device: string, from: number): readonly Alert[] {
  // What began before the period may go on within it: a day is looked back.
  const asked = { state: 'all' as const, deployment, ...(device === '' ? {} : { device }), from: from - 86_400_000, limit: 100 }
  return useQuery('alerts.list', asked, { keepsPrevious: true }).data?.alerts ?? []
}

function AlertsOfPeriod({ alerts }: { alerts: readonly Alert[] }) {
  const fired = alerts.filter(({ state }) => state !== 'pending')
  if (fired.length === 0) return null
  return (
    <Section title={plural(fired.length, 'alert')} actions={<RouteLink href={paths.alerts}>All alerts</RouteLink>}>
      <ul className={styles.alerts}>
        {fired.slice(0, MOST_LISTED).map(({ alert, severity, state, ruleName, sentence, firedAt }) => (
          <li key={alert}>
            <StateMark state={state === 'resolved' ? 'offline' : severityStates[severity]} word={state} />
            <RouteLink href={paths.alert(alert)} className="foreign">
              {ruleName}
            </RouteLink>
            <span className="foreign" title={sentence}>
              {sentence}
            </span>
            <Ago at={firedAt} />
          </li>
        ))}
      </ul>
    </Section>
  )
}
