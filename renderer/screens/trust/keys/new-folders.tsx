import { TextInput } from '@mantine/core'

/** Asks where new keys of people go: one folder per key, so that no stick holds two root keys. */
export function NewFolders({
  labels,
  value,
  onChange,
}: {
  labels: readonly string[]
  value: readonly string[]
  onChange(value: string[]): void
}) {
  return labels.map((label, i) => (
    <TextInput
      key={label}
      label={label}
      description={i === 0 ? 'On the machine of the console, such as a stick; not in its data directory.' : undefined}
      maxLength={1024}
      spellCheck={false}
      autoComplete="off"
      value={value[i] ?? ''}
      onChange={({ currentTarget }) => onChange(labels.map((_, at) => (at === i ? currentTarget.value : (value[at] ?? ''))))}
    />
  ))
}
