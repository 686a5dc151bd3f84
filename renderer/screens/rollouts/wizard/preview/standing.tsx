import { Link as RouteLink } from 'wouter'
import { plural } from '../../../../components/format.ts'
import { StateMark } from '../../../../components/state-mark.tsx'
import { paths } from '../../../../data/paths.ts'
import type { PlanPreview } from '../sections/section-props.ts'
import styles from './preview.module.css'

/** What stands between pressing Start and the first device: approval, an alert. */
export function Standing({ preview: { needsApproval, heldBy } }: { preview: Pick<PlanPreview, 'needsApproval' | 'heldBy'> }) {
  if (needsApproval === null && heldBy === null) return null
  return (
    <ul className={styles.standing} aria-label="What holds the rollout">
      {needsApproval !== null && (
        <li>
          <StateMark state="attention" word="Needs approval" />
          <span>{needsApproval}</span>
        </li>
      )}
      {heldBy !== null && (
        <li>
          <StateMark state="attention" word="Held" />
          <span>
            {heldBy} <RouteLink href={paths.alerts}>See the alerts</RouteLink>
          </span>
        </li>
      )}
    </ul>
  )
}

const winners = {
  this: 'this one has them',
  other: 'the other one has them',
} as const

/** Live rollouts to the same deployment that share devices with this one. */
export function Overlaps({ overlaps }: { overlaps: PlanPreview['overlaps'] }) {
  // Where neither wins the check says so as an error, at the priority.
  const decided = overlaps.filter(({ wins }) => wins !== 'neither')
  if (decided.length === 0) return null
  return (
    <ul className={styles.standing} aria-label="Other rollouts with the same devices">
      {decided.map(({ rollout, name, devices, wins }) => (
        <li key={rollout}>
          <StateMark state="attention" word="Overlap" />
          <span>
            {plural(devices, 'device is', 'devices are')} also in <RouteLink href={paths.rollout(rollout)}>{name}</RouteLink>:{' '}
            {wins === 'this' ? winners.this : winners.other}.
          </span>
        </li>
      ))}
    </ul>
  )
}

const EXAMPLES = 4

/** Devices that the query selects and the rollout passes over, with the reason. */
export function Skipped({ skipped }: { skipped: PlanPreview['skipped'] }) {
  const there = skipped.filter(({ devices }) => devices.length > 0)
  if (there.length === 0) return null
  return (
    <ul className={styles.standing} aria-label="Devices that are passed over">
      {there.map(({ reason, message, devices }) => (
        <li key={reason}>
          <StateMark state="offline" word="Passed over" />
          <span>
            {plural(devices.length, 'device')}: {message}{' '}
            {devices.slice(0, EXAMPLES).map((device, i) => (
              <span key={device}>
                {i > 0 && ', '}
                <RouteLink href={paths.device(device)} className="mono">
                  {device}
                </RouteLink>
              </span>
            ))}
            {devices.length > EXAMPLES && ' and others'}
          </span>
        </li>
      ))}
    </ul>
  )
}
