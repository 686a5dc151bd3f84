import { Autocomplete, Button, Group, NativeSelect, NumberInput } from '@mantine/core'
import { freshGate, gateKinds, gateMetrics, type GateDraft } from './gate-draft.ts'
import styles from './settings.module.css'

const MOST = 20

/** Gates on hold-out metrics, one a row. */
export function GateEditor({ gates, onChange }: { gates: readonly GateDraft[]; onChange(gates: readonly GateDraft[]): void }) {
  const change = (at: number, part: Partial<GateDraft>): void => onChange(gates.map((gate, i) => (i === at ? { ...gate, ...part } : gate)))
  return (
    <fieldset className={styles.gates}>
      <legend>Gates on hold-out metrics</legend>
      {gates.length === 0 && <p className="dim">None. A gate must be passed to approve a version, unless who approves says why not.</p>}
      {gates.map((gate, i) => (
        <Group key={i} gap="xs" wrap="nowrap" role="group" aria-label={`Gate ${i + 1}`}>
          <Autocomplete
            aria-label="Metric"
            w={140}
            value={gate.metric}
            data={gateMetrics}
            maxLength={64}
            spellCheck={false}
            onChange={(metric) => change(i, { metric })}
            comboboxProps={{ transitionProps: { duration: 0 } }}
          />
          <NativeSelect
            aria-label="Condition"
            size="xs"
            className={styles.condition}
            value={gate.kind}
            data={[...gateKinds]}
            onChange={(event) =>
              change(i, { kind: gateKinds.find(({ value }) => value === event.currentTarget.value)?.value ?? 'at-least' })
            }
          />
          <NumberInput
            aria-label="Value"
            w={100}
            value={gate.value}
            step={0.01}
            decimalScale={6}
            onChange={(value) => change(i, { value: value === '' || !Number.isFinite(Number(value)) ? '' : Number(value) })}
          />
          <Button
            className={styles.removeGate}
            aria-label={`Remove gate ${i + 1}`}
            onClick={() => onChange(gates.filter((_, at) => at !== i))}
          >
            Remove
          </Button>
        </Group>
      ))}
      <Group>
        <Button disabled={gates.length >= MOST} onClick={() => onChange([...gates, freshGate])}>
          Add a gate
        </Button>
      </Group>
    </fieldset>
  )
}
