import { IconArrowBackUp, IconRocket, IconStairsUp } from '@tabler/icons-react'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { z } from 'zod'
import { Answered, EmptyState } from '../../components/answered.tsx'
import { CopyAsCommand, shellWord } from '../../components/copy.tsx'
import { formatCount, plural } from '../../components/format.ts'
import { Screen, Section } from '../../components/screen.tsx'
import { StateBar } from '../../components/state-bar.tsx'
import { paths } from '../../data/paths.ts'
import { useUrlState } from '../../data/url-state.ts'
import { useQuery } from '../../data/use-query.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { LiveRollouts } from '../rollouts/list/live-rollouts.tsx'
import { AlertLines } from '../alerts/alert-lines.tsx'
import { ActiveOfOrdered } from './active-of-ordered.tsx'
import { FallbackSection } from './fallback.tsx'
import { BesideDialog, type BesideAct } from './revert-dialog.tsx'
import { ShadowComparisons } from './shadow-comparison.tsx'
import { VersionsBeside } from './versions-beside.tsx'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './deployment.module.css'

type InUse = OutputOf<'deployments.list'>['deployments'][number]

const view = z.object({ period: z.enum(['1h', '6h', '24h', '7d']).default('24h') })

/** One deployment: its versions, what stands beside the active one, and how the two compare. */
export function Deployment({ deployment }: { deployment: string }) {
  const [{ period }, change] = useUrlState(view)
  const [asked, ask] = useState<BesideAct | null>(null)
  const answer = useQuery('deployments.list', {})
  const one = answer.data?.deployments.find((found) => found.deployment === deployment)
  const act = (verb: BesideAct['verb']): void => ask({ verb, deployment, query: '', where: 'all devices that have it' })
  return (
    <Screen
      title={deployment}
      actions={
        <>
          <CopyAsCommand command={`npm run -s muster -- deployments compare ${shellWord(deployment)}`} isIcon />
          {one !== undefined && (
            <MayButton method="deployments.revert" leftSection={<IconArrowBackUp size={14} />} onClick={() => act('revert')}>
              Revert to last good
            </MayButton>
          )}
          <MayButton
            method="deployments.apply"
            href={paths.deploy({ deployment, ...(one?.versions[0] === undefined ? {} : { model: one.versions[0].model }) })}
            leftSection={<IconRocket size={14} />}
          >
            Deploy another version
          </MayButton>
          <MayButton
            method="rollouts.create"
            href={paths.newRollout({ deployment, ...(one?.versions[0] === undefined ? {} : { model: one.versions[0].model }) })}
            variant="filled"
            leftSection={<IconStairsUp size={14} />}
          >
            Start rollout
          </MayButton>
        </>
      }
    >
      <Answered answer={answer}>
        {() =>
          one === undefined ? (
            <EmptyState
              title={`Nothing is deployed as ${deployment}`}
              actions={<RouteLink href={paths.deployment(deployment)}>See its orders</RouteLink>}
            >
              It was taken off, or never ordered.
            </EmptyState>
          ) : (
            <div className={styles.page}>
              <AlertLines of={{ deployment }} />
              <LiveRollouts deployment={deployment} />
              <Versions one={one} />
              <Beside one={one} onAct={act} />
              <FallbackSection deployment={deployment} models={[...new Set(one.versions.map(({ model }) => model))]} />
              <VersionsBeside deployment={deployment} beside={one.beside} period={period} onPeriod={(next) => change({ period: next })} />
              <ShadowComparisons deployment={deployment} isExpected={one.beside.some(({ role }) => role === 'shadow')} />
            </div>
          )
        }
      </Answered>
      <BesideDialog asked={asked} onClose={() => ask(null)} />
    </Screen>
  )
}

function Versions({ one }: { one: InUse }) {
  return (
    <Section title="Active" actions={<RouteLink href={paths.deployment(one.deployment)}>Its orders</RouteLink>}>
      <StateBar
        label={`Devices of ${one.deployment}`}
        parts={[
          { state: 'ok', word: 'as ordered', count: one.converged },
          { state: 'working', word: 'working', count: one.working },
          { state: 'offline', word: 'offline', count: one.waiting },
          { state: 'failed', word: 'refused', count: one.failed },
        ]}
      />
      {one.versions.map(({ model, version, digest, desired, active }) => (
        <div key={digest} className={styles.version}>
          <RouteLink href={paths.version(model, version)} className="foreign">
            {model} {version}
          </RouteLink>
          <ActiveOfOrdered title={`${model} ${version}`} active={active} desired={desired} />
        </div>
      ))}
    </Section>
  )
}

function Beside({ one, onAct }: { one: InUse; onAct(verb: BesideAct['verb']): void }) {
  const isThere = one.beside.length > 0
  return (
    <Section
      title="Beside it"
      actions={
        isThere && (
          <>
            <MayButton method="deployments.endBeside" onClick={() => onAct('end-beside')}>
              End it
            </MayButton>
            <MayButton
              method="deployments.promote"
              onClick={() => onAct('promote')}
              disabled={one.beside.every(({ working }) => working === 0)}
            >
              Promote
            </MayButton>
          </>
        )
      }
    >
      {isThere ? (
        one.beside.map(({ role, model, version, digest, desired, working }) => (
          <div key={`${role} ${digest}`} className={styles.version}>
            <RouteLink href={paths.version(model, version)} className="foreign">
              {model} {version}
            </RouteLink>
            <span>
              {role}, {role === 'staged' ? 'ready' : 'at work'} on {formatCount(working)} of {plural(desired, 'device')}
            </span>
          </div>
        ))
      ) : (
        <p className="dim">
          Nothing. A version can be deployed as shadow, split or staged beside the active one, to try it before it takes over.
        </p>
      )}
    </Section>
  )
}
