import { expect, test } from 'vitest'
import { whyNot } from '../../../../renderer/data/use-may.ts'
import { draftOfProvider, isComplete, providerOf } from '../../../../renderer/screens/settings/people/provider-draft.ts'
import { passkeyPlace } from '../../../../renderer/screens/sign-in/passkey.ts'
import { isSession } from '../../../../renderer/transport/key.ts'

test('a passkey is used where authenticators know the console by a name', () => {
  expect(passkeyPlace(new URL('http://localhost:8320/settings') as unknown as Location, false)).toBe('here')
  expect(passkeyPlace(new URL('http://127.0.0.1:8320/settings?tab=account#x') as unknown as Location, false)).toBe(
    'http://localhost:8320/settings?tab=account',
  )
  expect(passkeyPlace(new URL('http://localhost:8320/') as unknown as Location, true)).toBe('nowhere')
})

test('only the key of somebody who signed in is a session', () => {
  expect([isSession('mss_abc'), isSession('mst_abc'), isSession('abc'), isSession(null)]).toEqual([true, false, false, false])
})

test('a control that a role may not use says why', () => {
  expect(whyNot('devices.createCode', 'viewer')).toBe('This is for the role operator; you have viewer.')
  expect(whyNot('devices.createCode', 'operator')).toBeNull()
  expect(whyNot('approvals.approve', 'operator')).toContain('approver')
  expect(whyNot('access.show', 'guest')).toBeNull()
})

test('what the form of the provider says is what is sent; an empty secret is none', () => {
  const fresh = draftOfProvider(null)
  expect(isComplete(fresh)).toBe(false)
  const draft = {
    ...fresh,
    title: ' Lyon ',
    issuer: 'https://id.test',
    clientId: 'muster',
    roles: [{ value: ' leads ', role: 'approver' as const }],
  }
  expect(isComplete(draft)).toBe(true)
  expect(isComplete({ ...draft, roles: [{ value: ' ', role: 'viewer' }] })).toBe(false)
  expect(providerOf(draft)).toMatchObject({ title: 'Lyon', secret: null, roles: [{ value: 'leads', role: 'approver' }], otherwise: null })
  const { secret: _, ...sent } = providerOf({ ...draft, secret: 's' })
  const again = draftOfProvider({
    ...sent,
    scopes: 'openid',
    nameClaim: 'n',
    roleClaim: 'r',
    roles: [],
    otherwise: 'viewer',
    hasSecret: true,
    isShut: false,
  })
  expect(again).toMatchObject({ secret: '', otherwise: 'viewer', title: 'Lyon' })
})
