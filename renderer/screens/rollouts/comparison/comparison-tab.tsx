import { Select } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { Answered } from '../../../components/answered.tsx'
import { formatCount, formatExact, plural } from '../../../components/format.ts'
import { StateMark } from '../../../components/state-mark.tsx'
import { Ago, Sentence } from '../../../components/time.tsx'
import { paths } from '../../../data/paths.ts'
import { useQuery } from '../../../data/use-query.ts'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import type { GateEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import type { RolloutDetail } from '../../../../shared/rpc/contract/rollouts.ts'
import type { ActVerb } from '../live/act-words.ts'
import type { ChangeRolloutView, RolloutView } from '../live/rollout-view.ts'
import { verdictMarks, waveTitle } from '../live/rollout-words.ts'
import { ClassPairs } from './class-pairs.tsx'
import { EvidenceTable } from './evidence-table.tsx'
import { missingText } from './evidence-words.ts'
import { LatencyTable } from './latency-table.tsx'
import { MetricCharts } from './metric-charts.tsx'
import { MayButton } from '../../../shell/may-button.tsx'
import styles from './comparison.module.css'

/** New windows come all the time, and no topic tells of each. */
const EVERY_MS = 10_000

type Comparison = OutputOf<'rollouts.comparison'>

/** The version against the incumbent: verdict and what to do, each metric with its interval and over time, latency, classes that differ. */
export function ComparisonTab({
  shown,
  view,
  onView,
  onAct,
}: {
  shown: RolloutDetail
  view: RolloutView
  onView: ChangeRolloutView
  onAct(verb: ActVerb): void
}) {
  const answer = useQuery(
    'rollouts.comparison',
    { rollout: shown.rollout, ...(view.wave === 0 ? {} : { wave: view.wave - 1 }) },
    { everyMs: EVERY_MS, keepsPrevious: true },
  )
  return (
    <div className={styles.tab}>
      <Answered answer={answer}>
        {(comparison) => (
          <>
            <div className={styles.head}>
              <Verdict comparison={comparison} shown={shown} />
              <div className={styles.acts}>
                {shown.acts.promote && (
                  <MayButton
                    method="rollouts.promote"
                    size="sm"
                    variant={isBest('pass', comparison) ? 'filled' : 'default'}
                    onClick={() => onAct('promote')}
                  >
                    Promote {shown.version}
                  </MayButton>
                )}
                {shown.acts.discard && (
                  <MayButton
                    method="rollouts.discard"
                    size="sm"
                    variant={isBest('fail', comparison) ? 'filled' : 'default'}
                    onClick={() => onAct('discard')}
                  >
                    Discard
                  </MayButton>
                )}
                <WaveChoice shown={shown} view={view} onView={onView} />
              </div>
            </div>
            {comparison.evidence !== null && <EvidenceTable evidence={comparison.evidence} />}
            <MetricCharts comparison={comparison} version={shown.version} />
            <div className={styles.halves}>
              <LatencyTable comparison={comparison} version={shown.version} />
              <ClassPairs comparison={comparison} />
            </div>
          </>
        )}
      </Answered>
    </div>
  )
}

/** True if the evidence is enough for the act that follows from this verdict. */
function isBest(verdict: 'pass' | 'fail', { evidence, isEnough }: Comparison): boolean {
  return isEnough && evidence?.verdict === verdict
}

function Verdict({ comparison: { evidence, advice }, shown }: { comparison: Comparison; shown: RolloutDetail }) {
  if (evidence === null)
    return (
      <div className={styles.verdict}>
        <p className={styles.verdictWord}>
          <StateMark state="unsure" word="not enough evidence" isBare />
          <Sentence text={advice} />
        </p>
        <p className="dim">
          No device has told anything of {shown.version} yet. The first numbers come with the window that a device closes next.
        </p>
      </div>
    )
  const missing = evidence.verdict === 'not enough evidence' ? missingText(evidence) : null
  return (
    <div className={styles.verdict}>
      <p className={styles.verdictWord}>
        <StateMark state={verdictMarks[evidence.verdict]} word={evidence.verdict} isBare />
        <Sentence text={evidence.sentence} />
      </p>
      {/* Of other rollouts the gates decide, and what has ended needs no advice. */}
      {shown.isComparison && shown.endedAt === null && (
        <p>
          <Sentence text={advice} />
        </p>
      )}
      {missing !== null && <p>{missing}</p>}
      <Sides evidence={evidence} shown={shown} />
    </div>
  )
}

function Sides({ evidence, shown }: { evidence: GateEvidence; shown: RolloutDetail }) {
  const { incumbent, candidateDevices, incumbentDevices, from, at } = evidence
  return (
    <p className="dim">
      {shown.version} on {plural(candidateDevices, 'device')} against{' '}
      {incumbent === null ? (
        'no incumbent'
      ) : (
        <RouteLink href={paths.compare(shown.model, incumbent.version, shown.version)} className={styles.plainLink}>
          {incumbent.version}
        </RouteLink>
      )}{' '}
      on {formatCount(incumbentDevices)} of the same target, since {formatExact(from)}, read <Ago at={at} />.
    </p>
  )
}

function WaveChoice({ shown, view, onView }: { shown: RolloutDetail; view: RolloutView; onView: ChangeRolloutView }) {
  return (
    <Select
      aria-label="Devices that are compared"
      w={190}
      value={String(view.wave)}
      allowDeselect={false}
      onChange={(value) => onView({ wave: Number(value ?? 0) })}
      data={[
        { value: '0', label: 'All that have it' },
        ...shown.waveViews.map((one) => ({ value: String(one.wave + 1), label: waveTitle(one) })),
      ]}
    />
  )
}
