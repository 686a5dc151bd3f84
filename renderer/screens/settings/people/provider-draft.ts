import type { PersonRole } from '../../../../shared/domain/people.ts'
import type { InputOf } from '../../../../shared/rpc/contract.ts'
import type { OidcShown } from '../../../../shared/rpc/contract/people.ts'

/** A provider as it stands in the form. */
export interface ProviderDraft {
  title: string
  issuer: string
  clientId: string
  secret: string
  scopes: string
  nameClaim: string
  roleClaim: string
  roles: { value: string; role: PersonRole }[]
  otherwise: PersonRole | null
}

/** What the form begins with. */
export function draftOfProvider(provider: OidcShown | null): ProviderDraft {
  if (provider === null) {
    return {
      ...{ title: '', issuer: '', clientId: '', secret: '', scopes: 'openid profile email' },
      ...{ nameClaim: 'preferred_username', roleClaim: 'groups', roles: [], otherwise: null },
    }
  }
  const { hasSecret: _hasSecret, isShut: _isShut, ...shown } = provider
  return { ...shown, secret: '' }
}

/** True if nothing is missing. */
export function isComplete({ title, issuer, clientId, scopes, nameClaim, roleClaim, roles }: ProviderDraft): boolean {
  return [title, issuer, clientId, scopes, nameClaim, roleClaim, ...roles.map(({ value }) => value)].every((text) => text.trim() !== '')
}

/** The provider that a form says. */
export function providerOf(draft: ProviderDraft): NonNullable<InputOf<'people.setOidc'>['provider']> {
  const { title, issuer, clientId, secret, scopes, nameClaim, roleClaim, roles, otherwise } = draft
  return {
    ...{
      title: title.trim(),
      issuer: issuer.trim(),
      clientId: clientId.trim(),
      secret: secret === '' ? null : secret,
      scopes: scopes.trim(),
    },
    ...{ nameClaim: nameClaim.trim(), roleClaim: roleClaim.trim(), otherwise },
    roles: roles.map(({ value, role }) => ({ value: value.trim(), role })),
  }
}
