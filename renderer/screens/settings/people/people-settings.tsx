import { Alert, Stack } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { Answered } from '../../../components/answered.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { Section } from '../../../components/screen.tsx'
import { useMay } from '../../../data/use-may.ts'
import { useQuery } from '../../../data/use-query.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { AddPerson } from './add-person.tsx'
import { PeopleTable } from './people-table.tsx'
import { ProviderSettings } from './provider-settings.tsx'

/** Who has an account, and what it may do. */
export function PeopleSettings() {
  const why = useMay('people.list')
  if (why !== null) return <Section title="People">{<p>{why}</p>}</Section>
  return <ForAdmins />
}

function ForAdmins() {
  const answer = useQuery('people.list', {})
  const [isAdding, setAdding] = useState(false)
  const isFirst = answer.data !== undefined && answer.data.people.length === 0
  return (
    <Stack gap="lg">
      <Section
        title="People"
        actions={
          <>
            <MayButton method="people.add" variant="filled" leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>
              {isFirst ? 'Make the first account' : 'Add a person'}
            </MayButton>
            <CopyAsCommand command="npm run -s muster -- people list" isIcon />
          </>
        }
      >
        <Answered answer={answer}>
          {({ people }) =>
            people.length === 0 ? (
              <Alert variant="outline" color="blue" title="Nobody signs in yet">
                Whoever has the key of this console, or sits at its window, does everything, and gives any name. With the first account, an
                admin, people sign in, and every act is recorded in a name that was proven.
              </Alert>
            ) : (
              <PeopleTable people={people} />
            )
          }
        </Answered>
      </Section>
      {answer.data !== undefined && !isFirst && <ProviderSettings />}
      {isAdding && <AddPerson isFirst={isFirst} onClose={() => setAdding(false)} />}
    </Stack>
  )
}
