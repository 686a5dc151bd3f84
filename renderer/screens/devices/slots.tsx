import { Button } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { EmptyState, ProblemBox } from '../../components/answered.tsx'
import { Copy } from '../../components/copy.tsx'
import { formatBytes, formatDuration, formatExact, formatPercent, shortDigest, withClocks } from '../../components/format.ts'
import { Progress } from '../../components/progress.tsx'
import { Section } from '../../components/screen.tsx'
import { Ago, useNow } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { isProblemCode } from '../../../shared/domain/problem.ts'
import { problems } from '../../../shared/domain/problems.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { shortSentence } from './device-words.ts'
import { PlaceMark } from './place-mark.tsx'
import { idQuery } from './selection-query.ts'
import styles from './device.module.css'

type Slot = OutputOf<'devices.show'>['slots'][number]
type Content = NonNullable<Slot['active']>

/** What the device runs, per deployment: what serves, what is being tried, what it could return to. */
export function Slots({ shown }: { shown: OutputOf<'devices.show'> }) {
  return (
    <Section title="Deployments">
      {shown.slots.length === 0 ? (
        <EmptyState
          title="Nothing was ordered of this device yet"
          actions={
            <Button component={RouteLink} href={paths.deploy({ query: idQuery([shown.device]) })} variant="filled">
              Deploy a model here
            </Button>
          }
        >
          It is enrolled and serves no model.
        </EmptyState>
      ) : (
        <div className={styles.deployments}>
          {shown.slots.map((slot) => (
            <Deployment key={slot.deployment} device={shown.device} isOnline={shown.status === 'online'} slot={slot} />
          ))}
        </div>
      )}
    </Section>
  )
}

/** What a device reports, with what a person does about it. */
function withHint(problem: { code: string; message: string }): { code: string; message: string; hint?: string } {
  return isProblemCode(problem.code) ? { ...problem, hint: problems[problem.code].hint } : problem
}

function Deployment({ device, isOnline, slot }: { device: string; isOnline: boolean; slot: Slot }) {
  const now = useNow()
  const { deployment, state, why, problem, ordered, active, candidate, lastGood, shareOfBlocks, bytesReceived } = slot
  return (
    <section aria-label={`Deployment ${deployment}`}>
      <div className={styles.slotHead}>
        <h3 className="mono foreign">{deployment}</h3>
        <PlaceMark state={state} hasProblem={problem !== null} isOnline={isOnline} />
        <span className={`${styles.why} foreign`} title={why}>
          {/* The box below the slots says it, with what to do. */}
          {problem === null && withClocks(shortSentence(device, why), now)}
        </span>
        {ordered !== null && (
          <span className="dim">
            ordered {ordered.model} {ordered.version} <Ago at={ordered.orderedAt} />
          </span>
        )}
        {ordered === null && <span className="dim">not ordered any more</span>}
      </div>
      <div className={styles.slots}>
        <Box title="Active" content={active} empty="Serves nothing" />
        <Box title="Candidate" content={candidate} empty="Nothing is being tried">
          {shareOfBlocks !== null && (
            <div className={styles.fetching}>
              <Progress share={shareOfBlocks} label={`Fetching ${deployment}`} />
              <span>
                {formatPercent(shareOfBlocks, 0)}
                {bytesReceived === null ? '' : `, ${formatBytes(bytesReceived)} received`}
              </span>
            </div>
          )}
        </Box>
        <Box title="Last good" content={lastGood} empty="Nothing to return to" />
      </div>
      {problem !== null && (
        <div className={styles.slotProblem}>
          <ProblemBox problem={withHint(problem)} />
        </div>
      )}
    </section>
  )
}

function Box({ title, content, empty, children }: { title: string; content: Content | null; empty: string; children?: React.ReactNode }) {
  const now = useNow()
  return (
    <div className={styles.slot} data-empty={content === null || undefined}>
      <span className={styles.slotTitle}>
        <span>{title}</span>
        {content !== null && (
          <time dateTime={new Date(content.since).toISOString()} title={`Since ${formatExact(content.since)}`}>
            for {formatDuration(now - content.since)}
          </time>
        )}
      </span>
      {content === null ? (
        <span className="dim">{empty}</span>
      ) : (
        <>
          <RouteLink href={paths.version(content.model, content.version)} className={`${styles.version} foreign`}>
            {content.model} {content.version}
          </RouteLink>
          <span className={styles.fingerprint}>
            <span className="mono dim" title={content.digest}>
              {shortDigest(content.digest)}
            </span>
            <Copy value={content.digest} label="Copy the fingerprint" />
          </span>
        </>
      )}
      {children}
    </div>
  )
}
