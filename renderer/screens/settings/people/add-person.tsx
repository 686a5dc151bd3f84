import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { accountName, personRoles, roleMeanings, type PersonRole } from '../../../../shared/domain/people.ts'
import { Problem } from '../../../../shared/domain/problem.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { usePasswordTicket } from '../../../data/use-password-ticket.ts'
import { showDone } from '../../../shell/notices.tsx'
import { isReady, noPassword, PasswordFields } from './password-fields.tsx'

/** Adds an account; the first one is an admin, and from then on people sign in. */
export function AddPerson({ isFirst, onClose }: { isFirst: boolean; onClose(): void }) {
  const [name, setName] = useState('')
  const [displayName, setDisplayName] = useState('')
  const [role, setRole] = useState<PersonRole>(isFirst ? 'admin' : 'operator')
  const [password, setPassword] = useState(noPassword)
  const [weak, setWeak] = useState<Problem | null>(null)
  const add = useCommand('people.add', { isShownInPlace: true })
  const ticketOf = usePasswordTicket()
  const nameProblem = name === '' ? null : (accountName.safeParse(name).error?.issues[0]?.message ?? null)
  const isComplete = name !== '' && nameProblem === null && isReady(password, name)
  const save = async (): Promise<void> => {
    setWeak(null)
    try {
      const ticket = await ticketOf({ password: password.password, name })
      const made = await add.run({ name, displayName, role, ticket })
      showDone(isFirst ? `${made.name} is the first account. Sign in with it.` : `${made.name} can sign in now.`)
      onClose()
    } catch (error) {
      if (error instanceof Problem) setWeak(error)
    }
  }
  return (
    <Modal opened onClose={onClose} title={isFirst ? 'Make the first account' : 'Add a person'} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isComplete) void save()
        }}
      >
        <Stack gap="sm">
          {isFirst && <p>It is an admin. Every open page of this console, this one too, asks to sign in as soon as it is made.</p>}
          <TextInput
            label="Name"
            description="To sign in with, and as the audit log says it: a to z, 0 to 9, . _ and -"
            value={name}
            maxLength={40}
            error={nameProblem}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            data-autofocus
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label="Called"
            placeholder={name === '' ? 'Anna Keller' : name}
            value={displayName}
            maxLength={64}
            autoComplete="off"
            onChange={(event) => setDisplayName(event.currentTarget.value)}
          />
          <RoleSelect role={role} isDisabled={isFirst} onChange={setRole} />
          <PasswordFields name={name} value={password} onChange={setPassword} />
          {weak !== null && <ProblemBox problem={weak} />}
          <Group justify="flex-end" gap="xs">
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="filled" disabled={!isComplete} loading={add.isRunning}>
              {isFirst ? 'Make the account' : 'Add the person'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** Chooses a role, and says what it is for. */
export function RoleSelect({
  role,
  label = 'Role',
  roles = personRoles,
  isDisabled = false,
  onChange,
}: {
  role: PersonRole
  label?: string
  roles?: readonly PersonRole[]
  isDisabled?: boolean
  onChange(role: PersonRole): void
}) {
  return (
    <Select
      label={label}
      description={roleMeanings[role]}
      data={[...roles]}
      value={role}
      allowDeselect={false}
      disabled={isDisabled}
      onChange={(next) => onChange(personRoles.find((one) => one === next) ?? role)}
    />
  )
}
