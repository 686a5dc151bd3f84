import { IconDoorEnter } from '@tabler/icons-react'
import { formatExact } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { Ago, Sentence } from '../../../components/time.tsx'
import type { GateEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import type { RolloutDetail, WaveView } from '../../../../shared/rpc/contract/rollouts.ts'
import { EvidenceTable } from '../comparison/evidence-table.tsx'
import { isGivenUp, verdictMarks, waveTitle } from './rollout-words.ts'
import { Check } from './wave-column.tsx'
import { MayButton } from '../../../shell/may-button.tsx'
import styles from './waves.module.css'

/** The gate of one wave: its conditions with their numbers, the evidence by metric, what the number of devices can show. */
export function GateSection({ shown, view, onLetThrough }: { shown: RolloutDetail; view: WaveView; onLetThrough(wave: number): void }) {
  const { gate } = view
  const isHere = view.state === 'open' || view.state === 'at-gate'
  return (
    <Section
      title={`Gate of ${waveTitle(view).replace(/^W/, 'w')}`}
      actions={
        isHere &&
        shown.acts.letThrough && (
          <MayButton method="rollouts.letThrough" leftSection={<IconDoorEnter size={14} />} onClick={() => onLetThrough(view.wave)}>
            Let the next wave begin
          </MayButton>
        )
      }
    >
      {gate === null ? (
        <p className="dim">This is the last wave, and nothing is judged after it: the rollout is done when its devices have answered.</p>
      ) : (
        <div className={styles.gateBody}>
          <p>
            <Sentence text={gate.sentence} />
          </p>
          {view.state === 'passed' && (
            <ul className={styles.conditions}>
              {gate.conditions.map(({ kind, isMet, sentence }) => (
                <li key={kind}>
                  <Check isMet={isMet} />
                  <Sentence text={sentence} />
                </li>
              ))}
            </ul>
          )}
          {gate.evidence === null ? (
            <p className="dim">
              {isGivenUp(shown)
                ? 'Nothing was judged.'
                : view.state === 'waiting'
                  ? 'Nothing is judged before the wave begins.'
                  : 'Nothing was judged yet: the first evidence comes with the windows that the devices close next.'}
            </p>
          ) : (
            <GateEvidenceOf evidence={gate.evidence} />
          )}
        </div>
      )}
    </Section>
  )
}

/** The verdict in words, how old it is, and every metric that it rests on. */
function GateEvidenceOf({ evidence }: { evidence: GateEvidence }) {
  return (
    <>
      <p className={styles.verdict}>
        <StateMark state={verdictMarks[evidence.verdict]} word={evidence.verdict} isBare />
        <span>
          <Sentence text={evidence.sentence} />{' '}
          <span className="dim">
            Counted since {formatExact(evidence.from)}, read <Ago at={evidence.at} />.
          </span>
        </span>
      </p>
      <EvidenceTable evidence={evidence} />
    </>
  )
}
