import { Button } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { formatCount, plural } from '../../../components/format.ts'
import { StateMark } from '../../../components/state-mark.tsx'
import { Sentence } from '../../../components/time.tsx'
import { paths } from '../../../data/paths.ts'
import type { RolloutDetail } from '../../../../shared/rpc/contract/rollouts.ts'
import { RolloutMark, VerdictMark } from '../list/rollout-marks.tsx'
import { actWords, type Act, type ActVerb } from './act-words.ts'
import { RolloutActs } from './rollout-acts.tsx'
import { Spent } from './rollout-facts.tsx'
import type { RolloutTab } from './rollout-view.ts'
import { StackedStates, StateWords } from './stacked-states.tsx'
import styles from './rollout.module.css'

/** State, verdict and what goes where, beside the name. */
export function RolloutMarks({ shown }: { shown: RolloutDetail }) {
  const { rollout, model, version, deployment } = shown
  return (
    <span className={styles.marks}>
      <RolloutMark of={shown} />
      {shown.verdict !== null && <VerdictMark verdict={shown.verdict} />}
      <span className={styles.what}>
        rollout {rollout}:{' '}
        <RouteLink href={paths.version(model, version)}>
          {model} {version}
        </RouteLink>{' '}
        to <RouteLink href={paths.deploymentPage(deployment)}>{deployment}</RouteLink>
      </span>
    </span>
  )
}

/** How a rollout stands in one sentence, what keeps it from going on with the act that helps, what can be done, and where all devices are. */
export function RolloutHead({ shown, tab, onAct }: { shown: RolloutDetail; tab: RolloutTab; onAct(act: Act): void }) {
  return (
    <div className={styles.head}>
      <div className={styles.standing}>
        <p className={styles.sentence} aria-live="polite">
          <Sentence text={ownSentence(shown)} />
        </p>
        <RolloutActs of={shown} onAct={(verb) => onAct({ verb })} />
      </div>
      <NeedsPerson shown={shown} tab={tab} onAct={onAct} />
      <Overridden shown={shown} />
      {shown.targeted > 0 && <WholeProgress shown={shown} />}
    </div>
  )
}

/** How it stands, without what holds it: that stands below, with what can be done about it. */
function ownSentence({ sentence, heldBy }: RolloutDetail): string {
  const own = heldBy === null ? sentence : sentence.replace(heldBy, '').trim()
  return own === '' ? sentence : own
}

function WholeProgress({ shown }: { shown: RolloutDetail }) {
  const { counts, committed, targeted, reached } = shown
  return (
    <div className={styles.progress}>
      <StackedStates counts={counts} label="Devices of the rollout" />
      <div className={styles.progressWords}>
        <span>
          <strong>{formatCount(committed)}</strong> of {formatCount(targeted)} committed, {formatCount(reached)} answered
        </span>
        <Spent shown={shown} />
        <StateWords counts={counts} />
      </div>
    </div>
  )
}

/** What a person may decide now, where something waits for them. */
function decisionsOf({ acts, wave, waveViews }: RolloutDetail, tab: RolloutTab): ActVerb[] {
  const isAtGate = wave !== null && waveViews[wave]?.state === 'at-gate'
  return [
    ...(acts.approve ? (['approve', 'refuse'] as const) : []),
    ...(acts.letThrough && isAtGate ? (['letThrough'] as const) : []),
    // The tab has them beside the evidence.
    ...(acts.promote && tab !== 'comparison' ? (['promote', 'discard'] as const) : []),
  ]
}

/** What holds it, or whose approval it waits for, with the acts for it right there. */
function NeedsPerson({ shown, tab, onAct }: { shown: RolloutDetail; tab: RolloutTab; onAct(act: Act): void }) {
  const { needsApproval, heldBy, acts, state, wave } = shown
  const verbs = decisionsOf(shown, tab)
  const reason = heldBy ?? (state === 'draft' || state === 'awaiting-approval' ? needsApproval : null)
  const isComparison = reason === null && acts.promote && tab !== 'comparison'
  if (reason === null && !isComparison) return null
  return (
    <div className={styles.held} role="group" aria-label="What it waits for" data-calm={isComparison || undefined}>
      {reason !== null && <StateMark state="attention" word={heldBy === null ? 'Needs approval' : 'Held'} />}
      <span className={styles.reason}>
        <Sentence text={reason ?? 'The comparison goes on until a person promotes or discards the version.'} />
      </span>
      <span className={styles.heldActs}>
        {verbs.map((verb) => (
          <Button
            key={verb}
            variant={verb === 'approve' ? 'filled' : 'default'}
            onClick={() => onAct(verb === 'letThrough' ? { verb, wave: wave ?? 0 } : { verb })}
          >
            {actWords(shown, { verb }).button}
          </Button>
        ))}
      </span>
    </div>
  )
}

/** Rollouts that outrank this one, with the devices that they have of its target. */
function Overridden({ shown: { overridden } }: { shown: RolloutDetail }) {
  if (overridden.length === 0) return null
  return (
    <p className={styles.overridden}>
      <StateMark state="attention" word="Outranked" />{' '}
      {overridden.map(({ rollout, name, devices }, i) => (
        <span key={rollout}>
          {i > 0 && '; '}
          <RouteLink href={paths.rollout(rollout)}>{name}</RouteLink> has {plural(devices, 'device')} of its target
        </span>
      ))}
    </p>
  )
}
