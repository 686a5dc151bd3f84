import { Button, Group } from '@mantine/core'
import { useState } from 'react'
import type { OidcShown } from '../../../../shared/rpc/contract/people.ts'
import { Answered } from '../../../components/answered.tsx'
import { Confirm } from '../../../components/confirm.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { Facts } from '../../../components/facts.tsx'
import { Section } from '../../../components/screen.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { useQuery } from '../../../data/use-query.ts'
import { showDone } from '../../../shell/notices.tsx'
import { ProviderEditor } from './provider-editor.tsx'

/** Whether and how people sign in at the provider of their organisation. */
export function ProviderSettings() {
  const answer = useQuery('people.oidc', {})
  const [isEditing, setEditing] = useState(false)
  return (
    <Section title="Provider of the organisation" actions={<CopyAsCommand command="npm run -s muster -- people oidc" isIcon />}>
      <Answered answer={answer}>
        {({ provider }) => (
          <>
            {provider === null ? <p>People sign in here only.</p> : <ShownProvider provider={provider} />}
            <Group mt="sm">
              <Button onClick={() => setEditing(true)}>{provider === null ? 'Set up OpenID Connect' : 'Change'}</Button>
              {provider !== null && <RemoveProvider title={provider.title} />}
            </Group>
            {isEditing && <ProviderEditor provider={provider} onClose={() => setEditing(false)} />}
          </>
        )}
      </Answered>
    </Section>
  )
}

function ShownProvider({ provider }: { provider: OidcShown }) {
  const rules = provider.roles.map(({ value, role }) => `${value}: ${role}`)
  return (
    <Facts
      rows={[
        ['On the button', provider.title],
        ['Address', <span className="mono">{provider.issuer}</span>],
        ['Client', <span className="mono">{provider.clientId}</span>],
        ['Secret', provider.isShut ? 'sealed by a desktop whose key is not here; give it again' : provider.hasSecret ? 'set' : 'none'],
        ['Name from', provider.nameClaim],
        ['Role from', provider.roleClaim],
        ['Rules', rules.length === 0 ? 'none' : rules.join(', ')],
        ['Everybody else', provider.otherwise ?? 'does not get in'],
      ]}
    />
  )
}

function RemoveProvider({ title }: { title: string }) {
  const [isAsking, setAsking] = useState(false)
  const set = useCommand('people.setOidc')
  const remove = async (): Promise<void> => {
    await set.run({ provider: null })
    setAsking(false)
    showDone('People sign in here only.')
  }
  return (
    <>
      <Button onClick={() => setAsking(true)}>Take it away</Button>
      <Confirm
        isOpen={isAsking}
        title="Take the provider away"
        action="Take it away"
        isBusy={set.isRunning}
        onConfirm={() => void remove().catch(() => undefined)}
        onClose={() => setAsking(false)}
      >
        Nobody signs in with <span className="foreign">{title}</span> any more, and sessions that were made there end. The accounts stay.
      </Confirm>
    </>
  )
}
