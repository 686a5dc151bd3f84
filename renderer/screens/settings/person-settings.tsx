import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { Answered } from '../../components/answered.tsx'
import { Section } from '../../components/screen.tsx'
import { useQuery } from '../../data/use-query.ts'
import { hostBridge } from '../../transport/choose-link.ts'
import { keepPerson, keptPerson } from '../../transport/person.ts'

/** Who the person is, for decisions and the audit log. */
export function PersonSettings() {
  const answer = useQuery('approvals.whoAmI', {})
  const isGuarded = useQuery('access.show', {}).data?.isGuarded === true
  return (
    <Section title="Who you are">
      <Answered answer={answer}>
        {({ actor }) => (
          <>
            <p>
              What you do is recorded as <span className="foreign">{actor}</span>.
            </p>
            {isGuarded ? (
              <p className="dim">
                The name is that of your account, which you proved by signing in.{' '}
                <RouteLink href="/settings?tab=account">Your account</RouteLink>
              </p>
            ) : hostBridge() === null ? (
              <PersonForm />
            ) : (
              <p className="dim">The name is that of your account on this machine.</p>
            )}
          </>
        )}
      </Answered>
    </Section>
  )
}

function PersonForm() {
  const [name, setName] = useState(keptPerson() ?? '')
  const save = (): void => {
    keepPerson(name)
    // A connection says who it is once, when it is made.
    location.reload()
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <Stack gap="sm">
        <TextInput
          label="Your name"
          description="Kept in this browser. It tells people apart; it proves nothing: whoever has the key of the console may give any name."
          value={name}
          maxLength={64}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Group>
          <Button type="submit" disabled={name.trim() === (keptPerson() ?? '')}>
            Save the name
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
