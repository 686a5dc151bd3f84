import { Link as RouteLink } from 'wouter'
import { StateMark } from '../../components/state-mark.tsx'
import { paths } from '../../data/paths.ts'
import styles from './deploy.module.css'

/** What approval lacks for an order, and where it is given. */
export function MissingApproval({ missing, of }: { missing: string; of: { model: string; version: string } }) {
  return (
    <div className={styles.held} role="group" aria-label="Approval is missing">
      <StateMark state="attention" word="This version may not be released" />
      <span className="foreign">{missing}</span>
      <RouteLink href={`${paths.version(of.model, of.version)}?tab=approval`}>See its approval</RouteLink>
    </div>
  )
}
