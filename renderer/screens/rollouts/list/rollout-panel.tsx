import { Button } from '@mantine/core'
import { IconCopy, IconPencil } from '@tabler/icons-react'
import { Link as RouteLink } from 'wouter'
import { Answered } from '../../../components/answered.tsx'
import { Facts } from '../../../components/facts.tsx'
import { formatBytes, formatDuration, plural } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { SidePanel } from '../../../components/side-panel.tsx'
import { Portion } from '../../../components/state-bar.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { Ago, Sentence, useNow } from '../../../components/time.tsx'
import { paths } from '../../../data/paths.ts'
import { useQuery } from '../../../data/use-query.ts'
import type { RolloutDetail, WaveView } from '../../../../shared/rpc/contract/rollouts.ts'
import { waveMarkOf, waveTitle } from '../live/rollout-words.ts'
import { RolloutMark, VerdictMark } from './rollout-marks.tsx'
import { lastedMs, methodOf } from './rollout-words.ts'
import { WaveProgress } from './wave-progress.tsx'
import { MayButton } from '../../../shell/may-button.tsx'
import styles from './rollouts.module.css'

/** A rollout beside the list: how it stands, its waves with what each gate waits for, its facts. */
export function RolloutPanel({ rollout, onClose }: { rollout: number; onClose(): void }) {
  const answer = useQuery('rollouts.show', { rollout }, { keepsPrevious: true })
  const shown = answer.data
  const isDraft = shown?.state === 'draft'
  return (
    <SidePanel
      title={shown?.name ?? `Rollout ${rollout}`}
      fullPath={isDraft ? paths.newRollout({ rollout }) : paths.rollout(rollout)}
      onClose={onClose}
    >
      <Answered answer={answer}>
        {(detail) => (
          <>
            <div className={styles.head}>
              <div className={styles.marks}>
                <RolloutMark of={detail} />
                <WaveProgress of={detail} />
                {detail.verdict !== null && <VerdictMark verdict={detail.verdict} />}
              </div>
              <p className={styles.sentence}>
                <Sentence text={detail.sentence} />
              </p>
              {detail.heldBy !== null && <StateMark state="attention" word="held" />}
              {detail.heldBy !== null && <p className={styles.sentence}>{detail.heldBy}</p>}
              {detail.needsApproval !== null && <p className={styles.sentence}>{detail.needsApproval}</p>}
              <Acts of={detail} />
            </div>
            {detail.waveViews.length > 0 && (
              <Section title="Waves">
                <ol className={styles.waves} aria-label="Waves">
                  {detail.waveViews.map((wave) => (
                    <Wave key={wave.wave} of={detail} wave={wave} />
                  ))}
                </ol>
              </Section>
            )}
            <Section title="Facts">
              <RolloutFacts of={detail} />
            </Section>
          </>
        )}
      </Answered>
    </SidePanel>
  )
}

function Acts({ of: { rollout, state, acts } }: { of: RolloutDetail }) {
  return (
    <div className={styles.acts}>
      {acts.edit && (
        <MayButton method="rollouts.edit" href={paths.newRollout({ rollout })} variant="filled" leftSection={<IconPencil size={14} />}>
          Edit and start
        </MayButton>
      )}
      {state !== 'draft' && (
        <Button component={RouteLink} href={paths.rollout(rollout)} variant="filled">
          Open the rollout
        </Button>
      )}
      <MayButton method="rollouts.create" href={paths.newRollout({ from: rollout })} leftSection={<IconCopy size={14} />}>
        Copy to a new one
      </MayButton>
    </div>
  )
}

function Wave({ of, wave }: { of: RolloutDetail; wave: WaveView }) {
  const mark = waveMarkOf(wave, of)
  return (
    <li>
      <div className={styles.waveHead}>
        <strong className="foreign">{waveTitle(wave)}</strong>
        <span className="dim">{wave.size}</span>
        <StateMark state={mark.state} word={mark.word} />
      </div>
      <Portion part={wave.committed} whole={wave.targeted} label="Committed" />
      {wave.gate !== null && (
        <div className="dim">
          <Sentence text={wave.gate.sentence} />
        </div>
      )}
    </li>
  )
}

function RolloutFacts({ of }: { of: RolloutDetail }) {
  const lasted = lastedMs(of, useNow())
  return (
    <Facts
      rows={[
        [
          'Version',
          <RouteLink key="version" href={paths.version(of.model, of.version)}>
            {of.model} {of.version}
          </RouteLink>,
        ],
        [
          'Deployment',
          <RouteLink key="deployment" href={paths.deploymentPage(of.deployment)}>
            {of.deployment}
          </RouteLink>,
        ],
        ['Devices', of.query === '' ? 'the whole fleet' : <code key="query">{of.query}</code>],
        ['Method', methodOf(of)],
        ['Reached', `${plural(of.reached, 'device')} of ${of.targeted}`],
        ['Sent, by forecast', of.startedAt === null ? null : formatBytes(of.spent.bytes)],
        ['Written', <Written key="written" of={of} />],
        ['Started', of.startedAt === null ? null : <Ago key="started" at={of.startedAt} />],
        [of.endedAt === null ? 'Running for' : 'Took', lasted === null ? null : formatDuration(lasted)],
        ['Note', of.plan.note === '' ? null : of.plan.note],
      ]}
    />
  )
}

function Written({ of: { createdAt, createdBy } }: { of: RolloutDetail }) {
  return (
    <>
      <Ago at={createdAt} /> by <span className="foreign">{createdBy}</span>
    </>
  )
}
