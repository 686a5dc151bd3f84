import { Button, Group, Stack } from '@mantine/core'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { roleMeanings } from '../../../../shared/domain/people.ts'
import { Answered } from '../../../components/answered.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { Facts } from '../../../components/facts.tsx'
import { Section } from '../../../components/screen.tsx'
import { useQuery } from '../../../data/use-query.ts'
import { useSignOut } from '../../../data/use-sign-out.ts'
import { PersonSettings } from '../person-settings.tsx'
import { ChangePassword } from './change-password.tsx'
import { PasskeySettings } from './passkey-settings.tsx'
import { SessionList } from './session-list.tsx'

/** Who the person is, and what they sign in with. */
export function AccountSettings() {
  const answer = useQuery('access.show', {})
  return <Answered answer={answer}>{(access) => (access.isGuarded ? <OwnAccount access={access} /> : <PersonSettings />)}</Answered>
}

function OwnAccount({ access }: { access: OutputOf<'access.show'> }) {
  const { account, actor, role } = access.caller
  const signOut = useSignOut()
  return (
    <Stack gap="lg">
      <Section title="Your account" actions={<CopyAsCommand command="npm run -s muster -- whoami --sessions" isIcon />}>
        <Facts
          rows={[
            ['Name', account?.name ?? null],
            ['Called', account?.displayName ?? null],
            ['Role', role],
            ['You may', role === 'guest' ? null : roleMeanings[role]],
            ['Recorded as', actor],
          ]}
        />
        {access.caller.by === 'session' && (
          <Group mt="sm">
            <Button loading={signOut.isRunning} onClick={() => void signOut.run(false)}>
              Sign out
            </Button>
            <Button loading={signOut.isRunning} onClick={() => void signOut.run(true)}>
              Sign out everywhere
            </Button>
          </Group>
        )}
      </Section>
      {account !== null && (
        <>
          {account.hasPassword && <ChangePassword name={account.name} />}
          {account.isFromProvider ? (
            <Section title="Signing in">
              <p>The provider of your organisation vouches for this account: it has no password and no passkeys here.</p>
            </Section>
          ) : (
            <PasskeySettings name={account.name} />
          )}
          <SessionList />
        </>
      )}
    </Stack>
  )
}
