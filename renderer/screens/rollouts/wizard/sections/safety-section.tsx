import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { abortRule, type RetryRules, type RolloutPlan } from '../../../../../shared/domain/rollout/plan.ts'
import { At } from '../fields/findings.tsx'
import { MaybeNumberField, NumberField } from '../fields/number-field.tsx'
import { FoldedPart } from '../fields/part.tsx'
import { SecondsField } from '../fields/seconds-field.tsx'
import { summaries } from '../plan/plan-words.ts'
import { AbortRow } from './abort-row.tsx'
import type { SectionProps } from './section-props.ts'
import styles from '../wizard.module.css'

const MOST_RULES = 10

/** What ends or holds the rollout by itself, and what it may take. */
export function SafetySection({ draft, onChange }: SectionProps) {
  const { abort } = draft
  return (
    <FoldedPart
      title="Safety"
      summary={summaries.safety(draft)}
      places={['abort', 'unreachable', 'timeouts', 'retry', 'budget', 'priority']}
    >
      <At place="abort">
        <h3>When too many devices fail</h3>
        <ol className={styles.rules} aria-label="Abort rules">
          {abort.map((rule, i) => (
            <AbortRow
              key={i}
              rule={rule}
              at={i}
              onChange={(next) => onChange({ abort: abort.with(i, next) })}
              onRemove={() => onChange({ abort: abort.toSpliced(i, 1) })}
            />
          ))}
        </ol>
        <Button
          leftSection={<IconPlus size={14} />}
          disabled={abort.length >= MOST_RULES}
          onClick={() => onChange({ abort: [...abort, abortRule.parse({ action: 'pause', share: 0.1 })] })}
        >
          Add a rule
        </Button>
        <p className={styles.about}>Looked at in order; the first that holds acts. Devices that are offline do not count as failed.</p>
      </At>
      <Unreachable draft={draft} onChange={onChange} />
      <Timeouts timeouts={draft.timeouts} onChange={(timeouts) => onChange({ timeouts })} />
      <Retry retry={draft.retry} onChange={(retry) => onChange({ retry })} />
      <Limits draft={draft} onChange={onChange} />
    </FoldedPart>
  )
}

type Part = Pick<SectionProps, 'draft' | 'onChange'>

function Unreachable({ draft: { unreachable }, onChange }: Part) {
  const change = (part: Partial<typeof unreachable>): void => onChange({ unreachable: { ...unreachable, ...part } })
  return (
    <div>
      <h3>When devices are offline</h3>
      <div className={styles.triple}>
        <SecondsField
          label="Unreachable after"
          description="Offline since the offer."
          place="unreachable.afterSeconds"
          value={unreachable.afterSeconds}
          onChange={(afterSeconds) => change({ afterSeconds })}
        />
        <NumberField
          label="Pauses above"
          description="Of the offered devices."
          place="unreachable.share"
          value={unreachable.share}
          times={100}
          min={0}
          max={1}
          suffix=" %"
          onChange={(share) => change({ share })}
        />
        <NumberField
          label="Of at least"
          description="Offered devices."
          place="unreachable.least"
          value={unreachable.least}
          isWhole
          min={1}
          max={1_000_000}
          onChange={(least) => change({ least })}
        />
      </div>
    </div>
  )
}

const stages: Record<keyof RolloutPlan['timeouts'], string> = {
  offered: 'To take the order up',
  fetching: 'To fetch the bundle',
  staged: 'To be activated',
  probing: 'To pass the trial',
}

function Timeouts({ timeouts, onChange }: { timeouts: RolloutPlan['timeouts']; onChange(timeouts: RolloutPlan['timeouts']): void }) {
  return (
    <div>
      <h3>How long a device may take</h3>
      <div className={styles.quad}>
        {(Object.keys(stages) as (keyof typeof stages)[]).map((stage) => (
          <SecondsField
            key={stage}
            label={stages[stage]}
            place={`timeouts.${stage}`}
            value={timeouts[stage]}
            onChange={(seconds) => onChange({ ...timeouts, [stage]: Math.max(1, seconds) })}
          />
        ))}
      </div>
      <p className={styles.about}>A device that stays longer counts as timed out.</p>
    </div>
  )
}

function Retry({ retry, onChange }: { retry: RetryRules; onChange(retry: RetryRules): void }) {
  const change = (part: Partial<RetryRules>): void => onChange({ ...retry, ...part })
  return (
    <div>
      <h3>After a passing failure</h3>
      <div className={styles.quad}>
        <NumberField
          label="Further tries"
          place="retry.attempts"
          value={retry.attempts}
          isWhole
          min={0}
          max={10}
          onChange={(attempts) => change({ attempts })}
        />
        <SecondsField
          label="First after"
          place="retry.backoffSeconds"
          value={retry.backoffSeconds}
          onChange={(backoffSeconds) => change({ backoffSeconds: Math.max(1, backoffSeconds) })}
        />
        <NumberField
          label="Waits after failures"
          place="retry.penaltyFailures"
          value={retry.penaltyFailures}
          isWhole
          min={1}
          max={100}
          onChange={(penaltyFailures) => change({ penaltyFailures })}
        />
        <SecondsField
          label="For"
          place="retry.penaltySeconds"
          value={retry.penaltySeconds}
          onChange={(penaltySeconds) => change({ penaltySeconds: Math.max(1, penaltySeconds) })}
        />
      </div>
      <p className={styles.about}>A device that refuses the version as unfit is not asked again. The penalty can be lifted by hand.</p>
    </div>
  )
}

function Limits({ draft: { budget, priority }, onChange }: Part) {
  return (
    <div>
      <h3>What it may take</h3>
      <div className={styles.triple}>
        <MaybeNumberField
          label="Bytes"
          description="By forecast; then offers end."
          placeholder="No limit"
          place="budget.bytes"
          value={budget.bytes}
          times={1e-6}
          min={0}
          max={1e15}
          suffix=" MB"
          onChange={(bytes) => onChange({ budget: { ...budget, bytes: bytes === null ? null : Math.round(bytes) } })}
        />
        <MaybeNumberField
          label="Money"
          description="By the price sheet."
          placeholder="No limit"
          place="budget.money"
          value={budget.money}
          min={0}
          max={1e9}
          onChange={(money) => onChange({ budget: { ...budget, money } })}
        />
        <NumberField
          label="Priority"
          description="Wins over lower ones."
          place="priority"
          value={priority}
          isWhole
          min={0}
          max={1000}
          onChange={(next) => onChange({ priority: next })}
        />
      </div>
    </div>
  )
}
