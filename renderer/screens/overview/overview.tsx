import { IconRocket } from '@tabler/icons-react'
import { Link as RouteLink } from 'wouter'
import { z } from 'zod'
import { Answered } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Screen } from '../../components/screen.tsx'
import { Ago } from '../../components/time.tsx'
import { paths, pathOf } from '../../data/paths.ts'
import { useUrlState } from '../../data/url-state.ts'
import { useQuery } from '../../data/use-query.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { Attention } from './attention.tsx'
import { Figures } from './figures.tsx'
import { FleetStrip } from './fleet-strip.tsx'
import { NoDevices } from './no-devices.tsx'
import { RecentEvents } from './recent-events.tsx'
import { Versions } from './versions.tsx'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './overview.module.css'

const view = z.object({
  period: z.enum(['1h', '24h']).default('1h'),
  as: z.enum(['requests', 'share']).default('requests'),
  attention: z.enum(['first', 'all']).default('first'),
})

/** The fleet at a glance: trouble first, then every device, what runs where, how it serves, and what happened lately. */
export function Overview() {
  const [state, change] = useUrlState(view)
  const answer = useQuery('overview.show', { period: state.period }, { keepsPrevious: true })
  const isEmpty = answer.data?.devices === 0
  return (
    <Screen
      title="Overview"
      beside={answer.data !== undefined && !isEmpty && <Sentence overview={answer.data} />}
      actions={
        !isEmpty && (
          <>
            <CopyAsCommand command="npm run -s muster -- overview" isIcon />
            <MayButton method="deployments.apply" href={paths.deploy()} leftSection={<IconRocket size={14} />}>
              New deployment
            </MayButton>
          </>
        )
      }
    >
      <Answered answer={answer}>
        {(overview) =>
          overview.devices === 0 ? (
            <NoDevices models={overview.models} />
          ) : (
            <div className={styles.columns}>
              <div className={styles.main}>
                <Attention
                  items={overview.needsAttention}
                  total={overview.attentionTotal}
                  at={overview.at}
                  isWhole={state.attention === 'all'}
                  onWhole={(isWhole) => change({ attention: isWhole ? 'all' : 'first' })}
                />
                <FleetStrip />
                <Versions overview={overview} period={state.period} as={state.as} onChange={change} />
              </div>
              <div className={styles.side}>
                <Figures figures={overview.figures} />
                <RecentEvents events={overview.recentEvents} />
              </div>
            </div>
          )
        }
      </Answered>
    </Screen>
  )
}

/** The fleet in one sentence; each part leads to what it speaks of. */
function Sentence({ overview }: { overview: OutputOf<'overview.show'> }) {
  return (
    <p className={styles.sentence}>
      {overview.sentence.map(({ text, target }, i) => (
        <span key={text}>
          {i > 0 && '; '}
          {target === null ? (
            <span className="foreign">{text}</span>
          ) : (
            <RouteLink href={pathOf(target)} className="foreign">
              {text}
            </RouteLink>
          )}
        </span>
      ))}
      <span className={styles.asOf}>
        <Ago at={overview.at} />
      </span>
    </p>
  )
}
