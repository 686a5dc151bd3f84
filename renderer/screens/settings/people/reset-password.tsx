import { Button, Checkbox, Group, Modal, Stack } from '@mantine/core'
import { useState } from 'react'
import { Problem } from '../../../../shared/domain/problem.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { usePasswordTicket } from '../../../data/use-password-ticket.ts'
import { showDone } from '../../../shell/notices.tsx'
import { isReady, noPassword, PasswordFields } from './password-fields.tsx'

/** An admin sets the password of somebody who has lost it. */
export function ResetPassword({ name, onClose }: { name: string; onClose(): void }) {
  const [password, setPassword] = useState(noPassword)
  const [keepsOthers, setKeepsOthers] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const set = useCommand('people.setPassword', { isShownInPlace: true })
  const ticketOf = usePasswordTicket()
  const save = async (): Promise<void> => {
    setProblem(null)
    try {
      await set.run({ name, keepsOthers, ticket: await ticketOf({ password: password.password, name }) })
      showDone(`The password of ${name} is set.`)
      onClose()
    } catch (error) {
      if (error instanceof Problem) setProblem(error)
    }
  }
  return (
    <Modal opened onClose={onClose} title={`New password for ${name}`} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady(password, name)) void save()
        }}
      >
        <Stack gap="sm">
          <p>All sessions of {name} end. Tell the person the new password in person; it can be changed after signing in.</p>
          <Checkbox
            label="Keep its tokens and passkeys"
            description="Only if nobody else can have had them: else they end with the old password."
            checked={keepsOthers}
            onChange={(event) => setKeepsOthers(event.currentTarget.checked)}
          />
          <PasswordFields name={name} value={password} onChange={setPassword} />
          {problem !== null && <ProblemBox problem={problem} />}
          <Group justify="flex-end" gap="xs">
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="filled" disabled={!isReady(password, name)} loading={set.isRunning}>
              Set the password
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
