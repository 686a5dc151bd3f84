import { Button, Checkbox, Select } from '@mantine/core'
import type { GateRules } from '../../../../../shared/domain/rollout/plan.ts'
import { At } from '../fields/findings.tsx'
import { NumberField } from '../fields/number-field.tsx'
import { SecondsField } from '../fields/seconds-field.tsx'
import styles from '../wizard.module.css'

const verdictChoices: Record<GateRules['verdict'], string> = {
  pass: 'Must pass',
  'not-fail': 'Must not fail',
  ignore: 'Is not asked',
}
const DAY_SECONDS = 86_400

/** When the next wave begins: all that is named must hold. */
export function GateFields({ gate, place, onChange }: { gate: GateRules; place: string; onChange(gate: GateRules): void }) {
  const change = (part: Partial<GateRules>): void => onChange({ ...gate, ...part })
  return (
    <div className={styles.gateFields}>
      <NumberField
        label="Committed"
        description="Of the devices that answered."
        place={`${place}.success`}
        value={gate.success}
        times={100}
        min={0}
        max={1}
        suffix=" %"
        onChange={(success) => change({ success })}
      />
      <NumberField
        label="Devices that answered"
        description="At least so many."
        place={`${place}.leastReached`}
        value={gate.leastReached}
        isWhole
        min={0}
        max={1_000_000}
        onChange={(leastReached) => change({ leastReached })}
      />
      <At place={`${place}.verdict`}>
        <Select
          label="Verdict"
          description="Of the comparison with the incumbent."
          value={gate.verdict}
          allowDeselect={false}
          data={Object.entries(verdictChoices).map(([value, label]) => ({ value, label }))}
          onChange={(value) => change({ verdict: value === 'not-fail' || value === 'ignore' ? value : 'pass' })}
        />
      </At>
      <SecondsField
        label="Time that must pass"
        description="After the wave is reached."
        place={`${place}.afterSeconds`}
        value={gate.afterSeconds}
        onChange={(afterSeconds) => change({ afterSeconds })}
      />
      <At place={`${place}.byPerson`}>
        <Checkbox
          label="A person lets the next wave begin"
          checked={gate.byPerson}
          onChange={(event) => change({ byPerson: event.currentTarget.checked })}
        />
      </At>
      {gate.patienceSeconds === null ? (
        <At place={`${place}.patienceSeconds`}>
          <Button variant="subtle" size="compact-xs" onClick={() => change({ patienceSeconds: DAY_SECONDS })}>
            Pause if it takes too long
          </Button>
        </At>
      ) : (
        <div className={styles.row}>
          <SecondsField
            label="Pauses without a decision after"
            place={`${place}.patienceSeconds`}
            value={gate.patienceSeconds}
            onChange={(patienceSeconds) => change({ patienceSeconds })}
          />
          <Button variant="subtle" size="compact-xs" onClick={() => change({ patienceSeconds: null })}>
            Wait for ever
          </Button>
        </div>
      )}
    </div>
  )
}
