import { Button, Checkbox, Group, Modal, Stack, Stepper, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { CopyAsCommand, shellWord } from '../../../components/copy.tsx'
import { useCommand } from '../../../data/use-command.ts'
import styles from '../trust.module.css'
import { isChosen, NewPassphrase, noPassphrase, type ChosenPassphrase } from './new-passphrase.tsx'
import { WrittenKeys } from './written-keys.tsx'

interface Draft {
  roots: [string, string, string]
  targets: string
  passphrase: ChosenPassphrase
  leaveDevices: boolean
}

const nothing: Draft = { roots: ['', '', ''], targets: '', passphrase: noPassphrase, leaveDevices: false }

/** The ceremony in three steps: where the keys go, what seals them, and what was made. */
export function CeremonyDialog({ onClose }: { onClose(): void }) {
  const [step, setStep] = useState(0)
  const [draft, setDraft] = useState<Draft>(nothing)
  const [made, setMade] = useState<OutputOf<'keys.create'> | null>(null)
  const create = useCommand('keys.create', { isShownInPlace: true })
  const change = (part: Partial<Draft>): void => setDraft((before) => ({ ...before, ...part }))
  const rootTo = draft.roots.map((folder) => folder.trim()).filter((folder) => folder !== '')
  const isReady = [rootTo.length > 0 && draft.targets.trim() !== '', isChosen(draft.passphrase), false][step] === true
  const run = async (): Promise<void> => {
    const { passphrase, targets, leaveDevices } = draft
    const { text } = passphrase
    setMade(await create.run({ rootTo, rootPassphrases: [text], targetsTo: targets.trim(), targetsPassphrase: text, leaveDevices }))
    setDraft(nothing)
    setStep(2)
  }
  return (
    // While the keys are made, the dialog stays: it is what says where they are.
    <Modal opened onClose={() => create.isRunning || onClose()} title="The ceremony" size="xl">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (!isReady || create.isRunning) return
          if (step === 0) setStep(1)
          // What fails is shown in the dialog.
          else run().catch(() => undefined)
        }}
      >
        <Stack gap="md">
          <Stepper active={step} size="xs">
            <Stepper.Step label="Where the keys go">
              <Folders draft={draft} onChange={change} />
            </Stepper.Step>
            <Stepper.Step label="What seals them">
              <Stack gap="sm">
                <p className={styles.words}>
                  One passphrase seals all four files. It is kept nowhere: without it, and without the files, nobody can sign new models.
                </p>
                <NewPassphrase label="Passphrase" isFirst value={draft.passphrase} onChange={(passphrase) => change({ passphrase })} />
              </Stack>
            </Stepper.Step>
            <Stepper.Step label="Done">{made !== null && <Made made={made} />}</Stepper.Step>
          </Stepper>
          {create.problem !== null && step < 2 && <ProblemBox problem={create.problem} />}
          {create.problem?.code === 'trust.devices-untold' && step < 2 && (
            <Checkbox
              label="Go on without these devices: they refuse new models until they are enrolled anew"
              checked={draft.leaveDevices}
              onChange={({ currentTarget }) => change({ leaveDevices: currentTarget.checked })}
            />
          )}
          <Acts
            {...{ step, rootTo, isReady, isRunning: create.isRunning, targets: draft.targets.trim(), onClose }}
            onBack={() => {
              create.reset()
              setStep(0)
            }}
          />
        </Stack>
      </form>
    </Modal>
  )
}

function Acts(of: {
  step: number
  rootTo: readonly string[]
  targets: string
  isReady: boolean
  isRunning: boolean
  onBack(): void
  onClose(): void
}) {
  if (of.step === 2)
    return (
      <Group justify="flex-end">
        <Button variant="filled" autoFocus onClick={of.onClose}>
          Close
        </Button>
      </Group>
    )
  const roots = (of.rootTo.length === 0 ? ['FOLDER'] : of.rootTo).map(shellWord).join(' ')
  return (
    <Group justify="space-between">
      <CopyAsCommand command={`npm run -s muster -- keys create --root-to ${roots} --targets-to ${shellWord(of.targets || 'FOLDER')}`} />
      <Group gap="xs">
        {of.step === 1 && (
          <Button disabled={of.isRunning} onClick={of.onBack}>
            Back
          </Button>
        )}
        <Button disabled={of.isRunning} onClick={of.onClose}>
          Cancel
        </Button>
        <Button type="submit" variant="filled" disabled={!of.isReady} loading={of.isRunning}>
          {of.step === 0 ? 'Next' : 'Make the keys'}
        </Button>
      </Group>
    </Group>
  )
}

function Folders({ draft, onChange }: { draft: Draft; onChange(part: Partial<Draft>): void }) {
  const common = { maxLength: 1024, spellCheck: false, autoComplete: 'off' } as const
  return (
    <Stack gap="sm">
      <p className={styles.words}>
        Three root keys, of which two decide together, and a targets key that signs new models. Folders are on the machine of the console:
        sticks are best, one for each key. None may lie in its data directory.
      </p>
      {draft.roots.map((folder, i) => (
        <TextInput
          {...common}
          key={i}
          label={`Folder of root key ${i + 1}`}
          placeholder={i === 0 ? '/media/stick-1' : 'The same as before if left empty'}
          value={folder}
          onChange={({ currentTarget }) => {
            const roots: Draft['roots'] = [...draft.roots]
            roots[i] = currentTarget.value
            onChange({ roots })
          }}
          data-autofocus={i === 0 || undefined}
        />
      ))}
      <TextInput
        {...common}
        label="Folder of the targets key"
        placeholder="/media/stick-4"
        value={draft.targets}
        onChange={({ currentTarget }) => onChange({ targets: currentTarget.value })}
      />
    </Stack>
  )
}

function Made({ made }: { made: OutputOf<'keys.create'> }) {
  return (
    <Stack gap="sm" role="status">
      <p className={styles.words}>
        The keys are made, and the console has destroyed its own. Keep the root keys in different places, and rehearse with each once.
      </p>
      <WrittenKeys written={made.written} />
    </Stack>
  )
}
