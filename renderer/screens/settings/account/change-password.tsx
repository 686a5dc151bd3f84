import { Button, Group, PasswordInput, Stack } from '@mantine/core'
import { useState } from 'react'
import { Problem } from '../../../../shared/domain/problem.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { Section } from '../../../components/screen.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { usePasswordTicket } from '../../../data/use-password-ticket.ts'
import { showDone } from '../../../shell/notices.tsx'
import { isReady, noPassword, PasswordFields } from '../people/password-fields.tsx'

/** Changes the own password; every other session ends. */
export function ChangePassword({ name }: { name: string }) {
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState(noPassword)
  const [problem, setProblem] = useState<Problem | null>(null)
  const set = useCommand('access.setPassword', { isShownInPlace: true })
  const ticketOf = usePasswordTicket()
  const isComplete = current !== '' && isReady(password, name)
  const save = async (): Promise<void> => {
    setProblem(null)
    try {
      await set.run({ ticket: await ticketOf({ password: password.password, name, current }) })
      setCurrent('')
      setPassword(noPassword)
      showDone('Your password is changed. Other sessions of yours ended.')
    } catch (error) {
      if (error instanceof Problem) setProblem(error)
    }
  }
  return (
    <Section title="Password">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isComplete) void save()
        }}
      >
        <Stack gap="sm" maw={408}>
          <PasswordInput
            label="Current password"
            value={current}
            maxLength={256}
            autoComplete="current-password"
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
          <PasswordFields name={name} value={password} onChange={setPassword} />
          {problem !== null && <ProblemBox problem={problem} />}
          <Group>
            <Button type="submit" disabled={!isComplete} loading={set.isRunning}>
              Change the password
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}
