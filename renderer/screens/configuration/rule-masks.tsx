import { ActionIcon, Button, Select, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { maskKinds } from '../../../shared/rpc/contract/config.ts'
import type { MaskDraft } from './rule-words.ts'
import styles from './configuration.module.css'

const kinds: Record<(typeof maskKinds)[number], string> = {
  drop: 'Dropped: nothing of it leaves',
  hash: 'Hashed: only equal or not',
  round: 'Rounded to two digits',
}

/** Fields that never leave a device as they are. */
export function RuleMasks({ masks, onChange }: { masks: readonly MaskDraft[]; onChange(masks: readonly MaskDraft[]): void }) {
  const put = (at: number, change: Partial<MaskDraft>): void => onChange(masks.map((mask, i) => (i === at ? { ...mask, ...change } : mask)))
  return (
    <div className={styles.flags}>
      <div className={styles.label}>Masks</div>
      <div className="dim">By the name of a feature, an input or an output: what of it may leave the device.</div>
      {masks.map((mask, i) => (
        // Masks have no identity but their place while they are written.
        <div key={i} className={styles.flag}>
          <TextInput
            aria-label={`Field of mask ${i + 1}`}
            placeholder="patient_id"
            maxLength={256}
            value={mask.name}
            onChange={(event) => put(i, { name: event.currentTarget.value })}
          />
          <Select
            aria-label={`Kind of mask ${i + 1}`}
            value={mask.kind}
            allowDeselect={false}
            onChange={(kind) => put(i, { kind: maskKinds.find((one) => one === kind) ?? 'drop' })}
            data={maskKinds.map((value) => ({ value, label: kinds[value] }))}
          />
          <ActionIcon aria-label={`Remove mask ${i + 1}`} onClick={() => onChange(masks.filter((_, at) => at !== i))}>
            <IconTrash size={14} />
          </ActionIcon>
        </div>
      ))}
      <div>
        <Button variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => onChange([...masks, { name: '', kind: 'drop' }])}>
          Add a mask
        </Button>
      </div>
    </div>
  )
}
