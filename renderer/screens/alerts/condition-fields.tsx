import { MultiSelect, NumberInput, Select, TagsInput } from '@mantine/core'
import { alertMetricNames, alertMetrics, referenceKinds, trustAlarms, type AlertCondition } from '../../../shared/domain/alert.ts'
import { LengthField } from './length-field.tsx'
import { shownValue, typedValue, valueSuffix } from './rule-draft.ts'
import { absenceWords, causeWords, metricWords, roleWords } from './rule-words.ts'
import { referenceWords } from './alert-words.ts'
import styles from './alerts.module.css'

type Of<Kind extends AlertCondition['kind']> = Extract<AlertCondition, { kind: Kind }>
interface Fields<Kind extends AlertCondition['kind']> {
  condition: Of<Kind>
  onChange(condition: AlertCondition): void
}

/** The fields of a condition, by its kind. */
export function ConditionFields({ condition, onChange }: { condition: AlertCondition; onChange(condition: AlertCondition): void }) {
  switch (condition.kind) {
    case 'threshold':
      return <Threshold condition={condition} onChange={onChange} />
    case 'drift':
      return <Drift condition={condition} onChange={onChange} />
    case 'data-quality':
      return <DataQuality condition={condition} onChange={onChange} />
    case 'absence':
      return <Absence condition={condition} onChange={onChange} />
    case 'budget':
      return <ErrorBudget condition={condition} onChange={onChange} />
    case 'detector':
      return (
        <TagsInput
          label="Detectors"
          description="Names of device events, such as detector.errors; none: every detector."
          size="xs"
          value={condition.detectors}
          onChange={(detectors) => onChange({ ...condition, detectors })}
        />
      )
    case 'quality':
      return <Quality condition={condition} onChange={onChange} />
    case 'trust':
      return (
        <MultiSelect
          label="What must never be"
          size="xs"
          value={condition.of}
          onChange={(chosen) => onChange({ ...condition, of: keysIn(trustAlarms, chosen) })}
          data={Object.entries(trustAlarms).map(([value, label]) => ({ value, label }))}
        />
      )
  }
}

function Threshold({ condition, onChange }: Fields<'threshold'>) {
  const { metric, is, value, overMs } = condition
  return (
    <>
      <Select
        label="Metric"
        description={alertMetrics[metric].summary}
        value={metric}
        allowDeselect={false}
        searchable
        onChange={(name) => {
          const next = alertMetricNames.find((one) => one === name) ?? metric
          // The number that stands in the field stays, in the unit of the other metric.
          onChange({ ...condition, metric: next, value: typedValue(next, shownValue(metric, value)) })
        }}
        data={alertMetricNames.map((name) => ({ value: name, label: metricWords[name] }))}
      />
      <div className={styles.pair}>
        <Select
          label="Is"
          value={is}
          allowDeselect={false}
          onChange={(next) => onChange({ ...condition, is: next === 'below' ? 'below' : 'above' })}
          data={['above', 'below']}
        />
        <NumberInput
          label="Value"
          value={filled(shownValue(metric, value))}
          suffix={valueSuffix(metric)}
          onChange={(next) => onChange({ ...condition, value: typedValue(metric, written(next)) })}
        />
      </div>
      <LengthField label="Taken over" value={overMs} onChange={(next) => onChange({ ...condition, overMs: next })} />
    </>
  )
}

