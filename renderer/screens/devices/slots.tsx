import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { EmptyState, ProblemBox } from '../../components/answered.tsx'
import { Copy } from '../../components/copy.tsx'
import {
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatExact,
  formatPercent,
  shortDigest,
  withClocks,
} from '../../components/format.ts'
import { Progress } from '../../components/progress.tsx'
import { Section } from '../../components/screen.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { Ago, useNow } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { isProblemCode } from '../../../shared/domain/problem.ts'
import { problems } from '../../../shared/domain/problems.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { BesideDialog, type BesideAct } from '../deployments/revert-dialog.tsx'
import { RolloutsOfDevice } from '../rollouts/devices/rollouts-of-device.tsx'
import { MayButton } from '../../shell/may-button.tsx'
import { BesideSlot } from './beside-slot.tsx'
import { shortSentence } from './device-words.ts'
import { PlaceMark } from './place-mark.tsx'
import { idQuery } from './selection-query.ts'
import styles from './device.module.css'

type Slot = OutputOf<'devices.show'>['slots'][number]
type Content = NonNullable<Slot['active']>

/** What the device runs, per deployment: what serves, what is being tried, what it could return to. */
export function Slots({ shown }: { shown: OutputOf<'devices.show'> }) {
  const [asked, ask] = useState<BesideAct | null>(null)
  return (
    <Section title="Deployments">
      {shown.lock !== null && <Lock lock={shown.lock} />}
      <RolloutsOfDevice device={shown.device} />
      <BesideDialog asked={asked} onClose={() => ask(null)} />
      {shown.slots.length === 0 ? (
        <EmptyState
          title="Nothing was ordered of this device yet"
          actions={
            <MayButton method="deployments.apply" href={paths.deploy({ query: idQuery([shown.device]) })} variant="filled">
              Deploy a model here
            </MayButton>
          }
        >
          It is enrolled and serves no model.
        </EmptyState>
      ) : (
        <div className={styles.deployments}>
          {shown.slots.map((slot) => (
            <Deployment key={slot.deployment} device={shown.device} isOnline={shown.status === 'online'} slot={slot} onAct={ask} />
          ))}
        </div>
      )}
    </Section>
  )
}

function Watch({ watch: { inferences, wanted, failed, notFinite } }: { watch: NonNullable<Slot['watch']> }) {
  const bad = [...(failed === 0 ? [] : [`${failed} failed`]), ...(notFinite === 0 ? [] : [`${notFinite} with NaN`])]
  return (
    <div className={styles.fetching}>
      <Progress share={wanted === 0 ? 1 : Math.min(1, inferences / wanted)} label="Probation" />
      <span>
        on probation: {formatCount(inferences)} of {formatCount(wanted)}
        {bad.length === 0 ? '' : `, ${bad.join(', ')}`}
      </span>
    </div>
  )
}

/** What a device reports, with what a person does about it. */
function withHint(problem: { code: string; message: string }): { code: string; message: string; hint?: string } {
  return isProblemCode(problem.code) ? { ...problem, hint: problems[problem.code].hint } : problem
}

function Lock({ lock }: { lock: NonNullable<OutputOf<'devices.show'>['lock']> }) {
  const now = useNow()
  return (
    <p className={styles.lock} role="status">
      <StateMark state={lock.until > now ? 'attention' : 'offline'} word={lock.until > now ? 'Locked' : 'Lock is over'} />
      <span className="foreign">
        {lock.reason}; nothing is activated until <time title={formatExact(lock.until)}>{formatClock(lock.until, now)}</time>, downloads go
        on.
      </span>
    </p>
  )
}

function Deployment({ device, isOnline, slot, onAct }: { device: string; isOnline: boolean; slot: Slot; onAct(asked: BesideAct): void }) {
  const now = useNow()
  const act = (verb: BesideAct['verb']): void => onAct({ verb, deployment: slot.deployment, query: idQuery([device]), where: device })
  const { deployment, state, why, problem, ordered, active, candidate, lastGood, shareOfBlocks, bytesReceived } = slot
  return (
    <section aria-label={`Deployment ${deployment}`}>
      <div className={styles.slotHead}>
        <h3 className="mono foreign">
          <RouteLink href={paths.deploymentPage(deployment)}>{deployment}</RouteLink>
        </h3>
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
        <Box title="Active" content={active} empty="Serves nothing">
          {slot.watch !== null && <Watch watch={slot.watch} />}
        </Box>
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
        <Box title="Last good" content={lastGood} empty="Nothing to return to">
          {lastGood !== null && active !== null && ordered?.digest === active.digest && (
            <div>
              <MayButton method="deployments.revert" size="compact-xs" onClick={() => act('revert')}>
                Revert to it
              </MayButton>
            </div>
          )}
        </Box>
      </div>
      {slot.beside !== null && <BesideSlot device={device} deployment={deployment} beside={slot.beside} onAct={act} />}
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
