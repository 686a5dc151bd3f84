import { describe, expect, test } from 'vitest'
import { vouchedFor } from '../../../../../electron/core/people/oidc.ts'
import type { OidcChoice } from '../../../../../shared/rpc/contract/people.ts'
import { CLIENT, startOidcProvider, type OidcProvider, type ProviderFaults } from '../../../../harness/oidc-provider.ts'
import { openPeopleDesk, type PeopleDesk } from '../../../../harness/people-desk.ts'

const PORT = 8320
const redirectUri = `http://127.0.0.1:${PORT}/signed-in`

async function started(
  change: Partial<OidcChoice> = {},
  how: { userInfo?: boolean } = {},
): Promise<{ desk: PeopleDesk; provider: OidcProvider }> {
  const desk = openPeopleDesk({ port: PORT })
  const provider = await startOidcProvider(how)
  await desk.add('anna', 'admin')
  await desk.call(desk.owner(), 'people.setOidc', {
    provider: {
      ...{ title: 'Plant Lyon', issuer: provider.issuer, clientId: CLIENT.id, secret: CLIENT.secret },
      roles: [
        { value: 'operators', role: 'operator' },
        { value: 'leads', role: 'approver' },
      ],
      ...change,
    },
  })
  return { desk, provider }
}

async function signIn(desk: PeopleDesk, provider: OidcProvider) {
  const guest = desk.guest()
  const begun = await desk.call(guest, 'access.beginOidc', { redirectUri })
  const { parameters } = await provider.visit(begun.url)
  return desk.call(guest, 'access.finishOidc', { flow: begun.flow, parameters })
}

