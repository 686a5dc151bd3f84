import { formatClock, formatExact } from '../../components/format.ts'
import { StateMark } from '../../components/state-mark.tsx'
import { useNow } from '../../components/time.tsx'
import type { HistoryEntry } from '../../../shared/rpc/contract/devices.ts'
import { severityState } from './device-words.ts'
import styles from './devices.module.css'

/** What happened, the newest first: when, how severe, in words, by whom. */
export function EntryList({ label, entries, empty }: { label: string; entries: readonly HistoryEntry[]; empty: string }) {
  const now = useNow()
  if (entries.length === 0) return <p className="dim">{empty}</p>
  return (
    <ol className={styles.entries} aria-label={label}>
      {entries.map((entry, index) => {
        const state = severityState(entry.severity)
        return (
          <li key={`${entry.at} ${entry.name} ${index}`}>
            <time dateTime={new Date(entry.at).toISOString()} title={formatExact(entry.at)}>
              {formatClock(entry.at, now)}
            </time>
            <span className={styles.entryMark}>{state !== null && <StateMark state={state} word={entry.severity} isBare />}</span>
            <span className={styles.entryText}>
              <span className="foreign">{entry.message === '' ? entry.name : entry.message}</span>
              <span className="dim">
                <span className="mono foreign">{entry.name}</span>
                {entry.code !== null && <span className="mono foreign"> {entry.code}</span>}
                {entry.actor !== null && <span className="foreign"> by {entry.actor}</span>}
              </span>
            </span>
          </li>
        )
      })}
    </ol>
  )
}
