import { PasswordInput } from '@mantine/core'
import { MAX_PASSWORD, passwordProblem } from '../../../../shared/domain/people.ts'

/** A new password, written twice. */
export interface NewPassword {
  password: string
  again: string
}

export const noPassword: NewPassword = { password: '', again: '' }

/** True if it may be sent. */
export function isReady({ password, again }: NewPassword, name: string): boolean {
  return password === again && passwordProblem(password, name) === null
}

/** The two fields of a new password; what is wrong stands under them as soon as something is written. */
export function PasswordFields({ name, value, onChange }: { name: string; value: NewPassword; onChange(value: NewPassword): void }) {
  const { password, again } = value
  const problem = password === '' ? null : passwordProblem(password, name)
  return (
    <>
      <PasswordInput
        label="New password"
        value={password}
        maxLength={MAX_PASSWORD}
        autoComplete="new-password"
        error={problem}
        onChange={(event) => onChange({ ...value, password: event.currentTarget.value })}
      />
      <PasswordInput
        label="Once more"
        value={again}
        maxLength={MAX_PASSWORD}
        autoComplete="new-password"
        error={again !== '' && again !== password ? 'The two differ.' : null}
        onChange={(event) => onChange({ ...value, again: event.currentTarget.value })}
      />
    </>
  )
}
