import { NumberInput, Select } from '@mantine/core'
import type { NumberField } from '../../../shared/rpc/contract/config.ts'
import { levels, type SettingsDraft } from './rule-words.ts'
import styles from './configuration.module.css'

interface NumberWords {
  field: NumberField
  label: string
  description: string
  min: number
  max: number
  suffix?: string
  decimals?: number
}

/** The fields that are a number, in pairs. */
const numbers: readonly NumberWords[] = [
  {
    field: 'windowSeconds',
    label: 'Telemetry window',
    description: 'A device sends one record per window.',
    suffix: ' s',
    min: 1,
    max: 3600,
  },
  {
    ...{ field: 'distributionSeconds', label: 'Window of distributions', suffix: ' s', min: 0, max: 3600 },
    description: 'Values are counted in it, not sent. 0: not counted.',
  },
  {
    field: 'samplesPerWindow',
    label: 'Random samples per window',
    description: 'Inputs and outputs that leave the device.',
    min: 0,
    max: 100,
  },
  {
    field: 'outlierSamples',
    label: 'Outlier samples per window',
    description: 'Those with a value outside what training had.',
    min: 0,
    max: 100,
  },
  {
    field: 'lowConfidenceSamples',
    label: 'Unsure samples per window',
    description: 'Those of which the model is unsure.',
    min: 0,
    max: 100,
  },
  {
    ...{ field: 'lowConfidenceBelow', label: 'Unsure below', description: 'Confidence of the predicted class.', min: 0, max: 1 },
    decimals: 3,
  },
  {
    ...{ field: 'detectorSamples', label: 'Inferences per false alarm', min: 0, max: 1_000_000_000 },
    description: 'Of a detector on the device. 0: no detectors.',
  },
]

/** What a rule sets beside flags and masks. */
export function RuleSettings({ settings, onChange }: { settings: SettingsDraft; onChange(change: Partial<SettingsDraft>): void }) {
  return (
    <div className={styles.pair}>
      {numbers.map(({ field, label, description, min, max, suffix = '', decimals = 0 }) => (
        <NumberInput
          key={field}
          label={label}
          description={description}
          placeholder="Not said"
          suffix={suffix}
          min={min}
          max={max}
          allowDecimal={decimals > 0}
          decimalScale={decimals}
          step={decimals > 0 ? 0.05 : 1}
          value={settings.numbers[field] === '' ? '' : Number(settings.numbers[field])}
          onChange={(value) => onChange({ numbers: { ...settings.numbers, [field]: String(value) } })}
        />
      ))}
      <Select
        label="Log level of the agent"
        description="What the agent writes to its log."
        value={settings.logLevel}
        allowDeselect={false}
        onChange={(level) => onChange({ logLevel: level ?? '' })}
        data={[{ value: '', label: 'Not said' }, ...levels, { value: 'device', label: 'As the device is set' }]}
      />
    </div>
  )
}
