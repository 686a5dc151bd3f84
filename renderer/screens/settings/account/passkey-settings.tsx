import { Button, Group, Table, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Problem } from '../../../../shared/domain/problem.ts'
import { Answered, ProblemBox } from '../../../components/answered.tsx'
import table from '../../../components/plain-table.module.css'
import { Section } from '../../../components/screen.tsx'
import { Ago } from '../../../components/time.tsx'
import { useLink } from '../../../data/link-context.ts'
import { useCommand } from '../../../data/use-command.ts'
import { useQuery } from '../../../data/use-query.ts'
import { showDone } from '../../../shell/notices.tsx'
import { makePasskey, passkeyPlace } from '../../sign-in/passkey.ts'

/** The passkeys of this account: a finger, a face or a PIN in place of the password. */
export function PasskeySettings({ name }: { name: string }) {
  const answer = useQuery('access.passkeys', {})
  const remove = useCommand('access.removePasskey')
  return (
    <Section title="Passkeys">
      <Answered answer={answer}>
        {({ passkeys }) =>
          passkeys.length === 0 ? (
            <p>{name} has no passkey.</p>
          ) : (
            <Table className={table['table']} aria-label="Passkeys">
              <Table.Tbody>
                {passkeys.map(({ passkey, title, addedAt, usedAt, isBackedUp }) => (
                  <Table.Tr key={passkey}>
                    <Table.Td className="foreign">{title}</Table.Td>
                    <Table.Td>
                      added <Ago at={addedAt} />
                    </Table.Td>
                    <Table.Td>
                      {usedAt === null ? (
                        'never used'
                      ) : (
                        <>
                          used <Ago at={usedAt} />
                        </>
                      )}
                    </Table.Td>
                    <Table.Td>{isBackedUp ? 'its maker keeps copies' : 'on this authenticator only'}</Table.Td>
                    <Table.Td>
                      <Button
                        onClick={() =>
                          void remove
                            .run({ passkey })
                            .then(() => showDone('The passkey is removed.'))
                            .catch(() => undefined)
                        }
                      >
                        Remove
                      </Button>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Answered>
      <AddPasskey />
    </Section>
  )
}

function AddPasskey() {
  const place = passkeyPlace()
  const [title, setTitle] = useState('')
  const [problem, setProblem] = useState<Problem | null>(null)
  const [isBusy, setBusy] = useState(false)
  const link = useLink()
  const add = useCommand('access.addPasskey', { isShownInPlace: true })
  const make = async (): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      const { challenge, options } = await link.call('access.passkeyOptions', {})
      const { ticket } = await link.call('access.provePasskey', { challenge, response: await makePasskey(options) })
      await add.run({ ticket, title })
      setTitle('')
      showDone('The passkey is added.')
    } catch (error) {
      if (error instanceof Problem) setProblem(error)
    } finally {
      setBusy(false)
    }
  }
  if (place === 'nowhere') return <p className="dim">A passkey is added in a browser, at the address with the name localhost.</p>
  if (place !== 'here') {
    return (
      <p className="dim">
        A passkey is added at <a href={place}>{new URL(place).host}</a>: authenticators know a console by a name, and this address is none.
      </p>
    )
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void make()
      }}
    >
      <Group gap="xs" align="end" mt="sm">
        <TextInput
          label="Name of a new passkey"
          placeholder="Phone, key on the ring"
          value={title}
          maxLength={64}
          autoComplete="off"
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Button type="submit" loading={isBusy}>
          Add a passkey
        </Button>
      </Group>
      {problem !== null && <ProblemBox problem={problem} />}
    </form>
  )
}
