import { TextInput } from '@mantine/core'

/** The path of a folder on the machine of the console. */
export function CarryFolder({ label, folder, onFolder }: { label: string; folder: string; onFolder(folder: string): void }) {
  return (
    <TextInput
      label={label}
      description="The whole path on the machine of the console. Other files in it are not touched."
      placeholder="/media/stick"
      value={folder}
      onChange={(event) => onFolder(event.currentTarget.value)}
      maxLength={1024}
      spellCheck={false}
      autoComplete="off"
      maw={520}
    />
  )
}
