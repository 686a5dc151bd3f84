import { Button, Checkbox, Group, Modal, PasswordInput, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { ShownKeys } from '../../../../shared/rpc/contract/keys.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { showDone } from '../../../shell/notices.tsx'
import { KeyFileInput, noKey, sentKey, type HandedKey } from './key-file-input.tsx'

type What = 'online' | 'recover' | 'targets' | 'root'

const words: Record<What, string> = {
  online: 'New keys for what the console signs each day. Devices follow when they hear the next root.',
  recover:
    'After a theft of this console: new online keys and a new epoch. Every order is signed again, and what the thief signed counts no more.',
  targets: 'A new targets key; the list of models and every model are signed with it.',
  root: 'Three new root keys, signed in by two of the old ones.',
}

/** Replaces keys. Before the ceremony only those of the console can be. */
export function RotateDialog({ shown, onClose }: { shown: ShownKeys; onClose(): void }) {
  const isPeople = shown.mode === 'people'
  const [what, setWhat] = useState<What>('online')
  const [roots, setRoots] = useState<HandedKey[]>(Array.from({ length: isPeople ? shown.root.threshold : 0 }, () => noKey))
  const [to, setTo] = useState('')
  const [passphrase, setPassphrase] = useState('')
  const [options, setOptions] = useState({ isRevoked: false, leaveDevices: false })
  const rotate = useCommand('keys.rotate', { isShownInPlace: true })
  const recover = useCommand('keys.recover', { isShownInPlace: true })
  const isOfPeople = what === 'targets' || what === 'root'
  const isReady =
    roots.every(({ file, passphrase: opens }) => file !== null && opens !== '') && (!isOfPeople || (to !== '' && passphrase.length >= 12))
  const run = async (): Promise<void> => {
    const rootKeys = await Promise.all(roots.map(sentKey))
    const { leaveDevices, isRevoked } = options
    if (what === 'recover') await recover.run({ rootKeys, leaveDevices })
    else {
      const made = isOfPeople ? { to: [to], passphrases: [passphrase] } : {}
      await rotate.run({ what, rootKeys, leaveDevices, reason: isRevoked ? 'revoked' : 'retired', ...made })
    }
    showDone('The new keys count; devices follow when they hear the next root.')
    onClose()
  }
  const problem = rotate.problem ?? recover.problem
  const choices = isPeople ? (['online', 'targets', 'root', 'recover'] as const) : (['online', 'recover'] as const)
  const labels: Record<What, string> = { online: 'Console', targets: 'Targets', root: 'Root', recover: 'After a theft' }
  return (
    <Modal opened onClose={onClose} title="Replace keys" size="xl">
      <Stack gap="sm">
        <SegmentedControl
          aria-label="Which keys"
          value={what}
          onChange={setWhat}
          data={choices.map((value) => ({ value, label: labels[value] }))}
        />
        <p>{words[what]}</p>
        {roots.map((key, i) => (
          <KeyFileInput
            key={i}
            label={`root key ${i + 1}`}
            value={key}
            onChange={(next) => setRoots(roots.map((one, at) => (at === i ? next : one)))}
          />
        ))}
        {isOfPeople && (
          <Group align="flex-end">
            <TextInput label="Folder of the new keys" w={280} value={to} onChange={({ currentTarget }) => setTo(currentTarget.value)} />
            <PasswordInput
              label="Passphrase of the new keys"
              autoComplete="new-password"
              w={280}
              value={passphrase}
              onChange={({ currentTarget }) => setPassphrase(currentTarget.value)}
            />
          </Group>
        )}
        {isOfPeople && (
          <Checkbox
            label="The old keys were lost or stolen"
            checked={options.isRevoked}
            onChange={({ currentTarget }) => setOptions({ ...options, isRevoked: currentTarget.checked })}
          />
        )}
        {problem !== null && <ProblemBox problem={problem} />}
        {problem?.code === 'trust.devices-untold' && (
          <Checkbox
            label="Go on without these devices"
            checked={options.leaveDevices}
            onChange={({ currentTarget }) => setOptions({ ...options, leaveDevices: currentTarget.checked })}
          />
        )}
        <Group justify="flex-end" gap="xs">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="filled"
            disabled={!isReady}
            loading={rotate.isRunning || recover.isRunning}
            onClick={() => void run().catch(() => undefined)}
          >
            Replace
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
