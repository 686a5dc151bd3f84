import { Button } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { ProblemBox } from '../../components/answered.tsx'
import { formatPercent, shortDigest, withClocks } from '../../components/format.ts'
import { Progress } from '../../components/progress.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { useNow } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { placeState, shortSentence } from './device-words.ts'
import styles from './device.module.css'

type Beside = NonNullable<OutputOf<'devices.show'>['slots'][number]['beside']>

const roleTitles = { shadow: 'Shadow', split: 'Split', staged: 'Staged' } as const

/** The second version of a deployment: what it does, how far it is, and how to promote or end it. */
export function BesideSlot({
  device,
  deployment,
  beside,
  onAct,
}: {
  device: string
  deployment: string
  beside: Beside
  onAct(verb: 'promote' | 'end-beside'): void
}) {
  const now = useNow()
  const { ordered, reported, isInRole, why } = beside
  const content = ordered ?? reported
  if (content === null) return null
  const problem = reported?.problem ?? null
  const shareOfBlocks = reported?.shareOfBlocks ?? null
  return (
    <section className={styles.beside} aria-label={`Beside ${deployment}`}>
      <span className={styles.slotTitle}>{roleTitles[content.role]} beside it</span>
      <RouteLink href={paths.version(content.model, content.version)} className={`${styles.version} foreign`}>
        {content.model} {content.version}
      </RouteLink>
      <span className="mono dim" title={content.digest}>
        {shortDigest(content.digest)}
      </span>
      <StateMark
        state={isInRole ? 'ok' : placeState(reported?.state ?? null, problem !== null)}
        word={isInRole ? workWord(content.role) : (reported?.state ?? 'ordered')}
      />
      <span className="dim foreign">{termWords(beside)}</span>
      <span className={styles.spacer} />
      {ordered !== null && (
        <>
          <Button size="compact-xs" component={RouteLink} href={paths.deploymentPage(deployment)}>
            Compare
          </Button>
          <MayButton method="deployments.promote" size="compact-xs" disabled={!isInRole} onClick={() => onAct('promote')}>
            Promote
          </MayButton>
          <MayButton method="deployments.endBeside" size="compact-xs" onClick={() => onAct('end-beside')}>
            End it
          </MayButton>
        </>
      )}
      {shareOfBlocks !== null && (
        <div className={styles.fetching}>
          <Progress share={shareOfBlocks} label={`Fetching what stands beside ${deployment}`} />
          <span>{formatPercent(shareOfBlocks, 0)}</span>
        </div>
      )}
      {!isInRole && problem === null && <p className="dim foreign">{withClocks(shortSentence(device, why), now)}</p>}
      {problem !== null && (
        <div className={styles.besideProblem}>
          <ProblemBox problem={problem} />
        </div>
      )}
    </section>
  )
}

function workWord(role: keyof typeof roleTitles): string {
  return role === 'staged' ? 'ready' : 'at work'
}

function termWords({ ordered }: Beside): string {
  if (ordered?.percent != null) return `answers ${formatPercent(ordered.percent / 100, 0)} of the keys`
  return ordered?.cpuShare == null ? '' : `may use ${formatPercent(ordered.cpuShare, 0)} of one core`
}
