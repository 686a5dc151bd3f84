import { Copy } from '../../../components/copy.tsx'
import { formatClock } from '../../../components/format.ts'
import { StateMark } from '../../../components/state-mark.tsx'
import { Sentence, useNow } from '../../../components/time.tsx'
import type { RolloutEvent } from '../../../../shared/domain/rollout/event.ts'
import { EvidenceTable } from '../comparison/evidence-table.tsx'
import { eventText, eventWords, evidenceOf, reasonOf } from './event-words.ts'
import styles from './events.module.css'

/** A log: when, what, who, why, and the evidence as it was then. @param onDevice opens a device that is named */
export function EventList({
  label,
  events,
  isOfDevice = false,
  onDevice,
}: {
  label: string
  events: readonly RolloutEvent[]
  isOfDevice?: boolean
  onDevice?(device: string): void
}) {
  return (
    <ol className={styles.events} aria-label={label} data-narrow={isOfDevice || undefined}>
      {events.map((event) => (
        <Line key={event.seq} event={event} isOfDevice={isOfDevice} {...(onDevice === undefined ? {} : { onDevice })} />
      ))}
    </ol>
  )
}

function Line({ event, isOfDevice, onDevice }: { event: RolloutEvent; isOfDevice: boolean; onDevice?(device: string): void }) {
  const now = useNow()
  const { at, actor, device, wave, sentence } = event
  const { word, state } = eventWords(event)
  const reason = reasonOf(event)
  const evidence = evidenceOf(event)
  return (
    <li data-person={actor !== 'muster' || undefined}>
      <time dateTime={new Date(at).toISOString()} title={new Date(at).toISOString()}>
        {formatClock(at, now)}
      </time>
      <span className={styles.word}>
        {state === null ? <span className={styles.markless}>{word}</span> : <StateMark state={state} word={word} />}
      </span>
      <div className={styles.what}>
        <Sentence text={sentence} />
        {reason !== '' && <q className={styles.reason}>{reason}</q>}
        {evidence !== null && !isOfDevice && (
          <details>
            <summary>Evidence at that time</summary>
            <EvidenceTable evidence={evidence} />
          </details>
        )}
      </div>
      <span className={styles.who}>
        {device !== null && !isOfDevice && onDevice !== undefined && (
          <button type="button" className={styles.device} onClick={() => onDevice(device)}>
            {device}
          </button>
        )}
        {wave !== null && !isOfDevice && <span className="dim">wave {wave + 1}</span>}
        <span className={actor === 'muster' ? 'dim' : 'foreign'}>{actor === 'muster' ? 'by itself' : actor}</span>
      </span>
      <Copy value={eventText(event)} label="Copy this line" />
    </li>
  )
}
