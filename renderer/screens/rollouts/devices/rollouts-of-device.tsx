import { Link as RouteLink } from 'wouter'
import { StateMark } from '../../../components/state-mark.tsx'
import { Sentence } from '../../../components/time.tsx'
import { paths } from '../../../data/paths.ts'
import { useQuery } from '../../../data/use-query.ts'
import { reasonState, shownExplanations } from './shown-explanations.ts'
import styles from './devices.module.css'

/** Why a device is where it is, for each deployment that a rollout is about: the one sentence, what would change it, and the rollout. */
export function RolloutsOfDevice({ device }: { device: string }) {
  const shown = shownExplanations(useQuery('rollouts.explain', { device }).data?.explanations ?? [])
  if (shown.length === 0) return null
  return (
    <ul className={styles.explained} aria-label="Rollouts of the device">
      {shown.map(({ deployment, rollout, reason, sentence, change }) => (
        <li key={deployment}>
          <StateMark state={reasonState(reason)} word={deployment} />
          <span>
            <Sentence text={sentence} />
            {change !== null && (
              <span className="dim">
                {' '}
                <Sentence text={change} />
              </span>
            )}
          </span>
          {rollout !== null && (
            <RouteLink href={`${paths.rollout(rollout)}?${new URLSearchParams({ tab: 'devices', device }).toString()}`}>
              Rollout {rollout}
            </RouteLink>
          )}
        </li>
      ))}
    </ul>
  )
}
