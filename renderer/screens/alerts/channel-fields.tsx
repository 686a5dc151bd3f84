import { Checkbox, NumberInput, PasswordInput, Select, TextInput, Textarea } from '@mantine/core'
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
      <TextInput
        label="Address"
        placeholder="https://"
        value={draft.url}
        maxLength={2048}
        spellCheck={false}
        onChange={(event) => onChange({ url: event.currentTarget.value })}
      />
      {draft.kind === 'webhook' && (
        <PasswordInput
          label="Key of the signature"
          description={
            draft.hasSecret
              ? 'One is kept; an empty field leaves it. Requests carry webhook-signature, an HMAC of id, time and body.'
              : 'Empty: not signed. Requests then carry webhook-signature, an HMAC of id, time and body.'
          }
          value={draft.secret}
          maxLength={512}
          autoComplete="off"
          onChange={(event) => onChange({ secret: event.currentTarget.value })}
        />
      )}
      <Checkbox
        label="May be in a private network"
        description="Without this, addresses of this machine and of private networks are refused."
        checked={draft.allowsPrivate}
        onChange={(event) => onChange({ allowsPrivate: event.currentTarget.checked })}
      />
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
        <NumberInput
          label="Port"
          value={draft.port}
          min={1}
          max={65_535}
          allowDecimal={false}
          thousandSeparator={false}
          onChange={(value) => onChange({ port: value === '' ? '' : Number(value) })}
        />
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
        <PasswordInput
          label="Password"
          placeholder={draft.hasSecret ? 'As it is' : 'None'}
          value={draft.secret}
          maxLength={512}
          autoComplete="new-password"
          onChange={(event) => onChange({ secret: event.currentTarget.value })}
        />
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
