import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Person } from '../../../../shared/rpc/contract/people.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { showDone } from '../../../shell/notices.tsx'
import { RoleSelect } from './add-person.tsx'

/** Changes how a person is called, and the role. */
export function EditPerson({ person, onClose }: { person: Person; onClose(): void }) {
  const [displayName, setDisplayName] = useState(person.displayName)
  const [role, setRole] = useState(person.role)
  const set = useCommand('people.set', { isShownInPlace: true })
  const save = async (): Promise<void> => {
    await set.run({ name: person.name, displayName, role })
    showDone(`${person.name} is changed.`)
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title={`Change ${person.name}`} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void save().catch(() => undefined)
        }}
      >
        <Stack gap="sm">
          <TextInput
            label="Called"
            value={displayName}
            maxLength={64}
            autoComplete="off"
            data-autofocus
            onChange={(event) => setDisplayName(event.currentTarget.value)}
          />
          <RoleSelect role={role} onChange={setRole} />
          {person.isFromProvider && <p className="dim">The provider says the role anew each time that this person signs in.</p>}
          {set.problem !== null && <ProblemBox problem={set.problem} />}
          <Group justify="flex-end" gap="xs">
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="filled" loading={set.isRunning}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
