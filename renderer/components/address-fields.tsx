import { Checkbox, NumberInput, PasswordInput, TextInput } from '@mantine/core'

interface Field<Value> {
  value: Value
  onChange(value: Value): void
}

/** The address of something that is called over HTTP. */
export function WebAddress({ value, onChange }: Field<string>) {
  return (
    <TextInput
      label="Address"
      placeholder="https://"
      value={value}
      maxLength={2048}
      spellCheck={false}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

/** The key that requests are signed with. It is never shown again: an empty field leaves the one that is there. */
export function SigningKey({ value, hasSecret, onChange }: Field<string> & { hasSecret: boolean }) {
  return (
    <PasswordInput
      label="Key of the signature"
      description={
        hasSecret
          ? 'One is kept; an empty field leaves it. Requests carry webhook-signature, an HMAC of id, time and body.'
          : 'Empty: not signed. With one, requests carry webhook-signature, an HMAC of id, time and body.'
      }
      value={value}
      maxLength={512}
      autoComplete="off"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

/** Lets requests go to addresses that are refused otherwise. */
export function PrivateNetwork({ value, onChange }: Field<boolean>) {
  return (
    <Checkbox
      label="May be in a private network"
      description="Without this, addresses of this machine and of private networks are refused."
      checked={value}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  )
}

/** A port; empty while it is written. */
export function Port({ value, onChange }: Field<number | ''>) {
  return (
    <NumberInput
      label="Port"
      value={value}
      min={1}
      max={65_535}
      allowDecimal={false}
      thousandSeparator={false}
      onChange={(given) => onChange(given === '' ? '' : Number(given))}
    />
  )
}

/** A password that is never shown again: an empty field leaves the one that is there. */
export function KeptPassword({ value, hasSecret, onChange }: Field<string> & { hasSecret: boolean }) {
  return (
    <PasswordInput
      label="Password"
      placeholder={hasSecret ? 'As it is' : 'None'}
      value={value}
      maxLength={512}
      autoComplete="new-password"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