describe('signing in at the provider', () => {
  test('makes the account at the first time, with the role of the claims at each time', async () => {
    const { desk, provider } = await started()
    expect((await desk.call(desk.guest(), 'access.show', {})).ways.oidc).toEqual({ title: 'Plant Lyon' })
    const first = await signIn(desk, provider)
    expect(first).toMatchObject({ account: 'cleo.marin', displayName: 'Cléo Marin', role: 'operator' })
    expect(desk.cli(first.session)).toMatchObject({ actor: 'cli:cleo.marin', role: 'operator', by: 'session' })

    provider.person = { ...provider.person, groups: ['operators', 'leads', 'other'], preferred_username: 'renamed' }
    expect(await signIn(desk, provider)).toMatchObject({ account: 'cleo.marin', role: 'approver' })
    expect(desk.store.accounts.all().map(({ name }) => name)).toEqual(['anna', 'cleo.marin'])
    const made = desk.audit().filter(({ actor }) => actor === 'muster')
    expect(made.map(({ action }) => action)).toEqual(['people.add', 'people.set'])
  })

  test('a token lasts only while its maker signs in: whoever was taken out at the provider does not', async () => {
    const { desk, provider } = await started()
    const { session } = await signIn(desk, provider)
    const program = await desk.token(desk.cli(session), 'ci', { role: 'viewer', days: 300 })
    desk.clock.at += 29 * 86_400_000
    expect(desk.cli(program.secret).role).toBe('viewer')
    desk.clock.at += 2 * 86_400_000
    expect(() => desk.cli(program.secret)).toThrow('The token is not valid: its maker has not signed in at the provider for 30 days.')
    await signIn(desk, provider)
    expect(desk.cli(program.secret).role).toBe('viewer')
  })

  test('somebody who calls himself as a local account is another one', async () => {
    const { desk, provider } = await started()
    provider.person = { ...provider.person, preferred_username: 'anna', groups: ['operators'] }
    expect(await signIn(desk, provider)).toMatchObject({ account: 'anna-2', role: 'operator' })
    provider.person = { sub: 'u-2', preferred_username: 'owner', groups: ['operators'] }
    expect(await signIn(desk, provider)).toMatchObject({ account: 'owner-2' })
  })

  test('for whom no rule holds does not get in; nor does a disabled account', async () => {
    const { desk, provider } = await started()
    provider.person = { ...provider.person, groups: ['visitors'] }
    await expect(signIn(desk, provider)).rejects.toMatchObject({ code: 'access.oidc-refused' })
    provider.person = { ...provider.person, groups: ['operators'] }
    await signIn(desk, provider)
    await desk.call(desk.owner(), 'people.set', { name: 'cleo.marin', isDisabled: true })
    await expect(signIn(desk, provider)).rejects.toMatchObject({ code: 'access.oidc-refused' })
    await expect(desk.signIn('cleo.marin', { password: '' })).rejects.toMatchObject({ code: 'access.wrong-password' })
  })

  test('groups that are told only when asked again count', async () => {
    const { desk, provider } = await started({}, { userInfo: true })
    expect(await signIn(desk, provider)).toMatchObject({ role: 'operator' })
  })

  const forgeries: { name: string; faults: ProviderFaults }[] = [
    { name: 'another nonce', faults: { claims: (claims) => ({ ...claims, nonce: 'other' }) } },
    { name: 'a token for another client', faults: { claims: (claims) => ({ ...claims, aud: 'somebody-else' }) } },
    { name: 'a token of another issuer', faults: { claims: (claims) => ({ ...claims, iss: 'https://evil.test' }) } },
    { name: 'an expired token', faults: { claims: (claims) => ({ ...claims, exp: 1000 }) } },
    { name: 'a token that another key signed', faults: { otherKey: true } },
    { name: 'another state', faults: { state: 'other' } },
    { name: 'an error', faults: { error: 'access_denied' } },
  ]
  test.each(forgeries)('$name is refused, and makes no account', async ({ faults }) => {
    const { desk, provider } = await started()
    provider.faults = faults
    await expect(signIn(desk, provider)).rejects.toMatchObject({ code: 'access.oidc-refused' })
    expect(desk.store.accounts.all()).toHaveLength(1)
    expect(desk.audit().at(-1)).toMatchObject({ action: 'access.refused' })
  })

  test('a code counts for the flow that it was asked in, once', async () => {
    const { desk, provider } = await started()
    const guest = desk.guest()
    const [mine, theirs] = [
      await desk.call(guest, 'access.beginOidc', { redirectUri }),
      await desk.call(guest, 'access.beginOidc', { redirectUri }),
    ]
    const { parameters } = await provider.visit(theirs.url)
    await expect(desk.call(guest, 'access.finishOidc', { flow: mine.flow, parameters })).rejects.toMatchObject({
      code: 'access.oidc-refused',
    })
    await expect(desk.call(guest, 'access.finishOidc', { flow: mine.flow, parameters })).rejects.toMatchObject({
      code: 'access.ticket-unknown',
    })
    await desk.call(guest, 'access.finishOidc', { flow: theirs.flow, parameters })
    await expect(desk.call(guest, 'access.finishOidc', { flow: theirs.flow, parameters })).rejects.toMatchObject({
      code: 'access.ticket-unknown',
    })
  })

  test.each([
    'http://127.0.0.1:9999/signed-in',
    'http://evil.test:8320/signed-in',
    'http://127.0.0.1:8320/elsewhere',
    'https://127.0.0.1:8320/signed-in',
  ])('nobody is sent back to %s', async (elsewhere) => {
    const { desk } = await started()
    await expect(desk.call(desk.guest(), 'access.beginOidc', { redirectUri: elsewhere })).rejects.toMatchObject({ code: 'input.invalid' })
  })

  test('a provider that is out of reach is said, and people sign in with their passwords', async () => {
    const { desk, provider } = await started()
    provider.stop()
    await expect(desk.call(desk.guest(), 'access.beginOidc', { redirectUri })).rejects.toMatchObject({ code: 'access.oidc-unreachable' })
    await desk.signIn('anna')
  })

  test('its secret is shown to nobody, and does not move to another provider', async () => {
    const { desk, provider } = await started()
    const shown = await desk.call(desk.owner(), 'people.oidc', {})
    expect(shown.provider).toMatchObject({ hasSecret: true, clientId: CLIENT.id })
    expect(JSON.stringify([shown, desk.audit()])).not.toContain(CLIENT.secret)
    const { hasSecret: _hasSecret, isShut: _isShut, ...kept } = shown.provider!
    await desk.call(desk.owner(), 'people.setOidc', { provider: { ...kept, title: 'Lyon' } })
    expect(await signIn(desk, provider)).toMatchObject({ account: 'cleo.marin' })
    const moved = await desk.call(desk.owner(), 'people.setOidc', { provider: { ...kept, issuer: 'https://evil.test' } })
    expect(moved.provider).toMatchObject({ hasSecret: false })
  })

  test('when the provider is taken away, sessions that were made there end', async () => {
    const { desk, provider } = await started()
    const { session } = await signIn(desk, provider)
    const [there, here] = [desk.cli(session), (await desk.signIn('anna')).caller]
    await desk.call(desk.owner(), 'people.setOidc', { provider: null })
    expect([there, here].map((caller) => desk.people.access.isCurrent(caller))).toEqual([false, true])
  })

  test('without an account that signs in here there is no provider', async () => {
    const desk = openPeopleDesk()
    const provider = { title: 'x', issuer: 'https://x.test', clientId: 'x' }
    await expect(desk.call(desk.owner(), 'people.setOidc', { provider })).rejects.toMatchObject({ code: 'people.first-admin' })
  })
})

test.each([
  { said: 'leads', otherwise: null, role: 'approver' },
  { said: ['operators', 5, 'leads'], otherwise: 'viewer' as const, role: 'approver' },
  { said: ['nothing'], otherwise: 'viewer' as const, role: 'viewer' },
  { said: undefined, otherwise: 'viewer' as const, role: 'viewer' },
])('claims of $said make the role $role', ({ said, otherwise, role }) => {
  const settings = {
    roleClaim: 'groups',
    nameClaim: 'preferred_username',
    otherwise,
    roles: [
      { value: 'operators', role: 'operator' },
      { value: 'leads', role: 'approver' },
    ],
  }
  expect(vouchedFor(settings as OidcChoice, { iss: 'i', sub: '--Ünï@x', groups: said })).toMatchObject({
    role,
    name: 'uni',
    subject: 'i --Ünï@x',
  })
})
