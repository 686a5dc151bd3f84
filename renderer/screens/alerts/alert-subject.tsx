import { Link as RouteLink } from 'wouter'
import { paths } from '../../data/paths.ts'
import type { AlertSubject as Subject } from '../../../shared/domain/alert.ts'
import styles from './alerts.module.css'

/** Whom an alert concerns, each part a link to its page. @param isReached by Tab, too; not within the rows of a list */
export function AlertSubject({ subject, isReached = false }: { subject: Subject; isReached?: boolean }) {
  const { device, deployment, model, version, feature } = subject
  const tab = isReached ? {} : { tabIndex: -1 }
  const parts: { key: string; part: React.ReactNode }[] = []
  if (device !== null)
    parts.push({
      key: 'device',
      part: (
        <RouteLink href={paths.device(device)} className="mono foreign" {...tab}>
          {device}
        </RouteLink>
      ),
    })
  if (deployment !== null)
    parts.push({
      key: 'deployment',
      part: (
        <RouteLink href={paths.deploymentPage(deployment)} className="foreign" {...tab}>
          {deployment}
        </RouteLink>
      ),
    })
  if (model !== null && version !== null)
    parts.push({
      key: 'version',
      part: (
        <RouteLink href={paths.version(model, version)} className="foreign" {...tab}>
          {model === deployment ? version : `${model} ${version}`}
        </RouteLink>
      ),
    })
  if (feature !== null) parts.push({ key: 'feature', part: <span className="mono foreign">{feature}</span> })
  if (parts.length === 0) return <span className="dim">the fleet</span>
  return (
    <span className={styles.subject}>
      {parts.map(({ key, part }) => (
        <span key={key}>{part}</span>
      ))}
    </span>
  )
}
