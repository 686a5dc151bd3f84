import { expect, test } from 'vitest'
import { softAuthenticator, type Odd } from '../../../../harness/authenticator.ts'
import { openPeopleDesk, type PeopleDesk } from '../../../../harness/people-desk.ts'

const ORIGIN = 'http://localhost:8320'

async function withPasskey() {
  const desk = openPeopleDesk({ port: 8320 })
  await desk.add('anna', 'admin')
  const { caller } = await desk.signIn('anna')
  const authenticator = softAuthenticator(ORIGIN)
  const { challenge, options } = await desk.call(caller, 'access.passkeyOptions', {})
  const { ticket } = await desk.call(caller, 'access.provePasskey', { challenge, response: authenticator.create(options) })
  const added = await desk.call(caller, 'access.addPasskey', { ticket, title: 'Phone' })
  return { desk, caller, authenticator, passkey: added.passkey.passkey }
}

async function signIn(desk: PeopleDesk, authenticator: ReturnType<typeof softAuthenticator>, odd: Odd = {}) {
  const guest = desk.guest()
  const { challenge, options } = await desk.call(guest, 'access.passkeyChallenge', {})
  return desk.call(guest, 'access.signInWithPasskey', { challenge, response: authenticator.get(options, odd) })
}

test('a passkey is made by a person who is here, and signs in without a name or a password', async () => {
  const { desk, caller, authenticator } = await withPasskey()
  expect((await desk.call(caller, 'access.passkeys', {})).passkeys).toMatchObject([{ title: 'Phone', usedAt: null, isBackedUp: false }])
  expect((await desk.call(desk.guest(), 'access.show', {})).ways.passkey).toBe(true)
  const done = await signIn(desk, authenticator)
  expect(done).toMatchObject({ account: 'anna', role: 'admin' })
  expect(desk.people.access.greet({ token: done.session, client: 'browser' }).actor).toBe('web:anna')
  expect((await desk.call(caller, 'access.passkeys', {})).passkeys).toMatchObject([{ usedAt: desk.clock.at }])
})

test.each<{ name: string; odd: Odd }>([
  { name: 'of another page', odd: { origin: 'http://localhost:9999' } },
  { name: 'of the address of digits', odd: { origin: 'http://127.0.0.1:8320' } },
  { name: 'for another name', odd: { rpId: 'evil.test' } },
  { name: 'of a person who was not checked', odd: { flags: 1 } },
  { name: 'that nobody touched', odd: { flags: 4 } },
  { name: 'of another key', odd: { otherKey: true } },
])('an answer $name is refused, and written down', async ({ odd }) => {
  const { desk, authenticator } = await withPasskey()
  await expect(signIn(desk, authenticator, odd)).rejects.toMatchObject({ code: 'access.passkey-refused' })
  expect(desk.audit().at(-1)).toMatchObject({ actor: 'guest', action: 'access.refused' })
})

test('a counter that goes back tells of a copy', async () => {
  const { desk, authenticator } = await withPasskey()
  await signIn(desk, authenticator, { counter: 10 })
  await expect(signIn(desk, authenticator, { counter: 9 })).rejects.toMatchObject({ code: 'access.passkey-refused' })
})

test('a challenge counts once, for what it was made for, and for ten minutes', async () => {
  const { desk, caller, authenticator } = await withPasskey()
  const guest = desk.guest()
  const first = await desk.call(guest, 'access.passkeyChallenge', {})
  const response = authenticator.get(first.options)
  await desk.call(guest, 'access.signInWithPasskey', { challenge: first.challenge, response })
  await expect(desk.call(guest, 'access.signInWithPasskey', { challenge: first.challenge, response })).rejects.toMatchObject({
    code: 'access.ticket-unknown',
  })
  const forAdding = await desk.call(caller, 'access.passkeyOptions', {})
  const answer = authenticator.get(forAdding.options)
  await expect(desk.call(guest, 'access.signInWithPasskey', { challenge: forAdding.challenge, response: answer })).rejects.toMatchObject({
    code: 'access.passkey-refused',
  })
  const late = await desk.call(guest, 'access.passkeyChallenge', {})
  desk.clock.at += 10 * 60_000
  await expect(
    desk.call(guest, 'access.signInWithPasskey', { challenge: late.challenge, response: authenticator.get(late.options) }),
  ).rejects.toMatchObject({ code: 'access.ticket-unknown' })
})

test('it signs in no longer when it is removed, or when its account is disabled', async () => {
  const { desk, caller, authenticator, passkey } = await withPasskey()
  await desk.add('ben', 'admin')
  await desk.call(desk.owner(), 'people.set', { name: 'anna', isDisabled: true })
  await expect(signIn(desk, authenticator)).rejects.toMatchObject({ code: 'access.passkey-refused' })
  await desk.call(desk.owner(), 'people.set', { name: 'anna', isDisabled: false })
  const again = await signIn(desk, authenticator)
  const anna = desk.people.access.greet({ token: again.session, client: 'browser' })
  expect(desk.people.access.isCurrent(caller)).toBe(false)
  expect(await desk.call(anna, 'access.removePasskey', { passkey })).toEqual({ isChanged: true })
  await expect(signIn(desk, authenticator)).rejects.toMatchObject({ code: 'access.passkey-refused' })
})

test('what was proven for one account is not added to another, and garbage is refused', async () => {
  const { desk, caller } = await withPasskey()
  await desk.add('ben', 'viewer')
  const ben = (await desk.signIn('ben')).caller
  const { challenge, options } = await desk.call(caller, 'access.passkeyOptions', {})
  const { ticket } = await desk.call(caller, 'access.provePasskey', { challenge, response: softAuthenticator(ORIGIN).create(options) })
  await expect(desk.call(ben, 'access.addPasskey', { ticket, title: 'x' })).rejects.toMatchObject({ code: 'access.ticket-unknown' })
  for (const response of [
    {},
    { id: 5 },
    { id: 'x', response: {} },
    { id: 'x', rawId: 'x', type: 'public-key', response: { clientDataJSON: '' } },
  ]) {
    const begun = await desk.call(caller, 'access.passkeyOptions', {})
    await expect(desk.call(caller, 'access.provePasskey', { challenge: begun.challenge, response })).rejects.toMatchObject({
      code: 'access.passkey-refused',
    })
    const asked = await desk.call(desk.guest(), 'access.passkeyChallenge', {})
    await expect(desk.call(desk.guest(), 'access.signInWithPasskey', { challenge: asked.challenge, response })).rejects.toMatchObject({
      code: 'access.passkey-refused',
    })
  }
})
