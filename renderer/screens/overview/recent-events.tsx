import { Link as RouteLink } from 'wouter'
import { EmptyState } from '../../components/answered.tsx'
import { Section } from '../../components/screen.tsx'
import { StateMark, type State } from '../../components/state-mark.tsx'
import { Ago } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import styles from './overview.module.css'

/** What went as it should needs no mark: the others stand out by theirs. */
const stateOf = (severity: string): State | null => (severity === 'error' ? 'failed' : severity === 'warning' ? 'attention' : null)

/** What devices told lately, the newest first. */
export function RecentEvents({ events }: { events: OutputOf<'overview.show'>['recentEvents'] }) {
  return (
    <Section title="Recent events" actions={<RouteLink href={paths.events}>All events</RouteLink>}>
      {events.length === 0 && (
        <EmptyState title="No device has told of an event yet">Starts, activations and refusals show here.</EmptyState>
      )}
      <ol className={styles.events} aria-label="Recent events">
        {events.map((event, i) => {
          const state = stateOf(event.severity)
          return (
            <li key={`${event.at} ${event.device} ${event.name} ${i}`}>
              {state === null ? <span /> : <StateMark state={state} word={event.severity} isBare />}
              <RouteLink href={paths.device(event.device)} className={`mono foreign ${styles.eventDevice}`}>
                {event.device}
              </RouteLink>
              <span className="dim">
                <Ago at={event.at} />
              </span>
              <span className={`foreign ${styles.eventText}`} title={event.message}>
                {event.message}
              </span>
            </li>
          )
        })}
      </ol>
    </Section>
  )
}
