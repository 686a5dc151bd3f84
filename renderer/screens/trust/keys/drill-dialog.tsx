import { Button, Group, Modal, Stack } from '@mantine/core'
import { useState } from 'react'
import { ProblemBox } from '../../../components/answered.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { useCommand } from '../../../data/use-command.ts'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import styles from '../trust.module.css'
import { KeyFileInput, noKey, sentKey } from './key-file-input.tsx'

/** A rehearsal with one key of people. */
export function DrillDialog({ onClose }: { onClose(): void }) {
  const [key, setKey] = useState(noKey)
  const [done, setDone] = useState<OutputOf<'keys.drill'> | null>(null)
  const drill = useCommand('keys.drill', { isShownInPlace: true })
  const isReady = key.file !== null && key.passphrase !== ''
  const run = async (): Promise<void> => setDone(await drill.run({ key: await sentKey(key) }))
  return (
    <Modal opened onClose={onClose} title="Rehearse with a key" size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          // What fails is shown in the dialog.
          if (isReady && !drill.isRunning) run().catch(() => undefined)
        }}
      >
        <Stack gap="sm">
          <p className={styles.words}>
            The key is opened, signs a test document that counts for nothing, and is forgotten. That it opened is on record.
          </p>
          <KeyFileInput
            label="the key"
            isFirst
            value={key}
            onChange={(next) => {
              setKey(next)
              setDone(null)
            }}
          />
          {drill.problem !== null && <ProblemBox problem={drill.problem} />}
          {done !== null && (
            <div role="status">
              <StateMark
                state={done.ok ? 'ok' : 'failed'}
                word={done.ok ? `${done.label} opens and signs.` : `${done.label}: ${done.problem ?? ''}`}
              />
            </div>
          )}
          <Group justify="flex-end" gap="xs">
            <Button onClick={onClose}>Close</Button>
            <Button type="submit" variant="filled" disabled={!isReady} loading={drill.isRunning}>
              Rehearse
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
