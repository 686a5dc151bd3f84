import { expect, test } from 'vitest'
import { isOtherPerson } from '../../../../../shared/domain/actor.ts'
import { openPeopleDesk } from '../../../../harness/people-desk.ts'

const DAY = 86_400_000

test('a token does what its role and its list allow, in the name of whoever made it', async () => {
  const desk = openPeopleDesk()
  await desk.add('anna', 'admin')
  const { caller } = await desk.signIn('anna')
  const { secret } = await desk.token(caller, 'ci', { role: 'viewer', methods: ['tokens.list'] })
  const program = desk.people.access.greet({ token: secret, client: 'cli', person: 'somebody else' })
  expect(program).toMatchObject({ actor: 'token-ci:anna', role: 'viewer', by: 'token', account: 'anna', methods: ['tokens.list'] })
  expect((await desk.call(program, 'tokens.list', {})).tokens).toMatchObject([{ name: 'ci', state: 'valid', role: 'viewer' }])
  await expect(desk.call(program, 'access.passkeys', {})).rejects.toMatchObject({ code: 'access.denied' })
  await expect(desk.call(program, 'people.list', {})).rejects.toMatchObject({ code: 'access.denied' })
  // A token is no second pair of eyes.
  expect(isOtherPerson('web:anna', program.actor)).toBe(false)
})

test('it has no more than its maker has today, and ends with the maker', async () => {
  const desk = openPeopleDesk()
  await desk.add('anna', 'admin')
  await desk.add('ben', 'approver')
  const { caller } = await desk.signIn('ben')
  await expect(desk.token(caller, 'ci', { role: 'admin' })).rejects.toMatchObject({ code: 'access.denied' })
  const { secret } = await desk.token(caller, 'ci', { role: 'approver' })
  const program = desk.cli(secret)
  await desk.call(desk.owner(), 'people.set', { name: 'ben', role: 'viewer' })
  expect(desk.people.access.isCurrent(program)).toBe(false)
  expect(desk.cli(secret)).toMatchObject({ role: 'viewer' })
  await desk.call(desk.owner(), 'people.set', { name: 'ben', isDisabled: true })
  expect(() => desk.cli(secret)).toThrow(expect.objectContaining({ code: 'access.denied' }))
})

test('it ends when it is revoked, and when its time is over', async () => {
  const desk = openPeopleDesk()
  await desk.add('anna', 'admin')
  const [one, other] = [
    await desk.token(desk.owner(), 'one', { role: 'viewer' }),
    await desk.token(desk.owner(), 'other', { role: 'viewer', days: 2 }),
  ]
  const [first, second] = [desk.cli(one.secret), desk.cli(other.secret)]
  const before = desk.rechecks.count
  expect(await desk.call(desk.owner(), 'tokens.revoke', { token: one.token })).toMatchObject({
    isChanged: true,
    token: { state: 'revoked' },
  })
  expect(await desk.call(desk.owner(), 'tokens.revoke', { token: one.token })).toMatchObject({ isChanged: false })
  expect(desk.rechecks.count).toBeGreaterThan(before)
  await expect(desk.call(first, 'tokens.list', {})).rejects.toMatchObject({ code: 'access.session-ended' })
  desk.clock.at += 2 * DAY
  await expect(desk.call(second, 'tokens.list', {})).rejects.toMatchObject({ code: 'access.session-ended' })
  expect(() => desk.cli(other.secret)).toThrow(expect.objectContaining({ code: 'access.denied' }))
})

test('another password ends the tokens of the account, unless they are kept', async () => {
  const desk = openPeopleDesk()
  await desk.add('anna', 'admin')
  await desk.add('ben', 'operator')
  const { secret } = await desk.token((await desk.signIn('ben')).caller, 'ci', { role: 'viewer' })
  const reset = async (keepsOthers: boolean): Promise<void> => {
    const { ticket } = await desk.call(desk.owner(), 'access.preparePassword', { password: 'another long one', name: 'ben' })
    await desk.call(desk.owner(), 'people.setPassword', { name: 'ben', ticket, keepsOthers })
  }
  await reset(true)
  expect(desk.cli(secret).actor).toBe('token-ci:ben')
  await reset(false)
  expect(() => desk.cli(secret)).toThrow(expect.objectContaining({ code: 'access.denied' }))
})

test('a token makes no token, sets no password and changes no people, whatever its role', async () => {
  const desk = openPeopleDesk()
  await desk.add('anna', 'admin')
  const { caller } = await desk.signIn('anna')
  const program = desk.cli((await desk.token(caller, 'root', { role: 'admin' })).secret)
  const ticket = 'x'
  const tries = [
    desk.call(program, 'tokens.prepare', {}),
    desk.call(program, 'access.preparePassword', { password: 'long enough words', name: 'eve' }),
    desk.call(program, 'people.add', { name: 'eve', role: 'admin', ticket }),
    desk.call(program, 'people.set', { name: 'anna', displayName: 'Eve' }),
    desk.call(program, 'people.setOidc', { provider: null }),
    desk.call(program, 'access.passkeyOptions', {}),
  ]
  for (const one of tries) await expect(one).rejects.toMatchObject({ code: 'access.denied' })
})

test('people see and revoke their own tokens, an admin all; a name is valid once', async () => {
  const desk = openPeopleDesk()
  await desk.add('anna', 'admin')
  await desk.add('ben', 'operator')
  const [anna, ben] = [(await desk.signIn('anna')).caller, (await desk.signIn('ben')).caller]
  const [ofAnna, ofBen] = [await desk.token(anna, 'ci', { role: 'viewer' }), await desk.token(ben, 'ci', { role: 'operator' })]
  await expect(desk.token(ben, 'ci', { role: 'viewer' })).rejects.toMatchObject({ code: 'access.token-exists' })
  expect((await desk.call(ben, 'tokens.list', {})).tokens.map(({ token }) => token)).toEqual([ofBen.token])
  expect((await desk.call(anna, 'tokens.list', {})).tokens).toHaveLength(2)
  await expect(desk.call(ben, 'tokens.revoke', { token: ofAnna.token })).rejects.toMatchObject({ code: 'access.token-not-found' })
  await desk.call(anna, 'tokens.revoke', { token: ofBen.token })
  await desk.token(ben, 'ci', { role: 'viewer' })
})

test.each([
  { of: { role: 'viewer' as const, methods: ['nothing.here'] } },
  { of: { role: 'viewer' as const, methods: ['people.list'] } },
  { of: { role: 'viewer' as const, days: 367 } },
  { of: { role: 'viewer' as const, days: 0 } },
])('a token of $of is refused', async ({ of }) => {
  const desk = openPeopleDesk()
  await expect(desk.token(desk.owner(), 'ci', of)).rejects.toMatchObject({ code: 'input.invalid' })
})
