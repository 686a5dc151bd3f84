import { Button, FileInput, Group, Modal, Select, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { ShownKey } from '../../../../shared/rpc/contract/keys.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { CopyAsCommand, shellWord } from '../../../components/copy.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { showDone } from '../../../shell/notices.tsx'
import styles from '../trust.module.css'

/** Copies the sealed file of a key to another stick. It stays sealed, so no passphrase is asked for. */
export function BackupDialog({ keys, onClose }: { keys: readonly ShownKey[]; onClose(): void }) {
  const mine = keys.filter(({ holder, state, kept }) => holder === 'people' && state === 'active' && kept !== null)
  const [keyId, setKeyId] = useState(mine[0]?.keyId ?? null)
  const [file, setFile] = useState<File | null>(null)
  const [to, setTo] = useState('')
  const backup = useCommand('keys.backup', { isShownInPlace: true })
  const path = mine.find((key) => key.keyId === keyId)?.kept ?? null
  const isReady = (file !== null || path !== null) && to.trim() !== ''
  const run = async (): Promise<void> => {
    const key = file !== null ? { content: await file.text() } : path !== null ? { path } : {}
    const { written } = await backup.run({ key, to: to.trim() })
    showDone(written.map((one) => `${one.label}: copied to ${one.file}, and read back.`).join(' '))
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title="Copy a key" size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          // What fails is shown in the dialog.
          if (isReady && !backup.isRunning) run().catch(() => undefined)
        }}
      >
        <Stack gap="sm">
          <p className={styles.words}>The copy stays sealed under the passphrase of the key, and is read back after it was written.</p>
          <Select
            label="Key"
            description={file === null ? (path ?? 'Choose its file below.') : `The file ${file.name} counts.`}
            allowDeselect={false}
            disabled={file !== null}
            data={mine.map(({ keyId: value, label }) => ({ value, label }))}
            value={keyId}
            onChange={setKeyId}
            data-autofocus
          />
          <FileInput
            label="Its file"
            description="Where the stick is not at the machine of the console, but at yours."
            placeholder="Where it was written"
            accept=".json"
            clearable
            value={file}
            onChange={setFile}
          />
          <TextInput
            label="Folder of the copy"
            description="On the machine of the console, such as another stick; not in its data directory."
            placeholder="/media/stick-5"
            maxLength={1024}
            spellCheck={false}
            value={to}
            onChange={({ currentTarget }) => setTo(currentTarget.value)}
          />
          {backup.problem !== null && <ProblemBox problem={backup.problem} />}
          <Group justify="space-between">
            <CopyAsCommand
              command={`npm run -s muster -- keys backup --key ${path === null ? 'FILE' : shellWord(path)} --to ${to.trim() === '' ? 'FOLDER' : shellWord(to.trim())}`}
            />
            <Group gap="xs">
              <Button onClick={onClose}>Cancel</Button>
              <Button type="submit" variant="filled" disabled={!isReady} loading={backup.isRunning}>
                Copy the key
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
