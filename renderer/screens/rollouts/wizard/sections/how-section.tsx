import { Checkbox } from '@mantine/core'
import { rolloutMethods, type RolloutMethod } from '../../../../../shared/domain/rollout/plan.ts'
import { probationFields, servingFields, type TermField } from '../../../deployments/deploy-terms.ts'
import { methodWords } from '../../list/rollout-words.ts'
import { At } from '../fields/findings.tsx'
import { MaybeNumberField, NumberField } from '../fields/number-field.tsx'
import { Part } from '../fields/part.tsx'
import type { SectionProps } from './section-props.ts'
import styles from '../wizard.module.css'

/** What the version does on a device before it takes over, and whether it is to take over at all. */
export function HowSection({ draft, onChange }: SectionProps) {
  const canCompare = draft.method === 'shadow' || draft.method === 'split'
  return (
    <Part title="How">
      <At place="method">
        <div className={styles.cards} role="radiogroup" aria-label="Method">
          {rolloutMethods.map((method) => (
            <MethodCard
              key={method}
              method={method}
              isChosen={draft.method === method}
              onChoose={() => onChange({ method, isComparison: draft.isComparison && (method === 'shadow' || method === 'split') })}
            />
          ))}
        </div>
      </At>
      {draft.method === 'split' && (
        <NumberField
          label="Share of the keys"
          description="Equal keys always get the same version."
          place="percent"
          value={draft.percent}
          min={0.1}
          max={100}
          suffix=" %"
          width={180}
          onChange={(percent) => onChange({ percent })}
        />
      )}
      {draft.method === 'shadow' && (
        <div className={styles.pair}>
          <NumberField
            label="Share of one core"
            description="More inputs than that are not compared."
            place="cpuShare"
            value={draft.cpuShare}
            times={100}
            min={0.01}
            max={1}
            suffix=" %"
            onChange={(cpuShare) => onChange({ cpuShare })}
          />
          <NumberField
            label="Disagreements kept"
            description="As samples, per window and device."
            place="disagreementsPerWindow"
            value={draft.disagreementsPerWindow}
            isWhole
            min={0}
            max={100}
            onChange={(disagreementsPerWindow) => onChange({ disagreementsPerWindow })}
          />
        </div>
      )}
      {canCompare && (
        <At place="isComparison">
          <Checkbox
            label={draft.method === 'split' ? 'A/B comparison: nothing takes over by itself' : 'Comparison: nothing takes over by itself'}
            description="You promote or discard the version when the comparison has shown enough."
            checked={draft.isComparison}
            onChange={(event) => onChange({ isComparison: event.currentTarget.checked })}
          />
        </At>
      )}
      <TrialRules draft={draft} onChange={onChange} />
    </Part>
  )
}

function MethodCard({ method, isChosen, onChoose }: { method: RolloutMethod; isChosen: boolean; onChoose(): void }) {
  const { title, does } = methodWords[method]
  return (
    <label className={styles.card} data-chosen={isChosen || undefined}>
      <input type="radio" name="method" checked={isChosen} onChange={onChoose} />
      <span>
        <strong>{title}</strong>
        <span className={styles.cardText}>{does}</span>
      </span>
    </label>
  )
}

/** Rules of the trial on the device and of serving; what is not said stays as it is ordered. */
function TrialRules({ draft, onChange }: Pick<SectionProps, 'draft' | 'onChange'>) {
  const isSaid = draft.probation !== undefined || draft.serving !== undefined
  return (
    <details className={styles.details} open={isSaid || undefined}>
      <summary>Trial on the device and serving{isSaid ? '' : ': as ordered, else as usual'}</summary>
      <h3>How the version proves itself on each device</h3>
      <Terms fields={probationFields} place="probation" rules={draft.probation} onRules={(probation) => onChange({ probation })} />
      <h3>How the deployment is served</h3>
      <Terms fields={servingFields} place="serving" rules={draft.serving} onRules={(serving) => onChange({ serving })} />
    </details>
  )
}

type Rules = Readonly<Record<string, unknown>>

function Terms({
  fields,
  place,
  rules,
  onRules,
}: {
  fields: readonly TermField[]
  place: string
  rules: object | undefined
  onRules(rules: Rules | undefined): void
}) {
  const said = { ...rules } as Rules
  return (
    <div className={styles.pair}>
      {fields.map(({ name, label, about, suffix, min, max, isPercent }) => {
        const value = said[name]
        const times = isPercent === true ? 100 : 1
        return (
          <MaybeNumberField
            key={name}
            label={label}
            description={about}
            place={`${place}.${name}`}
            {...(suffix === undefined ? {} : { suffix })}
            placeholder=""
            times={times}
            min={min / times}
            max={max / times}
            value={typeof value === 'number' ? value : null}
            onChange={(next) => {
              const { [name]: _, ...others } = said
              const changed = next === null ? others : { ...others, [name]: next }
              onRules(Object.keys(changed).length === 0 ? undefined : changed)
            }}
          />
        )
      })}
    </div>
  )
}
