import { PasswordInput, SimpleGrid } from '@mantine/core'

/** The least that may seal a key. */
const SHORTEST = 12

/** A passphrase that is being chosen, written twice: one slip would lock its person out for good. */
export interface ChosenPassphrase {
  text: string
  again: string
}

export const noPassphrase: ChosenPassphrase = { text: '', again: '' }

/** True if it is long enough, and both are the same. */
export function isChosen({ text, again }: ChosenPassphrase): boolean {
  return text.length >= SHORTEST && text === again
}

/** Asks for a new passphrase, twice. */
export function NewPassphrase({
  label,
  value,
  isFirst = false,
  onChange,
}: {
  label: string
  value: ChosenPassphrase
  /** The focus goes here when the dialog opens, or comes to this step. */
  isFirst?: boolean
  onChange(value: ChosenPassphrase): void
}) {
  return (
    <SimpleGrid cols={2} spacing="md">
      <PasswordInput
        label={label}
        description={`At least ${SHORTEST} characters`}
        autoComplete="new-password"
        autoFocus={isFirst}
        value={value.text}
        onChange={({ currentTarget }) => onChange({ ...value, text: currentTarget.value })}
      />
      <PasswordInput
        label="The same again"
        description="So that no slip locks you out"
        autoComplete="new-password"
        value={value.again}
        error={value.again !== '' && value.again !== value.text ? 'Not the same' : undefined}
        onChange={({ currentTarget }) => onChange({ ...value, again: currentTarget.value })}
      />
    </SimpleGrid>
  )
}
