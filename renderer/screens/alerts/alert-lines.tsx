import { Link as RouteLink } from 'wouter'
import { Ago } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery } from '../../data/use-query.ts'
import { AlertStateMark, QuietMarks, SeverityMark } from './alert-marks.tsx'
import { sinceOf } from './alert-words.ts'
import styles from './alerts.module.css'

/** More than these would push the page down; the rest is one link away. */
const MOST_LINES = 3

/** Open alerts of a device or a deployment, one line each, at the top of its page; nothing where there is none. */
export function AlertLines({ of }: { of: { device: string } | { deployment: string } }) {
  const answer = useQuery('alerts.list', { ...of, state: 'firing', limit: 100 })
  const alerts = answer.data?.alerts ?? []
  if (alerts.length === 0) return null
  const query = 'device' in of ? `?${new URLSearchParams({ query: `id = "${of.device}"` }).toString()}` : ''
  return (
    <ul className={styles.lines} aria-label="Open alerts">
      {alerts.slice(0, MOST_LINES).map((alert) => (
        <li key={alert.alert}>
          <SeverityMark severity={alert.severity} />
          <RouteLink href={paths.alert(alert.alert)} className={styles.oneLine} title={alert.sentence}>
            {alert.sentence}
          </RouteLink>
          <span>
            <QuietMarks alert={alert} />
            <AlertStateMark state={alert.state} />{' '}
            <span className="dim">
              <Ago at={sinceOf(alert)} />
            </span>
          </span>
        </li>
      ))}
      {alerts.length > MOST_LINES && (
        <li>
          <span />
          <RouteLink href={`${paths.alerts}${query}`}>{alerts.length - MOST_LINES} more</RouteLink>
        </li>
      )}
    </ul>
  )
}
