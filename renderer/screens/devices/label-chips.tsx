import { Link as RouteLink } from 'wouter'
import { paths } from '../../data/paths.ts'
import { quoted } from '../../../shared/domain/query/query.ts'
import styles from './devices.module.css'

/** Labels of a device; each leads to the devices that have the same. */
export function LabelChips({ labels }: { labels: Readonly<Record<string, string>> }) {
  const entries = Object.entries(labels)
  if (entries.length === 0) return <span className="dim">No labels</span>
  return (
    <span className={styles.labels}>
      {entries.map(([key, value]) => (
        <RouteLink
          key={key}
          href={paths.devices(value === '' ? `tag:${key}` : `label.${key} = ${quoted(value)}`)}
          className={`${styles.label} foreign`}
          title={`${key}=${value}`}
        >
          {key}
          {value !== '' && <span className={styles.labelValue}>{value}</span>}
        </RouteLink>
      ))}
    </span>
  )
}
