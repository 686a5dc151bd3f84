import { Checkbox, Group, Select, Stack, TextInput, Textarea } from '@mantine/core'
import { forwardEventKinds, forwardEventWords } from '../../../../shared/domain/forward.ts'
import { KeptPassword, Port, PrivateNetwork, SigningKey, WebAddress } from '../../../components/address-fields.tsx'
import type { ForwardDraft } from './forward-draft.ts'

interface Fields {
  draft: ForwardDraft
  onChange(part: Partial<ForwardDraft>): void
}

/** The fields of a way out, by its kind. */
export function ForwardFields({ draft, onChange }: Fields) {
  return draft.kind === 'webhook' ? <Web draft={draft} onChange={onChange} /> : <Database draft={draft} onChange={onChange} />
}

function Web({ draft, onChange }: Fields) {
  return (
    <>
      <WebAddress value={draft.url} onChange={(url) => onChange({ url })} />
      <SigningKey value={draft.secret} hasSecret={draft.hasSecret} onChange={(secret) => onChange({ secret })} />
      <Checkbox.Group
        label="Is told"
        value={draft.events}
        onChange={(values) => onChange({ events: forwardEventKinds.filter((kind) => values.includes(kind)) })}
      >
        <Stack gap={4} mt={4}>
          {forwardEventKinds.map((kind) => (
            <Checkbox key={kind} value={kind} label={kind} description={forwardEventWords[kind]} />
          ))}
        </Stack>
      </Checkbox.Group>
      <Checkbox
        label="With the names of people"
        description="Without this, entries of the audit log name nobody. What has left cannot be erased there."
        checked={draft.persons}
        onChange={(event) => onChange({ persons: event.currentTarget.checked })}
      />
      <PrivateNetwork value={draft.allowsPrivate} onChange={(allowsPrivate) => onChange({ allowsPrivate })} />
    </>
  )
}

function Database({ draft, onChange }: Fields) {
  return (
    <>
      <Group gap="sm" align="flex-start" grow>
        <TextInput
          label="Server"
          value={draft.host}
          maxLength={255}
          spellCheck={false}
          onChange={(event) => onChange({ host: event.currentTarget.value })}
        />
        <Port value={draft.port} onChange={(port) => onChange({ port })} />
      </Group>
      <Group gap="sm" align="flex-start" grow>
        <TextInput
          label="Database"
          description="One that is there."
          value={draft.database}
          maxLength={63}
          spellCheck={false}
          onChange={(event) => onChange({ database: event.currentTarget.value })}
        />
        <TextInput
          label="Schema"
          description="Made where it is missing."
          value={draft.schema}
          maxLength={63}
          spellCheck={false}
          onChange={(event) => onChange({ schema: event.currentTarget.value })}
        />
      </Group>
      <Group gap="sm" align="flex-start" grow>
        <TextInput
          label="User"
          value={draft.user}
          maxLength={63}
          autoComplete="off"
          onChange={(event) => onChange({ user: event.currentTarget.value })}
        />
        <KeptPassword value={draft.secret} hasSecret={draft.hasSecret} onChange={(secret) => onChange({ secret })} />
      </Group>
      <Select
        label="Encryption"
        value={draft.tls}
        allowDeselect={false}
        onChange={(value) => onChange({ tls: value === 'off' ? 'off' : 'verify' })}
        data={[
          { value: 'verify', label: 'TLS, with the certificate of that host' },
          { value: 'off', label: 'Off: on this machine or a trusted network' },
        ]}
      />
      {draft.tls === 'verify' && (
        <Textarea
          label="Authorities"
          description="Certificates in PEM that count in place of those of the system; empty: those of the system."
          value={draft.ca}
          autosize
          minRows={2}
          maxRows={6}
          classNames={{ input: 'mono' }}
          spellCheck={false}
          onChange={(event) => onChange({ ca: event.currentTarget.value })}
        />
      )}
    </>
  )
}
