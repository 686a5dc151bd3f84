import { FileInput, PasswordInput, SimpleGrid } from '@mantine/core'

/** A sealed key that a person hands over: the file from their stick, and what opens it. */
export interface HandedKey {
  file: File | null
  passphrase: string
}

export const noKey: HandedKey = { file: null, passphrase: '' }

/** Asks for the file of a key and its passphrase. The file is read here and sent sealed; it is not stored. */
export function KeyFileInput({
  label,
  value,
  isOptional = false,
  isFirst = false,
  onChange,
}: {
  label: string
  value: HandedKey
  /** The file may be left out: the console looks where it was written. */
  isOptional?: boolean
  /** The focus goes here when the dialog opens. */
  isFirst?: boolean
  onChange(value: HandedKey): void
}) {
  return (
    <SimpleGrid cols={2} spacing="md">
      <FileInput
        label={`File of ${label}`}
        placeholder={isOptional ? 'Where it was written' : 'Choose the file'}
        accept=".json"
        clearable
        value={value.file}
        onChange={(file) => onChange({ ...value, file })}
        data-autofocus={(isFirst && !isOptional) || undefined}
      />
      <PasswordInput
        label={`Passphrase of ${label}`}
        autoComplete="off"
        value={value.passphrase}
        onChange={({ currentTarget }) => onChange({ ...value, passphrase: currentTarget.value })}
        data-autofocus={(isFirst && isOptional) || undefined}
      />
    </SimpleGrid>
  )
}

/** What is sent of a handed key. */
export async function sentKey({ file, passphrase }: HandedKey): Promise<{ content?: string; passphrase: string }> {
  return file === null ? { passphrase } : { content: await file.text(), passphrase }
}
