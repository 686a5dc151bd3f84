import { Select, TextInput, Textarea } from '@mantine/core'
import { KeptPassword, Port, PrivateNetwork, SigningKey, WebAddress } from '../../components/address-fields.tsx'
import { usualPorts, type ChannelDraft } from './channel-draft.ts'
import styles from './alerts.module.css'

interface Fields {
  draft: ChannelDraft
  onChange(part: Partial<ChannelDraft>): void
}

/** The fields of a channel, by its kind. */
export function ChannelFields({ draft, onChange }: Fields) {
  if (draft.kind === 'desktop') return null
  return draft.kind === 'email' ? <Mail draft={draft} onChange={onChange} /> : <Web draft={draft} onChange={onChange} />
}

function Web({ draft, onChange }: Fields) {
  return (
    <>
      <WebAddress value={draft.url} onChange={(url) => onChange({ url })} />
      {draft.kind === 'webhook' && (
        <SigningKey value={draft.secret} hasSecret={draft.hasSecret} onChange={(secret) => onChange({ secret })} />
      )}
      <PrivateNetwork value={draft.allowsPrivate} onChange={(allowsPrivate) => onChange({ allowsPrivate })} />
    </>
  )
}

function Mail({ draft, onChange }: Fields) {
  return (
    <>
      <TextInput
        label="Server"
        placeholder="mail.example.org"
        value={draft.host}
        maxLength={255}
        spellCheck={false}
        onChange={(event) => onChange({ host: event.currentTarget.value })}
      />
      <div className={styles.pair}>
        <Select
          label="Connection"
          value={draft.security}
          allowDeselect={false}
          onChange={(value) => {
            const security = value === 'tls' || value === 'none' ? value : 'starttls'
            onChange({ security, ...(draft.port === usualPorts[draft.security] ? { port: usualPorts[security] } : {}) })
          }}
          data={[
            { value: 'starttls', label: 'STARTTLS' },
            { value: 'tls', label: 'TLS' },
            { value: 'none', label: 'Not encrypted' },
          ]}
        />
        <Port value={draft.port} onChange={(port) => onChange({ port })} />
      </div>
      <div className={styles.pair}>
        <TextInput
          label="User"
          placeholder="None"
          value={draft.username}
          maxLength={255}
          autoComplete="off"
          onChange={(event) => onChange({ username: event.currentTarget.value })}
        />
        <KeptPassword value={draft.secret} hasSecret={draft.hasSecret} onChange={(secret) => onChange({ secret })} />
      </div>
      <TextInput
        label="From"
        placeholder="muster@example.org"
        value={draft.from}
        maxLength={320}
        onChange={(event) => onChange({ from: event.currentTarget.value })}
      />
      <Textarea
        label="To"
        placeholder="operations@example.org, night-shift@example.org"
        value={draft.to}
        autosize
        minRows={1}
        maxRows={4}
        onChange={(event) => onChange({ to: event.currentTarget.value })}
      />
    </>
  )
}
