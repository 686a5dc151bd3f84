import { ActionIcon, Select, Tooltip } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import type { AbortRule } from '../../../../../shared/domain/rollout/plan.ts'
import { At } from '../fields/findings.tsx'
import { NumberField } from '../fields/number-field.tsx'
import styles from '../wizard.module.css'

const causes: Record<AbortRule['of'], string> = {
  any: 'fail in any way',
  failed: 'fail',
  rejected: 'refuse it',
  'timed-out': 'time out',
  'fell-back': 'fall back later',
}
const acts: Record<AbortRule['action'], string> = {
  revert: 'stop and revert',
  stop: 'stop and keep',
  pause: 'pause',
}

/** One rule, read as a sentence: if more than so many of at least so many fail, then. */
export function AbortRow({
  rule,
  at,
  onChange,
  onRemove,
}: {
  rule: AbortRule
  at: number
  onChange(rule: AbortRule): void
  onRemove(): void
}) {
  const place = `abort[${at}]`
  const name = `Rule ${at + 1}`
  return (
    <li>
      <At place={place} isWhole>
        <div className={styles.ruleLine}>
          <span>If more than</span>
          <NumberField
            label={`${name}: share`}
            isBare
            place={`${place}.share`}
            value={rule.share}
            times={100}
            min={0}
            max={1}
            suffix=" %"
            width={64}
            onChange={(share) => onChange({ ...rule, share })}
          />
          <span>of at least</span>
          <NumberField
            label={`${name}: least devices`}
            isBare
            place={`${place}.least`}
            value={rule.least}
            isWhole
            min={1}
            max={1_000_000}
            width={56}
            onChange={(least) => onChange({ ...rule, least })}
          />
          <span>devices</span>
          <Select
            aria-label={`${name}: what counts`}
            value={rule.of}
            allowDeselect={false}
            w={130}
            data={Object.entries(causes).map(([value, label]) => ({ value, label }))}
            onChange={(value) => onChange({ ...rule, of: keyIn(causes, value) ?? rule.of })}
          />
          <Select
            aria-label={`${name}: what happens`}
            value={rule.action}
            allowDeselect={false}
            w={140}
            data={Object.entries(acts).map(([value, label]) => ({ value, label }))}
            onChange={(value) => onChange({ ...rule, action: keyIn(acts, value) ?? rule.action })}
          />
          <Tooltip label="Remove">
            <ActionIcon size={24} aria-label={`${name}: remove`} onClick={onRemove}>
              <IconTrash size={14} />
            </ActionIcon>
          </Tooltip>
        </div>
      </At>
    </li>
  )
}

function keyIn<Key extends string>(words: Record<Key, string>, value: string | null): Key | undefined {
  return (Object.keys(words) as Key[]).find((one) => one === value)
}
