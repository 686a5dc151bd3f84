import { Group, PasswordInput, Stack } from '@mantine/core'
import { useState } from 'react'
import type { BackupsShown } from '../../../../shared/rpc/contract/backups.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { Section } from '../../../components/screen.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { showDone } from '../../../shell/notices.tsx'

const SHORTEST = 12

/** Whether the keys of the fleet go into backups, and under which passphrase. */
export function KeyForm({ shown }: { shown: BackupsShown }) {
  const [passphrase, setPassphrase] = useState('')
  const [again, setAgain] = useState('')
  const seal = useCommand('backups.seal', { isShownInPlace: true })
  const save = useCommand('backups.setSchedule', { isShownInPlace: true })
  const isReady = passphrase.length >= SHORTEST && passphrase === again
  const set = async (): Promise<void> => {
    await save.run({ seal: await seal.run({ passphrase }) })
    setPassphrase('')
    setAgain('')
    showDone('From the next backup on the keys go along, sealed.')
  }
  const problem = seal.problem ?? save.problem
  return (
    <Section title="Keys in backups">
      <Stack gap="sm">
        <p>
          {shown.keys === 'sealed'
            ? 'The keys of the fleet go into backups, sealed under your passphrase. It is kept nowhere: without it they cannot be restored.'
            : 'The keys of the fleet are left out. If this disk breaks, no device trusts the restored console, and all must be enrolled anew.'}
        </p>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (isReady) set().catch(() => undefined)
          }}
        >
          <Stack gap="sm">
            <Group align="flex-start">
              <PasswordInput
                label="Passphrase"
                description={`At least ${SHORTEST} characters`}
                autoComplete="new-password"
                w={280}
                value={passphrase}
                onChange={({ currentTarget }) => setPassphrase(currentTarget.value)}
              />
              <PasswordInput
                label="The same again"
                description="So that no slip locks you out"
                autoComplete="new-password"
                w={280}
                value={again}
                error={again !== '' && again !== passphrase ? 'Not the same' : undefined}
                onChange={({ currentTarget }) => setAgain(currentTarget.value)}
              />
            </Group>
            {problem !== null && <ProblemBox problem={problem} />}
            <Group>
              <MayButton
                method="backups.seal"
                type="submit"
                variant="filled"
                disabled={!isReady}
                loading={seal.isRunning || save.isRunning}
              >
                {shown.keys === 'sealed' ? 'Change the passphrase' : 'Seal keys into backups'}
              </MayButton>
              {shown.keys === 'sealed' && (
                <MayButton
                  method="backups.setSchedule"
                  loading={save.isRunning}
                  onClick={() => void save.run({ seal: null }).catch(() => undefined)}
                >
                  Leave keys out
                </MayButton>
              )}
            </Group>
          </Stack>
        </form>
      </Stack>
    </Section>
  )
}
