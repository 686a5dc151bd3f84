import { ActionIcon, Button, Group, Modal, PasswordInput, Select, Stack, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { personRoles, type PersonRole } from '../../../../shared/domain/people.ts'
import type { OidcShown } from '../../../../shared/rpc/contract/people.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { useLink } from '../../../data/link-context.ts'
import { showDone } from '../../../shell/notices.tsx'
import { draftOfProvider, isComplete, providerOf, type ProviderDraft } from './provider-draft.ts'

const fields: readonly {
  field: 'title' | 'issuer' | 'clientId' | 'nameClaim' | 'roleClaim' | 'scopes'
  label: string
  description?: string
}[] = [
  { field: 'title', label: 'On the button', description: 'What people know the provider as.' },
  { field: 'issuer', label: 'Address of the provider', description: 'https://…, as it calls itself (issuer).' },
  { field: 'clientId', label: 'Client', description: 'What the provider calls this console.' },
  { field: 'scopes', label: 'Scopes' },
  { field: 'nameClaim', label: 'Claim with the name' },
  { field: 'roleClaim', label: 'Claim with the role', description: 'A text or a list of texts.' },
]

/** Sets how people sign in at the provider of their organisation. */
export function ProviderEditor({ provider, onClose }: { provider: OidcShown | null; onClose(): void }) {
  const [draft, setDraft] = useState(() => draftOfProvider(provider))
  const [checked, setChecked] = useState<string | null>(null)
  const set = useCommand('people.setOidc', { isShownInPlace: true })
  const link = useLink()
  const change = (part: Partial<ProviderDraft>): void => setDraft((before) => ({ ...before, ...part }))
  const check = async (): Promise<void> => {
    setChecked('Asking the provider')
    try {
      setChecked((await link.call('people.checkOidc', { issuer: draft.issuer.trim(), clientId: draft.clientId.trim() })).sentence)
    } catch (error) {
      setChecked(error instanceof Error ? error.message : String(error))
    }
  }
  const save = async (): Promise<void> => {
    await set.run({ provider: providerOf(draft) })
    showDone('People can sign in at the provider.')
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title="Signing in by OpenID Connect" size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isComplete(draft)) void save().catch(() => undefined)
        }}
      >
        <Stack gap="sm">
          <p>
            Register <span className="mono">{`${location.protocol}//127.0.0.1/signed-in`}</span> and{' '}
            <span className="mono">{`${location.protocol}//localhost/signed-in`}</span> at the provider as addresses to come back to, with
            any port.
          </p>
          {fields.map(({ field, label, description }) => (
            <TextInput
              key={field}
              label={label}
              {...(description === undefined ? {} : { description })}
              value={draft[field]}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => change({ [field]: event.currentTarget.value })}
            />
          ))}
          <PasswordInput
            label="Secret of the client"
            description={provider?.hasSecret === true ? 'Empty: the one that is stored stays.' : 'Empty: the provider asks for none.'}
            value={draft.secret}
            autoComplete="off"
            onChange={(event) => change({ secret: event.currentTarget.value })}
          />
          <RoleRules draft={draft} onChange={change} />
          {checked !== null && <p role="status">{checked}</p>}
          {set.problem !== null && <ProblemBox problem={set.problem} />}
          <Group justify="flex-end" gap="xs">
            <Button onClick={() => void check()} disabled={!isComplete(draft)}>
              Ask the provider
            </Button>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="filled" disabled={!isComplete(draft)} loading={set.isRunning}>
              Save the provider
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function RoleRules({ draft, onChange }: { draft: ProviderDraft; onChange(part: Partial<ProviderDraft>): void }) {
  const { roles } = draft
  const replace = (at: number, part: Partial<ProviderDraft['roles'][number]>): void =>
    onChange({ roles: roles.map((one, i) => (i === at ? { ...one, ...part } : one)) })
  const roleOf = (text: string | null): PersonRole => personRoles.find((one) => one === text) ?? 'viewer'
  return (
    <Stack gap="xs" role="group" aria-label="Rules for roles">
      {roles.map((rule, at) => (
        <Group key={at} gap="xs" align="end">
          <TextInput
            label={`Value ${at + 1}`}
            value={rule.value}
            maxLength={200}
            onChange={(event) => replace(at, { value: event.currentTarget.value })}
          />
          <Select
            label="Role"
            data={[...personRoles]}
            value={rule.role}
            allowDeselect={false}
            onChange={(next) => replace(at, { role: roleOf(next) })}
          />
          <ActionIcon aria-label={`Remove rule ${at + 1}`} onClick={() => onChange({ roles: roles.filter((_, i) => i !== at) })}>
            <IconTrash size={14} />
          </ActionIcon>
        </Group>
      ))}
      <Group>
        <Button disabled={roles.length >= 40} onClick={() => onChange({ roles: [...roles, { value: '', role: 'operator' }] })}>
          Add a rule
        </Button>
      </Group>
      <Select
        label="Everybody else"
        data={[{ value: '', label: 'does not get in' }, ...personRoles.map((role) => ({ value: role, label: role }))]}
        value={draft.otherwise ?? ''}
        allowDeselect={false}
        onChange={(next) => onChange({ otherwise: next === null || next === '' ? null : roleOf(next) })}
      />
    </Stack>
  )
}
