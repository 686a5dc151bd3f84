import { Button, Checkbox, Group, Modal, SegmentedControl, Stack } from '@mantine/core'
import { useState } from 'react'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import type { ShownKeys } from '../../../../shared/rpc/contract/keys.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { showDone } from '../../../shell/notices.tsx'
import styles from '../trust.module.css'
import { KeyFileInput, noKey, sentKey, type HandedKey } from './key-file-input.tsx'
import { NewFolders } from './new-folders.tsx'
import { isChosen, NewPassphrase, noPassphrase } from './new-passphrase.tsx'
import { replacedWords, type Replaced } from './rotate-words.ts'
import { WrittenKeys } from './written-keys.tsx'

const folderLabels = {
  targets: ['Folder of the new keys'],
  root: ['Folder of the new root key 1', 'Folder of the new root key 2', 'Folder of the new root key 3'],
} as const

/** Replaces keys. Before the ceremony only those of the console can be. */
export function RotateDialog({ shown, onClose }: { shown: ShownKeys; onClose(): void }) {
  const isPeople = shown.mode === 'people'
  const [what, setWhat] = useState<Replaced>('online')
  const [roots, setRoots] = useState<HandedKey[]>(Array.from({ length: isPeople ? shown.root.threshold : 0 }, () => noKey))
  const [folders, setFolders] = useState<string[]>([])
  const [passphrase, setPassphrase] = useState(noPassphrase)
  const [options, setOptions] = useState({ isRevoked: false, leaveDevices: false })
  const [written, setWritten] = useState<OutputOf<'keys.rotate'>['written']>([])
  const rotate = useCommand('keys.rotate', { isShownInPlace: true })
  const recover = useCommand('keys.recover', { isShownInPlace: true })
  const isRunning = rotate.isRunning || recover.isRunning
  const isOfPeople = what === 'targets' || what === 'root'
  const labels = isOfPeople ? folderLabels[what] : []
  const to = labels.map((_, i) => (folders[i] ?? '').trim())
  const isReady =
    roots.every(({ file, passphrase: opens }) => file !== null && opens !== '') &&
    (!isOfPeople || (to.every((folder) => folder !== '') && isChosen(passphrase)))
  const run = async (): Promise<void> => {
    const rootKeys = await Promise.all(roots.map(sentKey))
    const { leaveDevices, isRevoked } = options
    if (what === 'recover') await recover.run({ rootKeys, leaveDevices })
    else {
      const made = isOfPeople ? { to, passphrases: [passphrase.text] } : {}
      const answer = await rotate.run({ what, rootKeys, leaveDevices, reason: isRevoked ? 'revoked' : 'retired', ...made })
      setWritten(answer.written)
      if (answer.written.length > 0) return
    }
    showDone('The new keys count; devices follow when they hear the next root.')
    onClose()
  }
  if (written.length > 0) return <Replacement written={written} onClose={onClose} />
  const problem = rotate.problem ?? recover.problem
  const choices = isPeople ? (['online', 'targets', 'root', 'recover'] as const) : (['online', 'recover'] as const)
  return (
    <Modal opened onClose={() => isRunning || onClose()} title="Replace keys" size="xl">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          // What fails is shown in the dialog.
          if (isReady && !isRunning) run().catch(() => undefined)
        }}
      >
        <Stack gap="sm">
          <SegmentedControl
            aria-label="Which keys"
            value={what}
            onChange={(next) => {
              setWhat(next)
              rotate.reset()
              recover.reset()
            }}
            data={choices.map((value) => ({ value, label: replacedWords[value].label }))}
          />
          <p className={styles.words}>{replacedWords[what].text}</p>
          {roots.map((key, i) => (
            <KeyFileInput
              key={i}
              label={roots.length === 1 ? 'the root key' : `root key ${i + 1}`}
              value={key}
              onChange={(next) => setRoots(roots.map((one, at) => (at === i ? next : one)))}
            />
          ))}
          {isOfPeople && (
            <>
              <NewFolders labels={labels} value={folders} onChange={setFolders} />
              <NewPassphrase label="Passphrase of the new keys" value={passphrase} onChange={setPassphrase} />
              <Checkbox
                label="The old keys were lost or stolen"
                checked={options.isRevoked}
                onChange={({ currentTarget }) => setOptions({ ...options, isRevoked: currentTarget.checked })}
              />
            </>
          )}
          {problem !== null && <ProblemBox problem={problem} />}
          {problem?.code === 'trust.devices-untold' && (
            <Checkbox
              label="Go on without these devices: they refuse new models until they are enrolled anew"
              checked={options.leaveDevices}
              onChange={({ currentTarget }) => setOptions({ ...options, leaveDevices: currentTarget.checked })}
            />
          )}
          <Group justify="flex-end" gap="xs">
            <Button disabled={isRunning} onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" variant="filled" disabled={!isReady} loading={isRunning}>
              {replacedWords[what].action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** The new files of people, and what to do with the old ones. */
function Replacement({ written, onClose }: { written: OutputOf<'keys.rotate'>['written']; onClose(): void }) {
  return (
    <Modal opened onClose={onClose} title="Replace keys" size="xl">
      <Stack gap="sm" role="status">
        <p className={styles.words}>
          The new keys count; devices follow when they hear the next root. The old files open nothing any more: destroy them.
        </p>
        <WrittenKeys written={written} />
        <Group justify="flex-end">
          <Button variant="filled" data-autofocus onClick={onClose}>
            Close
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
