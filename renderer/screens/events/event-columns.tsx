import { Link as RouteLink } from 'wouter'
import type { Column } from '../../components/grid/column.ts'
import { formatClock, formatExact } from '../../components/format.ts'
import { StateMark } from '../../components/state-mark.tsx'
import { useNow } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { severityState } from '../devices/device-words.ts'
import type { FleetEvent } from './events-view.ts'
import styles from './events.module.css'

function Clock({ at }: { at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={formatExact(at)}>
      {formatClock(at, useNow())}
    </time>
  )
}

/** Severity of an event; what is only told needs no mark. */
export function Severity({ severity }: { severity: string }) {
  const state = severityState(severity)
  return state === null ? <span className="dim foreign">{severity}</span> : <StateMark state={state} word={severity} />
}

/** Columns of the fleet's events. */
export const eventColumns: readonly Column<FleetEvent>[] = [
  { id: 'at', title: 'Time', width: 112, cell: ({ at }) => <Clock at={at} />, text: ({ at }) => new Date(at).toISOString() },
  {
    id: 'severity',
    title: 'Severity',
    width: 90,
    cell: ({ severity }) => <Severity severity={severity} />,
    text: ({ severity }) => severity,
  },
  {
    id: 'device',
    title: 'Device',
    width: 170,
    cell: ({ device }) => (
      <RouteLink href={paths.device(device)} className={`${styles.device} mono`} title={device} tabIndex={-1}>
        {device}
      </RouteLink>
    ),
    text: ({ device }) => device,
  },
  {
    id: 'message',
    title: 'What happened',
    width: 560,
    cell: ({ message }) => (
      <span className={styles.message} title={message}>
        {message}
      </span>
    ),
    text: ({ message }) => message,
  },
  {
    id: 'name',
    title: 'Event',
    width: 180,
    cell: ({ name }) => <span className="mono dim foreign">{name}</span>,
    text: ({ name }) => name,
  },
  {
    id: 'code',
    title: 'Code',
    width: 180,
    cell: ({ code }) => <span className="mono dim foreign">{code}</span>,
    text: ({ code }) => code ?? '',
  },
]
