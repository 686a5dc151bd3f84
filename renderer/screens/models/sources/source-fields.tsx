import { Checkbox, Input, NumberInput, PasswordInput, SegmentedControl, TextInput, Textarea } from '@mantine/core'
import type { SourceDraft } from './source-draft.ts'

interface Fields {
  draft: SourceDraft
  onChange(part: Partial<SourceDraft>): void
}

/** The fields of a place, by its kind. */
export function SourceFields({ draft, onChange }: Fields) {
  return draft.kind === 'folder' ? (
    <TextInput
      label="Folder"
      description="Its whole path on the machine of the console. A subfolder is taken once nobody has written to it for 10 s."
      value={draft.folder}
      maxLength={4096}
      spellCheck={false}
      onChange={(event) => onChange({ folder: event.currentTarget.value })}
    />
  ) : (
    <Server draft={draft} onChange={onChange} />
  )
}

function Server({ draft, onChange }: Fields) {
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
      <Access draft={draft} onChange={onChange} />
      <Textarea
        label="Aliases to follow"
        description="One per line: MODEL:ALIAS, or MODEL:ALIAS=NAME to give it a name here. A version that an alias moves to becomes a draft; nothing is released by itself."
        placeholder="Churn model:champion=churn"
        value={draft.watches}
        autosize
        minRows={2}
        maxRows={8}
        spellCheck={false}
        onChange={(event) => onChange({ watches: event.currentTarget.value })}
      />
      <NumberInput
        label="Ask every"
        suffix=" min"
        value={draft.everyMinutes}
        min={1}
        max={1440}
        allowDecimal={false}
        onChange={(value) => onChange({ everyMinutes: value === '' ? '' : Number(value) })}
      />
      <Checkbox
        label="Tell back where versions run"
        description="As tags of the registered version: muster.fleet, muster.version, muster.stage, muster.ordered, muster.deployed."
        checked={draft.writesTags}
        onChange={(event) => onChange({ writesTags: event.currentTarget.checked })}
      />
    </>
  )
}

const ways = [
  { value: 'none', label: 'Not at all' },
  { value: 'token', label: 'Token' },
  { value: 'basic', label: 'Name and password' },
] as const

function Access({ draft, onChange }: Fields) {
  return (
    <>
      <Input.Wrapper label="This console signs in" labelElement="div">
        <SegmentedControl
          aria-label="This console signs in"
          fullWidth
          value={draft.auth}
          onChange={(value) => onChange({ auth: ways.find((one) => one.value === value)?.value ?? 'none' })}
          data={[...ways]}
        />
      </Input.Wrapper>
      {draft.auth === 'basic' && (
        <TextInput
          label="User"
          value={draft.username}
          maxLength={256}
          autoComplete="off"
          onChange={(event) => onChange({ username: event.currentTarget.value })}
        />
      )}
      {draft.auth !== 'none' && (
        <PasswordInput
          label={draft.auth === 'token' ? 'Token' : 'Password'}
          placeholder={draft.hasSecret ? 'As it is' : ''}
          value={draft.secret}
          maxLength={8192}
          autoComplete="new-password"
          onChange={(event) => onChange({ secret: event.currentTarget.value })}
        />
      )}
      {draft.auth !== 'none' && draft.url.startsWith('http:') && (
        <Checkbox
          label="The secret may go over http"
          description="Everybody on the way to the server could read it."
          checked={draft.allowsPlain}
          onChange={(event) => onChange({ allowsPlain: event.currentTarget.checked })}
        />
      )}
      {draft.url.startsWith('https:') && (
        <Textarea
          label="Certificates of the server (PEM)"
          placeholder="Those of the system"
          value={draft.ca}
          autosize
          minRows={1}
          maxRows={6}
          maxLength={64 * 1024}
          spellCheck={false}
          onChange={(event) => onChange({ ca: event.currentTarget.value })}
        />
      )}
    </>
  )
}
