import { Button, Checkbox, Group, Modal, PasswordInput, Stack, Stepper, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { CopyAsCommand, shellWord } from '../../../components/copy.tsx'
import { Facts } from '../../../components/facts.tsx'
import { useCommand } from '../../../data/use-command.ts'

const SHORTEST = 12

interface Draft {
  roots: [string, string, string]
  targets: string
  passphrase: string
  again: string
  leaveDevices: boolean
}

/** The ceremony in three steps: where the keys go, what seals them, and what was made. */
export function CeremonyDialog({ onClose }: { onClose(): void }) {
  const [step, setStep] = useState(0)
  const [draft, setDraft] = useState<Draft>({ roots: ['', '', ''], targets: '', passphrase: '', again: '', leaveDevices: false })
  const [made, setMade] = useState<OutputOf<'keys.create'> | null>(null)
  const create = useCommand('keys.create', { isShownInPlace: true })
  const change = (part: Partial<Draft>): void => setDraft((before) => ({ ...before, ...part }))
  const rootTo = draft.roots.filter((folder) => folder.trim() !== '')
  const hasFolders = rootTo.length > 0 && draft.targets.trim() !== ''
  const hasPassphrase = draft.passphrase.length >= SHORTEST && draft.passphrase === draft.again
  const run = async (): Promise<void> => {
    const { passphrase, targets, leaveDevices } = draft
    setMade(await create.run({ rootTo, rootPassphrases: [passphrase], targetsTo: targets, targetsPassphrase: passphrase, leaveDevices }))
    setStep(2)
  }
  return (
    <Modal opened onClose={onClose} title="The ceremony" size="xl">
      <Stack gap="md">
        <Stepper active={step} size="xs">
          <Stepper.Step label="Where the keys go">
            <Folders draft={draft} onChange={change} />
          </Stepper.Step>
          <Stepper.Step label="What seals them">
            <Passphrase draft={draft} onChange={change} />
          </Stepper.Step>
          <Stepper.Step label="Done">{made !== null && <Made made={made} />}</Stepper.Step>
        </Stepper>
        {create.problem !== null && step < 2 && <ProblemBox problem={create.problem} />}
        {create.problem?.code === 'trust.devices-untold' && (
          <Checkbox
            label="Go on without these devices: they refuse new models until they are enrolled anew"
            checked={draft.leaveDevices}
            onChange={({ currentTarget }) => change({ leaveDevices: currentTarget.checked })}
          />
        )}
        <Group justify="space-between">
          <CopyAsCommand
            command={`muster keys create --root-to ${(rootTo.length === 0 ? ['FOLDER'] : rootTo).map(shellWord).join(' ')} --targets-to ${shellWord(draft.targets || 'FOLDER')}`}
          />
          <Group gap="xs">
            {step === 1 && <Button onClick={() => setStep(0)}>Back</Button>}
            <Button onClick={onClose}>{step === 2 ? 'Close' : 'Cancel'}</Button>
            {step === 0 && (
              <Button variant="filled" disabled={!hasFolders} onClick={() => setStep(1)}>
                Next
              </Button>
            )}
            {step === 1 && (
              <Button
                variant="filled"
                disabled={!hasPassphrase}
                loading={create.isRunning}
                onClick={() => void run().catch(() => undefined)}
              >
                Make the keys
              </Button>
            )}
          </Group>
        </Group>
      </Stack>
    </Modal>
  )
}

function Folders({ draft, onChange }: { draft: Draft; onChange(part: Partial<Draft>): void }) {
  return (
    <Stack gap="sm">
      <p>
        Three root keys, of which two decide together, and a targets key that signs new models. Folders are on the machine of the console:
        sticks are best, one for each key. None may lie in its data directory.
      </p>
      {draft.roots.map((folder, i) => (
        <TextInput
          key={i}
          label={`Folder of root key ${i + 1}`}
          placeholder={i === 0 ? '/media/stick-1' : 'The same as before if left empty'}
          value={folder}
          onChange={({ currentTarget }) => {
            const roots: Draft['roots'] = [...draft.roots]
            roots[i] = currentTarget.value
            onChange({ roots })
          }}
        />
      ))}
      <TextInput
        label="Folder of the targets key"
        value={draft.targets}
        onChange={({ currentTarget }) => onChange({ targets: currentTarget.value })}
      />
    </Stack>
  )
}

function Passphrase({ draft, onChange }: { draft: Draft; onChange(part: Partial<Draft>): void }) {
  return (
    <Stack gap="sm">
      <p>One passphrase seals all four files. It is kept nowhere: without it, and without the files, nobody can sign new models.</p>
      <Group align="flex-start">
        <PasswordInput
          label="Passphrase"
          description={`At least ${SHORTEST} characters`}
          autoComplete="new-password"
          w={280}
          value={draft.passphrase}
          onChange={({ currentTarget }) => onChange({ passphrase: currentTarget.value })}
        />
        <PasswordInput
          label="The same again"
          description="So that no slip locks you out"
          autoComplete="new-password"
          w={280}
          value={draft.again}
          error={draft.again !== '' && draft.again !== draft.passphrase ? 'Not the same' : undefined}
          onChange={({ currentTarget }) => onChange({ again: currentTarget.value })}
        />
      </Group>
    </Stack>
  )
}

function Made({ made }: { made: OutputOf<'keys.create'> }) {
  return (
    <Stack gap="sm">
      <p>The keys are made, and the console has destroyed its own. Keep the root keys in different places, and rehearse with each once.</p>
      <Facts rows={made.written.map(({ label, file }) => [label, file] as const)} />
    </Stack>
  )
}
