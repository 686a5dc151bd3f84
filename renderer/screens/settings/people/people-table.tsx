import { ActionIcon, Menu, Table } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useState } from 'react'
import type { Person } from '../../../../shared/rpc/contract/people.ts'
import { formatCount } from '../../../components/format.ts'
import table from '../../../components/plain-table.module.css'
import { Ago } from '../../../components/time.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { showDone } from '../../../shell/notices.tsx'
import { EditPerson } from './edit-person.tsx'
import { ResetPassword } from './reset-password.tsx'

/** The accounts, with what may be done to each. */
export function PeopleTable({ people }: { people: readonly Person[] }) {
  const [open, setOpen] = useState<{ person: Person; dialog: 'edit' | 'password' } | null>(null)
  const close = (): void => setOpen(null)
  return (
    <>
      <Table className={table['table']} aria-label="Accounts">
        <Table.Thead>
          <Table.Tr>
            {['Name', 'Called', 'Role', 'Signs in with', 'Sessions', 'Tokens', 'Last signed in', ''].map((title) => (
              <Table.Th key={title}>{title}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {people.map((person) => (
            <Table.Tr key={person.name}>
              <Table.Td className="foreign">{person.name}</Table.Td>
              <Table.Td className="foreign">{person.displayName}</Table.Td>
              <Table.Td>{person.isDisabled ? `${person.role}, disabled` : person.role}</Table.Td>
              <Table.Td>{waysOf(person)}</Table.Td>
              <Table.Td>{formatCount(person.sessions)}</Table.Td>
              <Table.Td>{formatCount(person.tokens)}</Table.Td>
              <Table.Td>{person.signedInAt === null ? 'never' : <Ago at={person.signedInAt} />}</Table.Td>
              <Table.Td>
                <PersonActions person={person} onOpen={(dialog) => setOpen({ person, dialog })} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {open?.dialog === 'edit' && <EditPerson person={open.person} onClose={close} />}
      {open?.dialog === 'password' && <ResetPassword name={open.person.name} onClose={close} />}
    </>
  )
}

/** What a person signs in with, in words. */
export function waysOf({ hasPassword, passkeys, isFromProvider }: Person): string {
  const ways = [
    ...(hasPassword ? ['password'] : []),
    ...(passkeys > 0 ? [passkeys === 1 ? 'passkey' : `${passkeys} passkeys`] : []),
    ...(isFromProvider ? ['the provider'] : []),
  ]
  return ways.join(', ')
}

function PersonActions({ person, onOpen }: { person: Person; onOpen(dialog: 'edit' | 'password'): void }) {
  const { name, isDisabled } = person
  const set = useCommand('people.set')
  const end = useCommand('people.endSessions')
  const removePasskeys = useCommand('people.removePasskeys')
  const done = (work: Promise<unknown>, words: string): void => {
    work.then(() => showDone(words)).catch(() => undefined)
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size="sm" aria-label={`Actions for ${name}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onOpen('edit')}>Change name and role</Menu.Item>
        {person.hasPassword && <Menu.Item onClick={() => onOpen('password')}>Set a new password</Menu.Item>}
        {person.sessions > 0 && (
          <Menu.Item onClick={() => done(end.run({ name }), `${name} is signed out everywhere.`)}>Sign out everywhere</Menu.Item>
        )}
        {person.passkeys > 0 && (
          <Menu.Item onClick={() => done(removePasskeys.run({ name }), `The passkeys of ${name} are removed.`)}>
            Remove its passkeys
          </Menu.Item>
        )}
        <Menu.Item onClick={() => done(set.run({ name, isDisabled: !isDisabled }), `${name} is ${isDisabled ? 'enabled' : 'disabled'}.`)}>
          {isDisabled ? 'Enable the account' : 'Disable the account'}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
