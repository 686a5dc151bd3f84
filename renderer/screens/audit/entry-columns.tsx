import { formatClock, formatCount, formatExact } from '../../components/format.ts'
import type { Column } from '../../components/grid/column.ts'
import { useNow } from '../../components/time.tsx'
import type { ListedEntry } from './audit-view.ts'
import styles from './audit.module.css'

function Clock({ at }: { at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={formatExact(at)}>
      {formatClock(at, useNow())}
    </time>
  )
}

/** The devices of an entry in short. */
export function devicesText({ devices, device }: Pick<ListedEntry, 'devices' | 'device'>): string {
  if (device === null) return ''
  return devices === 1 ? device : `${device} and ${devices - 1} more`
}

const cut = (text: string, className = '') => (
  <span className={`${styles.cut} foreign ${className}`} title={text}>
    {text}
  </span>
)

/** Columns of the log. */
export const entryColumns: readonly Column<ListedEntry>[] = [
  { id: 'seq', title: 'Entry', width: 84, isNumeric: true, cell: ({ seq }) => formatCount(seq), text: ({ seq }) => String(seq) },
  { id: 'at', title: 'Time', width: 124, cell: ({ at }) => <Clock at={at} />, text: ({ at }) => new Date(at).toISOString() },
  { id: 'actor', title: 'By', width: 150, cell: ({ actor }) => cut(actor), text: ({ actor }) => actor },
  { id: 'action', title: 'Action', width: 200, cell: ({ action }) => cut(action, 'mono'), text: ({ action }) => action },
  { id: 'devices', title: 'Devices', width: 170, cell: (row) => cut(devicesText(row), 'mono'), text: devicesText },
  {
    id: 'summary',
    title: 'What',
    width: 460,
    cell: ({ summary, isRedacted }) => (isRedacted ? <span className="dim">Made unreadable; its hashes stand</span> : cut(summary)),
    text: ({ summary, isRedacted }) => (isRedacted ? '(erased)' : summary),
  },
]