function Drift({ condition, onChange }: Fields<'drift'>) {
  return (
    <>
      <div className={styles.pair}>
        <Select
          label="Against"
          value={condition.reference}
          allowDeselect={false}
          onChange={(next) => onChange({ ...condition, reference: referenceKinds.find((one) => one === next) ?? 'training' })}
          data={referenceKinds.map((value) => ({ value, label: referenceWords[value] }))}
        />
        <Select
          label="From level"
          value={condition.level}
          allowDeselect={false}
          onChange={(next) => onChange({ ...condition, level: next === 'warn' ? 'warn' : 'alarm' })}
          data={[
            { value: 'warn', label: 'warn: effect from 0.1' },
            { value: 'alarm', label: 'alarm: effect from 0.2' },
          ]}
        />
      </div>
      <MultiSelect
        label="Of"
        value={condition.roles}
        onChange={(chosen) => onChange({ ...condition, roles: keysIn(roleWords, chosen) })}
        data={Object.entries(roleWords).map(([value, label]) => ({ value, label }))}
      />
      <LengthField
        label="Shortest verdict window"
        description="It grows until it holds enough values; two of the last three must agree."
        value={condition.windowMs}
        onChange={(windowMs) => onChange({ ...condition, windowMs })}
      />
    </>
  )
}

function DataQuality({ condition, onChange }: Fields<'data-quality'>) {
  return (
    <>
      <MultiSelect
        label="Causes"
        value={condition.causes}
        onChange={(chosen) => onChange({ ...condition, causes: keysIn(causeWords, chosen) })}
        data={Object.entries(causeWords).map(([value, label]) => ({ value, label }))}
      />
      <LengthField
        label="Shortest verdict window"
        value={condition.windowMs}
        onChange={(windowMs) => onChange({ ...condition, windowMs })}
      />
    </>
  )
}

function Absence({ condition, onChange }: Fields<'absence'>) {
  return (
    <div className={styles.pair}>
      <Select
        label="What is absent"
        value={condition.of}
        allowDeselect={false}
        onChange={(next) => onChange({ ...condition, of: keysIn(absenceWords, [next ?? 'connection'])[0] ?? 'connection' })}
        data={Object.entries(absenceWords).map(([value, label]) => ({ value, label }))}
      />
      <LengthField label="For" value={condition.forMs} onChange={(forMs) => onChange({ ...condition, forMs })} />
    </div>
  )
}

function ErrorBudget({ condition, onChange }: Fields<'budget'>) {
  return (
    <>
      <div className={styles.pair}>
        <NumberInput
          label="Answered without error"
          value={filled(Number((condition.objective * 100).toPrecision(10)))}
          suffix=" %"
          onChange={(next) => onChange({ ...condition, objective: written(next) / 100 })}
        />
        <LengthField label="Over the period" value={condition.periodMs} onChange={(periodMs) => onChange({ ...condition, periodMs })} />
      </div>
      <div className={styles.pair}>
        <NumberInput
          label="Burns faster than even by"
          value={filled(condition.burn)}
          suffix=" times"
          onChange={(next) => onChange({ ...condition, burn: written(next) })}
        />
        <LengthField
          label="Over, and over a twelfth of it"
          value={condition.longMs}
          onChange={(longMs) => onChange({ ...condition, longMs })}
        />
      </div>
    </>
  )
}

function Quality({ condition, onChange }: Fields<'quality'>) {
  return (
    <>
      <div className={styles.pair}>
        <NumberInput
          label="Fall that matters"
          description="Below the accuracy on the reference rows."
          value={filled(Number((condition.drop * 100).toPrecision(10)))}
          suffix=" points"
          onChange={(next) => onChange({ ...condition, drop: written(next) / 100 })}
        />
        <NumberInput
          label="Least labels"
          description="With fewer it is insufficient data."
          value={filled(condition.leastLabels)}
          allowDecimal={false}
          onChange={(next) => onChange({ ...condition, leastLabels: written(next) })}
        />
      </div>
      <LengthField label="Taken over" value={condition.overMs} onChange={(overMs) => onChange({ ...condition, overMs })} />
    </>
  )
}

function keysIn<Key extends string>(words: Record<Key, string>, chosen: readonly string[]): Key[] {
  return (Object.keys(words) as Key[]).filter((key) => chosen.includes(key))
}

/** A field that was emptied holds no number: the condition then cannot be read, and the editor says so. */
function written(field: string | number): number {
  return field === '' ? Number.NaN : Number(field)
}

function filled(value: number): number | '' {
  return Number.isNaN(value) ? '' : value
}
