import { Button, Table } from '@mantine/core'
import { Answered } from '../../../components/answered.tsx'
import table from '../../../components/plain-table.module.css'
import { Section } from '../../../components/screen.tsx'
import { Ago } from '../../../components/time.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { useQuery } from '../../../data/use-query.ts'
import { showDone } from '../../../shell/notices.tsx'

/** Where this account is signed in. */
export function SessionList() {
  const answer = useQuery('access.sessions', {})
  const end = useCommand('access.endSession')
  return (
    <Section title="Where you are signed in">
      <Answered answer={answer}>
        {({ sessions }) => (
          <Table className={table['table']} aria-label="Sessions">
            <Table.Thead>
              <Table.Tr>
                {['With', 'By', 'Since', 'Last used', ''].map((title) => (
                  <Table.Th key={title}>{title}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {sessions.map((one) => (
                <Table.Tr key={one.session}>
                  <Table.Td className="foreign">{one.client === '' ? 'not said' : one.client}</Table.Td>
                  <Table.Td>{one.way === 'oidc' ? 'the provider' : one.way}</Table.Td>
                  <Table.Td>
                    <Ago at={one.madeAt} />
                  </Table.Td>
                  <Table.Td>
                    <Ago at={one.usedAt} />
                  </Table.Td>
                  <Table.Td>
                    {one.isThis ? (
                      'this one'
                    ) : (
                      <Button
                        onClick={() =>
                          void end
                            .run({ session: one.session })
                            .then(() => showDone('The session has ended.'))
                            .catch(() => undefined)
                        }
                      >
                        End it
                      </Button>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Answered>
      <p className="dim">A session ends after 12 hours without use, and after 7 days in any case.</p>
    </Section>
  )
}
