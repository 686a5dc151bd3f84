import { Link as RouteLink } from 'wouter'
import { Section } from '../../../components/screen.tsx'
import { Sentence } from '../../../components/time.tsx'
import { paths } from '../../../data/paths.ts'
import { useQuery } from '../../../data/use-query.ts'
import { RolloutMark } from './rollout-marks.tsx'
import { shownChoices } from './rollouts-view.ts'
import { WaveProgress } from './wave-progress.tsx'
import styles from './rollouts.module.css'

/** Live rollouts to a deployment, for its page; nothing where there are none. */
export function LiveRollouts({ deployment }: { deployment: string }) {
  const rollouts = useQuery('rollouts.list', { state: [...shownChoices.live.states], deployment }).data?.rollouts ?? []
  if (rollouts.length === 0) return null
  return (
    <Section title="Rollouts under way" actions={<RouteLink href={paths.rollouts({ deployment })}>All of its rollouts</RouteLink>}>
      <ul className={styles.underWay}>
        {rollouts.map((one) => (
          <li key={one.rollout}>
            <RouteLink href={paths.rollout(one.rollout)} className="foreign">
              {one.name}
            </RouteLink>
            <RolloutMark of={one} />
            <WaveProgress of={one} />
            <span className="dim">
              <Sentence text={one.heldBy ?? one.sentence} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}
