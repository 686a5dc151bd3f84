import { Group, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { formatDuration } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { Ago } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { AlertStateMark, SeverityMark } from './alert-marks.tsx'
import { useAlertActs } from './use-alert-acts.ts'
import styles from './alerts.module.css'

type Shown = OutputOf<'alerts.show'>
type AlertEvent = Shown['events'][number]

const eventWords: Record<AlertEvent['kind'], string> = {
  pending: 'Began to hold',
  firing: 'Fired',
  resolved: 'Resolved',
  acknowledged: 'Acknowledged',
  unacknowledged: 'Acknowledgement taken back',
  silenced: 'Silenced',
  unsilenced: 'Silence over',
  note: 'Note',
  told: 'Told',
  'not-told': 'Not told',
}

/** Everything that happened to an alert, the newest first, and a line to add to it. */
export function AlertEvents({ shown }: { shown: Shown }) {
  const events = [...shown.events].sort((left, right) => right.at - left.at)
  return (
    <Section title="History">
      <AddNote alert={shown.alert.alert} />
      <ol className={styles.events} aria-label="History of the alert">
        {events.map((event, i) => (
          <li key={`${event.at} ${event.kind} ${i}`}>
            <span className="dim">
              <Ago at={event.at} />
            </span>
            <div>
              <strong>{eventWords[event.kind]}</strong> <span className="dim foreign">{byWords(event)}</span>
              {event.message !== '' && <p className="foreign">{event.message}</p>}
            </div>
          </li>
        ))}
      </ol>
    </Section>
  )
}

function byWords({ kind, by }: AlertEvent): string {
  if (by === '') return ''
  return kind === 'told' || kind === 'not-told' ? `by channel ${by}` : `by ${by}`
}

function AddNote({ alert }: { alert: number }) {
  const [text, setText] = useState('')
  const acts = useAlertActs()
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (text.trim() !== '')
          void acts.note(alert, text.trim()).then(
            () => setText(''),
            () => undefined,
          )
      }}
    >
      <Group gap="xs" wrap="nowrap">
        <TextInput
          aria-label="Note for the history"
          placeholder="Add a note: what was found, what was done"
          value={text}
          maxLength={2000}
          onChange={(event) => setText(event.currentTarget.value)}
          style={{ flex: 1 }}
        />
        <MayButton method="alerts.note" type="submit" disabled={text.trim() === ''} loading={acts.isBusy}>
          Add note
        </MayButton>
      </Group>
    </form>
  )
}

/** Others of its group that are open: often one cause. */
export function AlertOthers({ shown }: { shown: Shown }) {
  if (shown.others.length === 0) return null
  return (
    <Section title={`Open with it: ${shown.others.length}`}>
      <ul className={styles.events} aria-label="Open alerts of the same group">
        {shown.others.map((other) => (
          <li key={other.alert}>
            <SeverityMark severity={other.severity} />
            <RouteLink href={paths.alert(other.alert)} className="foreign">
              {other.sentence}
            </RouteLink>
          </li>
        ))}
      </ul>
    </Section>
  )
}

/** Earlier alerts of the same rule about the same thing. */
export function AlertEarlier({ shown }: { shown: Shown }) {
  if (shown.before.length === 0) return null
  return (
    <Section title={`Earlier: ${shown.before.length}`}>
      <ul className={styles.events} aria-label="Earlier alerts of the same rule and subject">
        {shown.before.map(({ alert, startedAt, resolvedAt, state }) => (
          <li key={alert}>
            <span className="dim">
              <Ago at={startedAt} />
            </span>
            <span>
              <RouteLink href={paths.alert(alert)}>Alert {alert}</RouteLink> <AlertStateMark state={state} />
              {resolvedAt !== null && <span className="dim"> after {formatDuration(resolvedAt - startedAt)}</span>}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}
