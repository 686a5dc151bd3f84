import { SegmentedControl, Select } from '@mantine/core'
import { judgedMetricNames, judgedMetrics, type JudgedMetric, type JudgeRules } from '../../../../../shared/domain/rollout/judge.ts'
import { metricWords } from '../../live/rollout-words.ts'
import { At } from '../fields/findings.tsx'
import { NumberField } from '../fields/number-field.tsx'
import { FoldedPart } from '../fields/part.tsx'
import { alphaWords, summaries } from '../plan/plan-words.ts'
import type { SectionProps } from './section-props.ts'
import styles from '../wizard.module.css'

/** What a margin counts in: of shares percentage points, of the others their own unit. */
const margins: Record<JudgedMetric, { times: number; suffix: string; most: number; about: string }> = {
  errors: { times: 100, suffix: ' pp', most: 1, about: "more failed requests; or a quarter of the incumbent's, if that is more" },
  latency: { times: 100, suffix: ' pp', most: 1, about: "more answers slower than the incumbent's 95th percentile" },
  agreement: { times: 100, suffix: ' %', most: 1, about: 'of the rows may differ; only a shadow is asked' },
  accuracy: { times: 100, suffix: ' pp', most: 1, about: 'less accuracy, where labels come' },
  inputs: { times: 100, suffix: ' pp', most: 1, about: 'more values that are missing, wrong or out of range' },
  outcomes: { times: 1, suffix: ' PSI', most: 1000, about: 'between what it says and what the incumbent says' },
  memory: { times: 100, suffix: ' %', most: 1000, about: 'more memory, median of the devices' },
}
const roles = ['required', 'guard', 'off'] as const
const failActs: Record<JudgeRules['onFail'], string> = {
  revert: 'Stop and revert',
  stop: 'Stop and keep',
  pause: 'Pause',
}

/** How the version is compared with what it replaces, at every gate. */
export function JudgeSection({ draft, onChange }: SectionProps) {
  const { judge } = draft
  const change = (part: Partial<JudgeRules>): void => onChange({ judge: { ...judge, ...part } })
  return (
    <FoldedPart title="Judgement" summary={summaries.judge(draft)} places={['judge']}>
      <p className={styles.about}>
        Each is compared with the incumbent over the same time on devices that wait for their turn. Required: must be shown to be no worse.
        Guard: a fail counts, no data does not hold the gate.
      </p>
      <ul className={styles.metrics} aria-label="Metrics that are judged">
        {judgedMetricNames.map((metric) => (
          <Metric key={metric} metric={metric} judge={judge} onChange={change} />
        ))}
      </ul>
      <div className={styles.triple}>
        <NumberField
          label="False stops"
          description="Alpha, for all metrics together."
          place="judge.alpha"
          value={judge.alpha}
          times={100}
          min={0.0001}
          max={0.5}
          suffix=" %"
          onChange={(alpha) => change({ alpha })}
        />
        <NumberField
          label="Least requests"
          description="Per side, before a metric may pass."
          place="judge.leastRequests"
          value={judge.leastRequests}
          isWhole
          min={1}
          max={100_000_000}
          onChange={(leastRequests) => change({ leastRequests })}
        />
        <At place="judge.onFail">
          <Select
            label="When it is worse"
            description="At once, whatever the gate says."
            value={judge.onFail}
            allowDeselect={false}
            data={Object.entries(failActs).map(([value, label]) => ({ value, label }))}
            onChange={(value) => change({ onFail: value === 'pause' || value === 'stop' ? value : 'revert' })}
          />
        </At>
      </div>
      <p className={styles.about}>{alphaWords(judge)}</p>
    </FoldedPart>
  )
}

function Metric({ metric, judge, onChange }: { metric: JudgedMetric; judge: JudgeRules; onChange(part: Partial<JudgeRules>): void }) {
  const rule = judge[metric]
  const { times, suffix, most, about } = margins[metric]
  const { title } = metricWords[metric]
  return (
    <li data-off={rule.role === 'off' || undefined}>
      <span title={judgedMetrics[metric].summary}>{title}</span>
      <At place={`judge.${metric}`} isWhole>
        <SegmentedControl
          aria-label={`${title}: role`}
          value={rule.role}
          data={[...roles]}
          onChange={(value) => onChange({ [metric]: { ...rule, role: roles.find((one) => one === value) ?? rule.role } })}
        />
      </At>
      {rule.role !== 'off' && (
        <>
          <NumberField
            label={`${title}: margin`}
            isBare
            place={`judge.${metric}.margin`}
            value={rule.margin}
            times={times}
            min={0}
            max={most}
            suffix={suffix}
            width={84}
            onChange={(margin) => onChange({ [metric]: { ...rule, margin } })}
          />
          <span className={styles.metricAbout}>{about}</span>
        </>
      )}
    </li>
  )
}
