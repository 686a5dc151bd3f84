import { Button, Group, Modal, NumberInput, Stack } from '@mantine/core'
import { useState } from 'react'
import { bundleDigest } from '../../../../shared/domain/ids.ts'
import type { ShownKeys } from '../../../../shared/rpc/contract/keys.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { showDone } from '../../../shell/notices.tsx'
import styles from '../trust.module.css'
import { KeyFileInput, noKey, sentKey } from './key-file-input.tsx'
import { nothingNew, SignedWords, type ToSign } from './signed-words.tsx'

/** Keeps the targets key in the memory of the console for a while. */
export function UnlockDialog({ shown, onClose }: { shown: ShownKeys; onClose(): void }) {
  const [key, setKey] = useState(noKey)
  const [minutes, setMinutes] = useState(15)
  const [toSign, setToSign] = useState(nothingNew)
  const unlock = useCommand('keys.unlock', { isShownInPlace: true })
  const run = async (): Promise<void> => {
    await unlock.run({ key: await sentKey(key), minutes, sign: toSign.digests.map((one) => bundleDigest.parse(one)), mend: toSign.mend })
    showDone(`New models can be signed for ${minutes} minutes.`)
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title="Unlock the targets key" size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          // What fails is shown in the dialog.
          if (key.passphrase !== '' && !unlock.isRunning) run().catch(() => undefined)
        }}
      >
        <Stack gap="sm">
          <p className={styles.words}>The key is opened in memory and forgotten when the time is over, or when the console stops.</p>
          <SignedWords list={shown.list} value={toSign} onChange={setToSign} />
          <KeyFileInput label="the targets key" value={key} isOptional isFirst onChange={setKey} />
          <NumberInput label="Minutes" min={1} max={480} w={120} value={minutes} onChange={(value) => setMinutes(Number(value) || 15)} />
          {unlock.problem !== null && <ProblemBox problem={unlock.problem} />}
          <Group justify="space-between">
            <CopyAsCommand command={`npm run -s muster -- keys unlock --minutes ${minutes}${flagsOf(toSign)}`} />
            <Group gap="xs">
              <Button onClick={onClose}>Cancel</Button>
              <Button type="submit" variant="filled" disabled={key.passphrase === ''} loading={unlock.isRunning}>
                Unlock
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function flagsOf({ digests, mend }: ToSign): string {
  return `${digests.length === 0 ? '' : ` --sign ${digests.join(' ')}`}${mend ? ' --mend' : ''}`
}
