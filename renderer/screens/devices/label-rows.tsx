import { ActionIcon, Button, Group, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { keyProblem, labelsProblem, type LabelRow } from './label-change.ts'
import styles from './devices.module.css'

/** Labels as rows of a form: name, value, remove; one more with a button. */
export function LabelRows({ rows, onChange }: { rows: readonly LabelRow[]; onChange(rows: LabelRow[]): void }) {
  const change = (index: number, part: Partial<LabelRow>): void => onChange(rows.map((row, i) => (i === index ? { ...row, ...part } : row)))
  const problem = labelsProblem(rows)
  return (
    <div className={styles.labelRows} role="group" aria-label="Labels">
      {rows.map((row, index) => (
        <Group key={index} gap={4} wrap="nowrap" align="flex-start">
          <TextInput
            aria-label={`Name of label ${index + 1}`}
            placeholder="site"
            value={row.key}
            maxLength={64}
            error={isWrong(rows, index)}
            onChange={(event) => change(index, { key: event.currentTarget.value })}
            flex={2}
          />
          <TextInput
            aria-label={`Value of label ${index + 1}`}
            placeholder="lyon"
            value={row.value}
            maxLength={256}
            onChange={(event) => change(index, { value: event.currentTarget.value })}
            flex={3}
          />
          <ActionIcon
            aria-label={`Remove label ${row.key === '' ? index + 1 : row.key}`}
            onClick={() => onChange(rows.filter((_, i) => i !== index))}
          >
            <IconX size={14} />
          </ActionIcon>
        </Group>
      ))}
      {problem !== null && (
        <span role="alert" className={styles.labelProblem}>
          {problem}
        </span>
      )}
      <Button leftSection={<IconPlus size={14} />} onClick={() => onChange([...rows, { key: '', value: '' }])}>
        Add a label
      </Button>
    </div>
  )
}

/** True if the name of a row cannot stay: it is no name, or another row has it. */
function isWrong(rows: readonly LabelRow[], index: number): boolean {
  const { key, value } = rows[index]!
  if (key.trim() === '') return value.trim() !== ''
  return keyProblem(key) !== null || rows.some((row, i) => i !== index && row.key.trim() === key.trim())
}
