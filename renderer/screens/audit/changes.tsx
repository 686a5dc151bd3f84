import type { ChangeLine } from '../../../shared/domain/audit/change.ts'
import plain from '../../components/plain-table.module.css'
import styles from './audit.module.css'

/** Signs in front of the lines: colour is never the only carrier. */
const signs = { same: '', added: '+', removed: '−', changed: '~' } as const
const words = { same: 'as before', added: 'added', removed: 'no longer', changed: 'changed' } as const

/** The fields of what was asked for; those that differ from the time before show both. */
export function Changes({ lines }: { lines: readonly ChangeLine[] }) {
  if (lines.length === 0) return <p className={`${styles.note} dim`}>Nothing but the act itself.</p>
  return (
    <table className={`${plain.table} ${styles.changes}`}>
      <caption className="sr-only">Fields of what was asked for, and how they differ from the time before</caption>
      <thead className="sr-only">
        <tr>
          <th scope="col">Change</th>
          <th scope="col">Field</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.path} data-change={line.kind}>
            <td className={styles.sign}>
              <span aria-hidden="true">{signs[line.kind]}</span>
              <span className="sr-only">{words[line.kind]}</span>
            </td>
            <td className="mono foreign">{line.path === '' ? 'value' : line.path}</td>
            <td className="foreign">
              {(line.kind === 'changed' || line.kind === 'removed') && <del className={styles.before}>{line.before}</del>}
              {line.kind !== 'removed' && (line.kind === 'same' ? <span>{line.now}</span> : <ins className={styles.now}>{line.now}</ins>)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
