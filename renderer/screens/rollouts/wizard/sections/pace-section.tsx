import { TextInput } from '@mantine/core'
import type { PacingRules } from '../../../../../shared/domain/rollout/plan.ts'
import { At } from '../fields/findings.tsx'
import { MaybeNumberField, NumberField } from '../fields/number-field.tsx'
import { FoldedPart } from '../fields/part.tsx'
import { Switched } from '../fields/switched.tsx'
import { summaries } from '../plan/plan-words.ts'
import { RampChart } from './ramp-chart.tsx'
import type { SectionProps } from './section-props.ts'
import { WindowsFields } from './windows-fields.tsx'
import styles from '../wizard.module.css'

/** How fast devices of an open wave get the order, and at what time. */
export function PaceSection({ draft, onChange, preview }: SectionProps) {
  const { pacing } = draft
  const change = (part: Partial<PacingRules>): void => onChange({ pacing: { ...pacing, ...part } })
  return (
    <FoldedPart title="Pace and time" summary={summaries.pace(draft)} places={['pacing', 'windows']}>
      <div className={styles.pair}>
        <MaybeNumberField
          label="Devices on their way at once"
          placeholder="No limit"
          place="pacing.maxInFlight"
          value={pacing.maxInFlight}
          isWhole
          min={1}
          max={100_000}
          onChange={(maxInFlight) => change({ maxInFlight })}
        />
        <MaybeNumberField
          label="Bandwidth of all transfers"
          placeholder="No limit"
          place="pacing.bytesPerSecond"
          value={pacing.bytesPerSecond}
          times={1e-6}
          min={1000}
          max={1e12}
          suffix=" MB/s"
          onChange={(bytesPerSecond) => change({ bytesPerSecond })}
        />
      </div>
      <Switched
        label="Rate that grows with success"
        description="Only devices that committed make it faster."
        isOn={pacing.perMinute !== null}
        onSwitch={(isOn) => change({ perMinute: isOn ? { base: 10, factor: 2, every: 100, max: 1000 } : null })}
      >
        <Rate pacing={pacing} devices={preview?.targeted ?? null} onChange={change} />
      </Switched>
      <Switched
        label="Disruption budget"
        description="So many devices that share a value are on their way at once."
        isOn={pacing.perGroup !== null}
        onSwitch={(isOn) => change({ perGroup: isOn ? { attribute: 'site', atOnce: 1 } : null })}
      >
        <Budget pacing={pacing} onChange={change} />
      </Switched>
      <WindowsFields windows={draft.windows} onChange={(windows) => onChange({ windows })} />
    </FoldedPart>
  )
}

type Pacing = { pacing: PacingRules; onChange(part: Partial<PacingRules>): void }

function Rate({ pacing: { perMinute }, devices, onChange }: Pacing & { devices: number | null }) {
  if (perMinute === null) return null
  const change = (part: Partial<typeof perMinute>): void => onChange({ perMinute: { ...perMinute, ...part } })
  const place = 'pacing.perMinute'
  return (
    <>
      <div className={styles.quad}>
        <NumberField
          label="Begins with"
          place={`${place}.base`}
          value={perMinute.base}
          min={0.01}
          max={100_000}
          suffix=" / min"
          onChange={(base) => change({ base })}
        />
        <NumberField
          label="Times"
          place={`${place}.factor`}
          value={perMinute.factor}
          min={1}
          max={10}
          onChange={(factor) => change({ factor })}
        />
        <NumberField
          label="Each"
          place={`${place}.every`}
          value={perMinute.every}
          isWhole
          min={1}
          max={1_000_000}
          suffix=" devices"
          onChange={(every) => change({ every })}
        />
        <NumberField
          label="Up to"
          place={`${place}.max`}
          value={perMinute.max}
          min={0.01}
          max={100_000}
          suffix=" / min"
          onChange={(max) => change({ max })}
        />
      </div>
      {devices !== null && devices > 0 && <RampChart ramp={perMinute} devices={devices} />}
    </>
  )
}

function Budget({ pacing: { perGroup }, onChange }: Pacing) {
  if (perGroup === null) return null
  return (
    <div className={styles.pair}>
      <NumberField
        label="Devices at once"
        place="pacing.perGroup.atOnce"
        value={perGroup.atOnce}
        isWhole
        min={1}
        max={100_000}
        onChange={(atOnce) => onChange({ perGroup: { ...perGroup, atOnce } })}
      />
      <At place="pacing.perGroup.attribute">
        <TextInput
          label="Of each"
          value={perGroup.attribute}
          maxLength={64}
          onChange={(event) => onChange({ perGroup: { ...perGroup, attribute: event.currentTarget.value } })}
        />
      </At>
    </div>
  )
}
